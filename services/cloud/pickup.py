"""The pickup folder of outgoing mail: written by untrusted programs, emptied by us.

What lies there may be anything: a link to a file of ours, a pipe, a folder, a file that grows while it is read. So
nothing is followed, only regular files are read, and only as much of them as a letter may weigh.
"""

import os
import stat
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

LETTER_BYTES = 256 * 1024
"""A larger letter is dropped (common providers take 10-25 MB; ours have no attachments)."""
READY = "new"
"""The folder of finished letters, as in a maildir."""
SCANNED = 50_000
"""Entries that one look into the folder takes notice of."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass
class Taken:
    """What one look found."""

    letters: list[bytes] = field(default_factory=list[bytes])
    """In the order in which they were written."""
    dropped: int = 0
    """What was no letter, too large, or too much."""


def take(folder: Path, most: int) -> Taken:
    """Empty the folder: return up to `most` letters and remove everything else with them."""
    taken = Taken()
    try:
        above = os.open(folder, _FOLDER)
        try:
            ready = os.open(READY, _FOLDER, dir_fd=above)
        finally:
            os.close(above)
    except OSError:  # not there (yet), or no folder: then there are no letters
        return taken
    try:
        for _, name in sorted(_entries(ready)):
            letter = _read(ready, name) if len(taken.letters) < most else None
            if not _remove(ready, name):
                continue  # what cannot be removed would be taken again and again
            if letter is None:
                taken.dropped += 1
            else:
                taken.letters.append(letter)
    finally:
        os.close(ready)
    return taken


def _entries(folder: int) -> list[tuple[int, str]]:
    """Names with the times at which they were last written, by the kernel's clock."""
    found: list[tuple[int, str]] = []
    with os.scandir(folder) as entries:
        for entry in islice(entries, SCANNED):
            try:
                found.append((entry.stat(follow_symlinks=False).st_mtime_ns, entry.name))
            except OSError:
                continue
    return found


def _read(folder: int, name: str) -> bytes | None:
    try:
        descriptor = os.open(name, _FILE, dir_fd=folder)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LETTER_BYTES:
            return None
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(LETTER_BYTES + 1)
    finally:
        os.close(descriptor)
    return content if len(content) <= LETTER_BYTES else None


def _remove(folder: int, name: str) -> bool:
    try:
        os.unlink(name, dir_fd=folder)
    except OSError:
        try:
            os.rmdir(name, dir_fd=folder)
        except OSError:
            return False
    return True
