"""The way out of the sandbox: a folder in which the product leaves HTTP requests, and gets the answers back.

What lies there was written by the operator's code, so nothing of it is trusted: every step is taken relative to a
descriptor of our own folder, links are never followed, and what is not a small regular file with a request in it is
counted and dropped. Customers' receivers are simulated here: a request that gets so far has been delivered.
"""

import os
import re
import shutil
import stat
from collections import deque
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bus.messages.cloud import Deliveries, Delivery

MAX_FILE = 256 * 1024
MAX_FILES = 1_000
"""Requests of one drain; the rest waits for the next one."""
MAX_LISTED = 20_000
"""Names that are looked at in one drain."""
KEPT_BYTES = 64 << 20
"""Of deliveries that are remembered; the oldest are forgotten first."""
ANSWER_BYTES = 200_000
ANSWER_COUNT = 100
"""Of one answer to who asks for deliveries: it must fit into one message of the bus."""
DOWN = ".down.example"
"""Receivers with such a host are always out of order."""

_NAME = re.compile(r"[A-Za-z0-9-]{1,64}\.json")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class EgressRequest(BaseModel):
    """One file: an HTTP request to the outside."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
    url: Annotated[str, Field(pattern=r"^https?://[!-~]{1,2000}$")]
    method: Literal["POST"]
    headers: Annotated[dict[str, Annotated[str, Field(max_length=4_000)]], Field(max_length=40)]
    body: Annotated[str, Field(max_length=MAX_FILE)]


@dataclass
class Egress:
    """One world's way out. `folder` is shown inside as a place that instances and jobs can write."""

    folder: Path
    dropped: int = 0
    """What lay there and was no request."""
    _kept: deque[Delivery] = field(default_factory=deque[Delivery])
    _kept_bytes: int = 0
    _count: int = 0

    def make(self) -> None:
        """Make the folders."""
        for name in ("new", "done"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    def drain(self, now: datetime) -> int:
        """Deliver what was left there, and leave the answers; returns the number of requests."""
        with ExitStack() as stack:
            try:
                base = stack.enter_context(_opened(self.folder))
                new, done = (stack.enter_context(_opened(name, base)) for name in ("new", "done"))
            except OSError:  # the product has put something else in the place of its folders
                self.dropped += 1
                return 0
            with os.scandir(new) as entries:
                names = sorted(islice((entry.name for entry in entries if not entry.name.startswith(".")), MAX_LISTED))
            return sum(self._deliver(new, name, done, now) for name in names[:MAX_FILES])

    def deliveries(self, prefix: str, after: int) -> Deliveries:
        """What receivers with that prefix of their URL got after a position, as much as fits into one answer."""
        found: list[Delivery] = []
        size = 0
        for one in self._kept:
            if one.position <= after or not one.url.startswith(prefix):
                continue
            size += _size(one)
            if len(found) == ANSWER_COUNT or (found and size > ANSWER_BYTES):
                return Deliveries(deliveries=tuple(found), next=found[-1].position)
            found.append(one)
        return Deliveries(deliveries=tuple(found), next=max(after, self._count))

    def _deliver(self, new: int, name: str, done: int, now: datetime) -> bool:
        """Deliver and answer one file; what is no request is counted."""
        request = _taken(new, name)
        if request is None:
            self.dropped += 1
            return False
        self._answer(done, request, now)
        return True

    def _answer(self, done: int, request: EgressRequest, now: datetime) -> None:
        status = 503 if (urlsplit(request.url).hostname or "").endswith(DOWN) else 200
        self._count += 1
        kept = Delivery(
            position=self._count, url=request.url, headers=dict(request.headers), body=request.body, status=status
        )
        self._kept.append(kept)
        self._kept_bytes += _size(kept)
        while self._kept_bytes > KEPT_BYTES:
            self._kept_bytes -= _size(self._kept.popleft())
        with suppress(OSError):  # whoever made the answer impossible does without it
            _write(done, f"{request.id}.json", orjson.dumps({"status": status, "at": now.isoformat()}))


def _size(one: Delivery) -> int:
    return len(one.body) + len(one.url) + sum(len(name) + len(value) for name, value in one.headers.items())


@contextmanager
def _opened(name: str | Path, inside: int | None = None) -> Generator[int]:
    """A folder's descriptor. OSError if there is no folder of that name, or only a link to one."""
    descriptor = os.open(name, _FOLDER, dir_fd=inside)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _taken(folder: int, name: str) -> EgressRequest | None:
    """The request in a file, which is removed; None if it is none."""
    data = _read(folder, name)
    _remove(folder, name)
    if data is None or not _NAME.fullmatch(name):
        return None
    try:
        request = EgressRequest.model_validate_json(data)
        urlsplit(request.url)
    except (ValidationError, ValueError):
        return None
    return request if f"{request.id}.json" == name else None


def _read(folder: int, name: str) -> bytes | None:
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    with open(descriptor, "rb") as file:
        data = file.read(MAX_FILE + 1)
    return data if len(data) <= MAX_FILE else None


def _remove(folder: int, name: str) -> None:
    """Remove whatever has that name; links are removed, not followed."""
    try:
        os.unlink(name, dir_fd=folder)
    except IsADirectoryError:
        shutil.rmtree(name, ignore_errors=True, dir_fd=folder)
    except OSError:
        return


def _write(folder: int, name: str, data: bytes) -> None:
    """Put a file there, whole or not at all."""
    part = f".{name}.part"
    with suppress(FileNotFoundError):
        os.unlink(part, dir_fd=folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(part, flags, 0o644, dir_fd=folder), "wb") as file:
        file.write(data)
    os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)
