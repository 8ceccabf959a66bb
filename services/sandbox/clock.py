"""The simulated clock that libfaketime reads inside a sandbox: a link to one of some small files, replaced by rename."""

import os
from datetime import UTC, datetime
from pathlib import Path

PAGES = 16
"""Files that are written in turn: whoever has just opened one will have read it before it is written again."""


class SimulatedClockFile:
    """A folder with the link `now`; the folder is bound read-only inside, so a rename shows there at once.

    A fresh file renamed over the old one would do, but some file systems (ext4) then write it to the disk at once, which
    took up to two milliseconds each time.
    """

    def __init__(self, folder: Path, start: datetime) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        self._fresh, self._turn = folder / "next", 0
        self._fresh.unlink(missing_ok=True)
        for number in range(PAGES):
            page = folder / str(number)
            page.touch()
            page.chmod(0o644)
        self.set(start)

    def set(self, moment: datetime) -> None:
        """Set the time that programs inside see; `moment` is aware. It stands still until the next call."""
        text = (
            moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") + "\n"
        )  # always as long, so that nothing old remains
        self._turn = (self._turn + 1) % PAGES
        page = os.open(self.folder / str(self._turn), os.O_WRONLY)
        try:
            os.write(page, text.encode())
        finally:
            os.close(page)
        self._fresh.symlink_to(str(self._turn))
        self._fresh.rename(self.folder / "now")
