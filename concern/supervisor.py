"""The embedded host: a broker as child process and every service and agent in one event loop; shards of the
users, if there are any, in processes of their own. A world that nobody listens to does without a broker."""

import os
import secrets
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from subprocess import DEVNULL
from typing import cast as typed

import anyio
import orjson
import structlog

from bus.context import Context, EpisodeOver, open_context
from bus.credentials import Credentials, credentials
from bus.host import SHARD_VARIABLE, WORLD_VARIABLE
from bus.messages.clock import Control, Void
from bus.permissions import Grants, grants
from bus.server import Leaf, nats_server
from bus.service import Service
from bus.transport.memory import MemoryBroker, MemoryTransport
from bus.transport.nats import NatsTransport
from bus.transport.protocol import BusError, Transport
from bus.transport.streams import create_streams
from bus.world import World
from concern import cast
from concern.verify import seal_run
from services.scorer.service import say_voided
from services.scorer.service import service as scorer
from tui.remote import Remote
from tui.state import Business
from tui.viewer import viewer

FAREWELL_S = 60.0
"""Real seconds that services get to close after the world has ended the episode."""
VOID_WITHIN_S = 20.0
READERS_GRACE_S = 0.5
"""Real seconds that the broker stays after the last word, so that trainers elsewhere can fetch it."""

LOG = "log.jsonl"
"""In the run's directory: the logs of all its processes."""

Watcher = Callable[[Context, Remote], Awaitable[Business]]
"""Something that follows the world beside it, such as the screen, and may move its clock; returns the business as it
last saw it."""


async def readers_grace() -> None:
    """How long the broker stays if nobody says otherwise."""
    await anyio.sleep(READERS_GRACE_S)  # noqa: TID251 (distant readers cannot tell us that they have read)


class Interrupted(Exception):
    """Somebody asked twice to stop: nothing more is waited for."""


@dataclass(frozen=True)
class Ended:
    """How an episode ended."""

    control: Control
    """The world's last word, or ours where the world itself died."""
    failures: tuple[str, ...]
    """What died, and of what; empty for a good end."""
    business: Business
    """As the watcher last saw it."""


