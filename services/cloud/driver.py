"""What the cloud needs of whatever runs the product: processes in sandboxes here, containers in another driver."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.cloud.egress import Egress
from services.cloud.infra import App, Health
from services.cloud.pickup import Taken
from services.cloud.release import Release


@dataclass(frozen=True)
class Ended:
    """How a one-off process ended, as its exit status tells; `detail` is the end of its output."""

    code: int
    detail: str


class Running(Protocol):
    """One running instance, healthy when it is handed out."""

    @property
    def id(self) -> str: ...

    @property
    def release(self) -> str: ...

    @property
    def address(self) -> str:
        """Path to connect to: a unix socket that the product cannot exchange for another one."""
        ...

    @property
    def alive(self) -> bool: ...

    async def ended(self) -> int:
        """Wait for its end. One waiter only."""
        ...

    async def stop(self, *, grace_s: float) -> None:
        """SIGTERM, up to `grace_s` of wall time, SIGKILL; nothing of it remains. Call it once, also after its end."""
        ...

    def cpu_ns(self) -> int:
        """CPU used so far by all its processes, measured outside, in nanoseconds."""
        ...

    def rss_bytes(self) -> int:
        """Private memory of all its processes, measured outside."""
        ...

    def pin(self, processor: int) -> None:
        """Let all its processes run on one processor only."""
        ...


class Driver(Protocol):
    """Runs the product of one world. Failures of the product are `ProductError`, of the sandbox `SandboxError`."""

    @property
    def egress(self) -> Egress:
        """Where the product's requests to the outside are picked up."""
        ...

    async def resolve(self, ref: str) -> str:
        """The commit that a git ref names. ProductError("build") if there is none."""
        ...

    async def build(self, ref: str) -> Release:
        """The release of a git ref of the operator's repository."""
        ...

    async def show(self, ref: str, path: str) -> bytes | None:
        """A small file at a ref, or None."""
        ...

    async def start(self, name: str, release: str, app: App, health: Health) -> Running:
        """Start an instance and wait until it answers its health path."""
        ...

    async def run(
        self, name: str, release: str, argv: Sequence[str], app: App, *, place: str = "", loaded: bool = False
    ) -> Ended:
        """Run a one-off process of the product (a migration, a job) to its end, in a `place` with data of its own.

        `loaded`: it may be forked from a process that has the product's `jobs` module loaded.
        """
        ...

    async def sql(self, statement: str) -> str:
        """One statement in the database console, as a text table."""
        ...

    async def copy_data(self, name: str) -> int:
        """Make a consistent copy of database and uploads under a new name; its size in bytes."""
        ...

    async def restore_data(self, name: str) -> None:
        """Put such a copy in place of the data; no instance may run."""
        ...

    def take_mail(self, most: int) -> Taken:
        """Empty the pickup folder of outgoing mail: at most so many letters, what is more is dropped."""
        ...

    def data_bytes(self) -> int:
        """Size of database and uploads."""
        ...

    def log_tail(self, name: str, max_bytes: int) -> str:
        """The end of what an instance or job printed."""
        ...

    def set_clock(self, moment: datetime) -> None:
        """What time it is for the product."""
        ...

    def set_secrets(self, secrets: Mapping[str, str]) -> None:
        """What stands in the environment of every process that is started from now on, unless the product sets it."""
        ...
