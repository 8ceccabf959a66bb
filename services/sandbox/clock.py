"""The simulated clock that libfaketime reads inside a sandbox: one small file, replaced by rename."""

from datetime import UTC, datetime
from pathlib import Path


class SimulatedClockFile:
    """A folder with the file `now`; the folder is bound read-only inside, so a rename shows there at once."""

    def __init__(self, folder: Path, start: datetime) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        self.set(start)

    def set(self, moment: datetime) -> None:
        """Set the time that programs inside see; `moment` is aware. It stands still until the next call."""
        text = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        fresh = self.folder / "next"
        fresh.write_text(text + "\n")
        fresh.chmod(0o644)
        fresh.rename(self.folder / "now")
