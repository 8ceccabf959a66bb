"""Where the cloud keeps its things, below `<world>/cloud`, and the lock that admits one supervisor."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from services.sandbox.errors import SandboxError


@dataclass(frozen=True)
class Layout:
    """Folders of one world's cloud. `app`, `run`, `data`, `mail`, `log` and `egress` are shown inside
    under `/srv`."""

    root: Path
    workspace: Path
    """The operator's repository; only ever read from inside a sandbox."""
    releases_of: Path | None = None
    """The folder of unpacked releases, if it is another layout's."""

    @property
    def state(self) -> Path:
        return self.root / "state"

    @property
    def clock(self) -> Path:
        return self.root / "clock"

    @property
    def releases(self) -> Path:
        return self.releases_of or self.root / "releases"

    @property
    def run(self) -> Path:
        """Sockets of instances."""
        return self.root / "run"

    @property
    def data(self) -> Path:
        """The product's database file and uploads."""
        return self.root / "data"

    @property
    def mail(self) -> Path:
        """Where the product leaves its outgoing mail, and we pick it up."""
        return self.root / "mail"

    @property
    def log(self) -> Path:
        """What instances print."""
        return self.root / "log"

    @property
    def egress(self) -> Path:
        """Requests of the product to the outside, and their answers."""
        return self.root / "egress"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    def make(self) -> None:
        """Make what is missing."""
        lasting = (self.state, self.releases, self.run, self.data, self.mail, self.log, self.egress, self.backups)
        for folder in lasting:
            folder.mkdir(parents=True, exist_ok=True)


class RunLock:
    """Held for as long as a cloud works in a folder; the kernel frees it when its holder dies."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            raise SandboxError(f"another cloud already runs in {folder}: stop it, or use another directory") from None

    def release(self) -> None:
        """Let go."""
        os.close(self._descriptor)
