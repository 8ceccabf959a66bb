"""The running instances: started, switched, restarted and stopped, with the edge told at the right moment."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

import anyio
import anyio.abc

from bus.messages.cloud import InstanceChanged
from services.cloud.driver import Driver, Running
from services.cloud.edge.edge import Edge
from services.cloud.edge.upstream import Upstream
from services.cloud.errors import ProductError
from services.cloud.infra import App, Health, Size

DRAIN_SECONDS = 75.0
"""Generous cap in wall time on requests in flight at a drained instance; longer than one response may take."""
GRACE_SECONDS = 10.0
"""Wall time between SIGTERM and SIGKILL."""
END_SECONDS = 5.0
"""Generous cap in wall time on the end of an instance whose socket is closed already."""


@dataclass(frozen=True)
class Software:
    """What to run: a release, and how its own `deploy/infra.toml` says to start it."""

    release: str
    commit: str
    app: App
    health: Health
    migrate: tuple[str, ...] | None


@dataclass
class Member:
    """One instance of the fleet."""

    name: str
    software: Software
    size: Size
    running: Running | None
    upstream: Upstream | None
    restarts: int = 0
    ended: anyio.Event = field(default_factory=anyio.Event)
    """Set when it has ended by itself; `told_crashes` tells of it."""
    served: dict[str, float] = field(default_factory=dict[str, float])
    """Requests of the whole population since it started, by kind."""

    @property
    def up(self) -> bool:
        """Whether it serves."""
        return self.running is not None and not self.ended.is_set()


Killed = Literal["crashed", "out_of_memory"]
Tell = Callable[[InstanceChanged], Awaitable[object]]


class Fleet:
    """All instances of one world. `group` holds the tasks that wait for their ends."""

    def __init__(self, driver: Driver, edge: Edge, group: anyio.abc.TaskGroup, tell: Tell, first: int = 0) -> None:
        self.driver = driver
        self.edge = edge
        self.members: list[Member] = []
        self.named = first
        """How many names have been given; names are never used twice."""
        self._group = group
        self._tell = tell

    async def start(self, software: Software, size: Size) -> Member:
        """A new healthy member that serves nothing yet. ProductError if it does not come up."""
        self.named += 1
        name = f"i_{self.named:04d}"
        await self._say(name, software, size, "starting")
        try:
            running = await self.driver.start(name, software.release, software.app, software.health)
        except ProductError:
            await self._say(name, software, size, "stopped")
            raise
        member = Member(name, software, size, running, None)
        self._group.start_soon(self._watch, member, running)
        return member

    async def serve(self, member: Member) -> None:
        """Send it requests from now on."""
        assert member.running is not None
        member.upstream = Upstream(member.name, member.running.address)
        self.edge.add(member.upstream)
        self.members.append(member)
        await self._say(member.name, member.software, member.size, "ready")

    async def retire(self, member: Member, *, told: bool = True) -> None:
        """Drain and stop."""
        self.members = [one for one in self.members if one is not member]
        if told and member.up:
            await self._say(member.name, member.software, member.size, "draining")
        await self._halt(member)
        if told:
            await self._say(member.name, member.software, member.size, "stopped")

    async def replace(self, software: Software, size: Size, count: int) -> None:
        """Switch to `count` new members without a gap: all are healthy before the first old one goes.

        ProductError leaves everything as it was.
        """
        fresh: list[Member] = []
        try:
            for _ in range(count):
                fresh.append(await self.start(software, size))  # noqa: PERF401 (what was started must be known when one fails)
        except ProductError:
            for member in fresh:
                await self.retire(member)
            raise
        old = list(self.members)
        for position in range(max(len(fresh), len(old))):
            if position < len(fresh):
                await self.serve(fresh[position])
            if position < len(old):
                await self.retire(old[position])

    async def revive(self, member: Member) -> None:
        """Start a crashed or killed member's process again under its name. ProductError if it does not come up."""
        await self._halt(member)
        member.ended = anyio.Event()
        member.restarts += 1
        member.served = {}
        software = member.software
        running = await self.driver.start(member.name, software.release, software.app, software.health)
        member.running = running
        member.upstream = Upstream(member.name, running.address)
        self._group.start_soon(self._watch, member, running)
        self.edge.add(member.upstream)
        await self._say(member.name, software, member.size, "ready")

    async def halt_all(self) -> None:
        """Stop every process; the members stay, to be revived."""
        for member in self.members:
            await self._halt(member)

    async def kill(self, member: Member, state: Killed) -> None:
        """End a member's process at once, as a kernel out of memory or the loss of a machine does."""
        await self._halt(member, grace=0.0)
        await self._say(member.name, member.software, member.size, state)

    async def told_crashes(self) -> list[Member]:
        """Tell of members that ended by themselves since the last call, in the order of their names."""
        for member in self.members:
            await self._notice(member)
        crashed = sorted((one for one in self.members if one.ended.is_set() and one.running), key=lambda one: one.name)
        for member in crashed:
            await self._halt(member)
            await self._say(member.name, member.software, member.size, "crashed")
        return crashed

    async def _halt(self, member: Member, *, grace: float = GRACE_SECONDS) -> None:
        if member.upstream is not None:
            await self.edge.drain(member.upstream, seconds=DRAIN_SECONDS if member.up and grace else 0.0)
            member.upstream = None
        if member.running is not None:
            running, member.running = member.running, None
            await running.stop(grace_s=grace)

    async def _notice(self, member: Member) -> None:
        """See the end of a member that broke off an exchange: the kernel closes its sockets first, in no order, and tells
        of its end later, and in which tick a crash counts must not hang on how much later."""
        upstream, running = member.upstream, member.running
        if upstream is None or running is None or not upstream.broke_off:
            return
        upstream.broke_off = False
        if not running.alive or not await upstream.listens():
            with anyio.move_on_after(END_SECONDS):
                await member.ended.wait()

    async def _watch(self, member: Member, running: Running) -> None:
        await running.ended()
        if member.running is running:
            member.ended.set()
            if member.upstream is not None:
                await self.edge.drain(member.upstream, seconds=0.0)

    async def _say(self, name: str, software: Software, size: Size, state: str) -> None:
        change = {"instance": name, "release": software.release, "size": size, "state": state}
        await self._tell(InstanceChanged.model_validate(change))
