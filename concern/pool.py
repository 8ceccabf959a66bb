"""`concern pool`: businesses that stand ready to be played, all of them heard at one hub.

A trainer leases one by a connection to the pool's socket; the lease ends with the connection, however that ends, and the
world with it. Another of the next seed is built in its place. Nothing outlives the pool: worlds die with it.
"""

import secrets
import shutil
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import anyio
import structlog
import typer
from anyio.abc import ByteStream, TaskGroup

from bus.hub import Hub, Secrets, hub_server
from bus.ids import new_episode_id
from bus.loop import run
from bus.messages.cloud import Isolation
from bus.scenario import Scenario
from bus.transport.protocol import BusError
from concern.client.order import POOL_SOCKET, Order
from concern.client.process import NotStarted, WorldProcess, remove, start_world
from concern.supervisor import first_of

KEY = "hub.json"
"""In the pool's directory: a trainer's key to the hub, which hears every world's reward."""
UNWANTED_S = 7 * 24 * 3600.0
"""Real seconds that a world stands ready for somebody to lease it; the pool ends before."""
BUILDS = 2
"""Worlds that are built at the same time."""


@dataclass(frozen=True)
class Wishes:
    """What somebody asks of a pool."""

    scenario: Scenario
    worlds: int
    seed: int
    """Of the first world; the next have the next."""
    group: int
    """So many worlds in a row have the same seed."""
    isolation: Isolation
    root: Path


@dataclass
class Pool:
    """Keeps so many worlds: ready, or lent."""

    wishes: Wishes
    leaf: str
    start: Callable[..., Awaitable[WorldProcess]] = start_world
    _made: int = 0
    _alive: list[WorldProcess] = field(default_factory=list[WorldProcess])
    _ready: list[WorldProcess] = field(default_factory=list[WorldProcess])
    _changed: anyio.Event = field(default_factory=anyio.Event)
    _builds: anyio.Semaphore = field(default_factory=lambda: anyio.Semaphore(BUILDS))

    async def run(self, tasks: TaskGroup, open_now: Callable[[], None] = lambda: None) -> None:
        """Fill the pool and lend its worlds, for ever. Tells when leases can be asked for."""
        async with await anyio.create_unix_listener(self.wishes.root / POOL_SOCKET, mode=0o600) as listener:
            open_now()
            for _ in range(self.wishes.worlds):
                tasks.start_soon(self._build, tasks)
            await listener.serve(partial(self._lend, tasks=tasks))

    async def _build(self, tasks: TaskGroup) -> None:
        """One world more, of the next seed. If none can be built the pool ends: the next could not be, either."""
        seed = self.wishes.seed + self._made // self.wishes.group
        self._made += 1
        episode = new_episode_id()
        order = Order(
            root=self.wishes.root / "worlds" / episode, episode=episode, scenario=self.wishes.scenario, seed=seed,
            isolation=self.wishes.isolation, orphan_s=UNWANTED_S, leaf=self.leaf,
        )  # fmt: skip
        async with self._builds:
            world = await self.start(order, with_us=True)
        self._alive.append(world)
        self._ready.append(world)
        self._tell()
        tasks.start_soon(self._notice_death, world, tasks)

    async def _notice_death(self, world: WorldProcess, tasks: TaskGroup) -> None:
        """A world that dies before anybody has leased it is replaced."""
        await world.process.wait()
        if world in self._ready:
            self._ready.remove(world)
            structlog.get_logger().warning("a world died while it stood ready", root=str(world.root))
            await self._end(world, tasks)

    async def _lend(self, stream: ByteStream, tasks: TaskGroup) -> None:
        """One lease: a world, when there is one, for as long as the connection stands."""
        async with stream:
            with suppress(anyio.BrokenResourceError, anyio.EndOfStream, anyio.ClosedResourceError):
                world = await self._next(stream)
                if world is None:
                    return
                try:
                    await stream.send(f"{world.root}\n".encode())
                    await stream.receive()  # a lease says nothing: this returns when it is over
                finally:
                    with anyio.CancelScope(shield=True):
                        await self._end(world, tasks)

    async def _next(self, stream: ByteStream) -> WorldProcess | None:
        """The oldest world that stands ready; None if whoever waits for it hangs up before."""
        found: WorldProcess | None = None

        async def leave() -> None:
            with suppress(anyio.BrokenResourceError, anyio.EndOfStream, anyio.ClosedResourceError):
                await stream.receive()
            waiting.cancel_scope.cancel()

        async with anyio.create_task_group() as waiting:
            waiting.start_soon(leave)
            while not self._ready:
                changed = self._changed
                await changed.wait()
            found = self._ready.pop(0)
            waiting.cancel_scope.cancel()
        return found

    async def _end(self, world: WorldProcess, tasks: TaskGroup) -> None:
        """A lease is over: the world ends, nothing of it stays, and another takes its place."""
        world.kill()
        await world.ended()
        await remove(world.root)
        self._alive.remove(world)
        tasks.start_soon(self._build, tasks)

    async def end_all(self) -> None:
        """End whatever lives, ready or lent."""
        for world in self._alive:
            world.kill()
        for world in self._alive:
            await world.ended()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()


def run_pool(wishes: Wishes) -> int:
    """Run a pool until somebody stops it; returns the exit status."""
    try:
        wishes.root.mkdir(parents=True)
    except FileExistsError:
        typer.echo(f"concern: {wishes.root} is there already; say a new directory with --out", err=True)
        return 2
    try:
        run(_run(wishes))
    except ExceptionGroup as group:
        error = first_of(group)
        if not isinstance(error, (NotStarted, BusError)):
            raise
        typer.echo(f"concern: {error}", err=True)
        return 1
    finally:
        shutil.rmtree(wishes.root)
    return 0


async def _run(wishes: Wishes) -> None:
    passwords = Secrets(secrets.token_hex(16), secrets.token_hex(16))
    async with hub_server(passwords, wishes.root / "hub") as hub:
        pool = Pool(wishes, hub.leaf.url)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_until_stopped, tasks.cancel_scope)
                await pool.run(tasks, partial(_tell_where, wishes, hub))
        finally:
            with anyio.CancelScope(shield=True):
                await pool.end_all()


async def _until_stopped(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        await anext(signals)
        scope.cancel()


def _tell_where(wishes: Wishes, hub: Hub) -> None:
    hub.trainer.write(wishes.root / KEY)
    typer.echo(
        f"pool {wishes.root}: {wishes.worlds} worlds; lease by Episode.lease; rewards at {hub.server.url}, key {KEY}"
    )