@dataclass
class Supervisor:
    """Hosts one world in this process."""

    world: World
    passwords: Mapping[str, str]
    granted: Grants
    failures: list[str] = field(default_factory=list[str])
    farewell: Callable[[], Awaitable[None]] = readers_grace
    """After the last word, the broker stays until this returns."""
    leaf: Leaf | None = None
    """The hub that the broker joins, if any."""
    within: MemoryBroker | None = None
    """What carries everything within this process, instead of a broker: no trainer and no viewer hears anything."""
    _keys: dict[str, Credentials] = field(default_factory=dict[str, Credentials])
    _world_ended: anyio.Event = field(default_factory=anyio.Event)
    _left: set[str] = field(default_factory=set[str])
    _all_left: anyio.Event = field(default_factory=anyio.Event)
    _watched: anyio.Event = field(default_factory=anyio.Event)
    _business: Business = field(default_factory=Business)

    async def run(self, services: Sequence[Service], watcher: Watcher, apart: Sequence[Service] = ()) -> Ended:
        """Run the world to its end with a watcher beside it; returns when both are through.

        `services` live in this process, those `apart` in one of their own each, which needs a broker.
        """
        async with self._bus() as died:
            async with self._context(cast.SUPERVISOR) as own, anyio.create_task_group() as tasks:
                tasks.start_soon(self._notice_broker_death, died, tasks.cancel_scope)
                tasks.start_soon(self._watch, watcher, own)
                tasks.start_soon(self._heed_signals, own)
                await self._host_all(services, apart, own)
                if not self._settled(own):
                    await self._speak_for_the_dead(self._last_word(own))
                with anyio.move_on_after(None if self._settled(own) else FAREWELL_S):
                    await self._watched.wait()
                await self.farewell()
                tasks.cancel_scope.cancel()
        seal_run(self.world.root)
        return Ended(self._last_word(own), tuple(self.failures), self._business)

    @asynccontextmanager
    async def _bus(self) -> AsyncGenerator[Callable[[], Awaitable[None]]]:
        """The bus for as long as the world runs, and what waits for its death."""
        if self.within is not None:
            yield anyio.sleep_forever  # it lives as long as we do
            return
        async with nats_server(self.granted, self.passwords, self.world.directory("nats"), leaf=self.leaf) as server:
            self._keys = credentials(self.granted, self.passwords, server.url)
            await create_streams(self._keys["admin"], self.granted)
            self._write_keys()
            yield server.died

    @asynccontextmanager
    async def _context(self, service: Service) -> AsyncGenerator[Context]:
        async with self._transport(service.name) as transport, open_context(service, self.world, transport) as context:
            yield context

    @asynccontextmanager
    async def _transport(self, role: str) -> AsyncGenerator[Transport]:
        if self.within is not None:
            yield MemoryTransport(self.within, role)
            return
        async with NatsTransport.connect(self._keys[role]) as transport:
            yield transport

    async def _host_all(self, services: Sequence[Service], apart: Sequence[Service], own: Context) -> None:
        self._left = {service.name for service in (*services, *apart)}
        async with anyio.create_task_group() as hosts:
            for service in services:
                hosts.start_soon(self._host, service.name, partial(self._live_here, service), own, name=service.name)
            for service in apart:
                hosts.start_soon(self._host, service.name, partial(self._live_apart, service), own, name=service.name)
            await self._world_ended.wait()
            with anyio.move_on_after(FAREWELL_S):
                await self._all_left.wait()
            if self._left:
                self.failures.append(f"did not close within {FAREWELL_S:g} s: {', '.join(sorted(self._left))}")
            hosts.cancel_scope.cancel()

    async def _live_here(self, service: Service) -> None:
        async with self._context(service) as context:
            await service.run(context)

    async def _live_apart(self, service: Service) -> None:
        """A shard of the users in a process of its own; `BusError` if it ends badly."""
        self._keys[service.name].write(self.world.directory("credentials") / f"{service.name}.json")
        told = {WORLD_VARIABLE: str(self.world.root), SHARD_VARIABLE: service.name.rsplit("_", 1)[-1]}
        argv = [sys.executable, "-m", "agents", "shard"]
        with (self.world.root / LOG).open("ab") as log:
            async with await anyio.open_process(
                argv, env=os.environ | told, stdin=DEVNULL, stdout=log, stderr=log, start_new_session=True
            ) as process:
                status = await process.wait()
        if status:
            raise BusError(f"its process ended with status {status}; see {LOG}")

    async def _host(self, name: str, live: Callable[[], Awaitable[None]], own: Context) -> None:
        try:
            await live()
        except* EpisodeOver:
            pass
        except* Exception as group:  # the boundary of a service: its death voids the episode, and is named
            await self._died(name, group, own)
        finally:
            self._left.discard(name)
            if name == "world":
                self._world_ended.set()
            if not self._left:
                self._all_left.set()

    async def _died(self, name: str, group: ExceptionGroup[Exception], own: Context) -> None:
        error = first_of(group)
        reason = f"{name}: {type(error).__name__}: {error}"
        self.failures.append(reason)
        structlog.get_logger().error("service died", service=name, exc_info=group)
        if self._world_ended.is_set() or name == "world":
            return
        try:
            await own.ask(Void(failure_kind="service_died", reason=reason), deadline_s=VOID_WITHIN_S)
        except (BusError, EpisodeOver):
            self._world_ended.set()

    async def _speak_for_the_dead(self, last: Control) -> None:
        """Trainers must hear that an episode is void, even if the world or the scorer died; said once at most."""
        with anyio.move_on_after(VOID_WITHIN_S):
            async with self._context(scorer) as context:
                await say_voided(context, last.failure_kind or "service_died", last.reason)

    async def _notice_broker_death(self, died: Callable[[], Awaitable[None]], scope: anyio.CancelScope) -> None:
        try:
            await died()
        except BusError as error:
            self.failures.append(str(error))
            scope.cancel()

    async def _heed_signals(self, own: Context) -> None:
        """Ctrl-C and the like end the episode with a word; a second one does not wait for it."""
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            number = await anext(signals)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._stop, own, f"interrupted by {number.name}")
                number = await anext(signals)
                raise Interrupted(f"interrupted by {number.name}")

    async def _stop(self, own: Context, reason: str) -> None:
        with suppress(EpisodeOver, BusError):
            await own.ask(Void(failure_kind="stopped", reason=reason), deadline_s=VOID_WITHIN_S)

    async def _watch(self, watcher: Watcher, own: Context) -> None:
        async with self._context(viewer) as context:
            self._business = await watcher(context, own.ask)
        self._watched.set()
        if own.control is None and not self._business.over:
            await self._stop(own, "whoever watched it left")

    @staticmethod
    def _settled(own: Context) -> bool:
        """Whether trainers were told the end by the scorer, so that every watcher will see it."""
        return own.control is not None and own.control.outcome != "voided"

    def _last_word(self, own: Context) -> Control:
        if own.control is not None:
            return own.control
        reason = self.failures[0] if self.failures else "the world ended without a word"
        return Control(state="ended", outcome="voided", failure_kind="service_died", reason=reason)

    def _write_keys(self) -> None:
        """Where trainers and viewers connect, in the world's directory: accounts that can only read.

        A foreign operator's key is there, too, for `concern serve` and for the episode client.
        """
        roles = ("viewer", "operator") if self.world.file.operator in cast.FOREIGN else ("viewer",)
        for role in roles:
            self._keys[role].write(self.world.directory("credentials") / f"{role}.json")
        file = self._keys["trainer"].model_dump() | {"episode": self.world.episode}
        path = self.world.root / "trainer.json"
        path.touch(mode=0o600)
        path.write_bytes(orjson.dumps(file, option=orjson.OPT_INDENT_2))


def first_of(error: BaseException) -> BaseException:
    """The first real exception in nested groups."""
    while isinstance(error, BaseExceptionGroup):
        error = typed("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error


def supervisor(world: World, *, alone: bool = False) -> Supervisor:
    """A supervisor with fresh passwords for every role; `alone`: without a broker, so that nobody else can listen."""
    granted = grants(cast.everybody(world), world.episode)
    passwords = {role.name: secrets.token_hex(16) for role in granted.roles}
    return Supervisor(world, passwords, granted, within=MemoryBroker() if alone else None)
