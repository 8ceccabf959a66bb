"""Plays world and cloud for the users' and attackers' services, with the real edge and the real product in a process."""

import os
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import anyio

from agents.attackers.service import service as attackers
from agents.users.journeys import Journey, Outcome
from agents.users.market import Market
from agents.users.products import product_named
from agents.users.service import service as users
from agents.users.sessions import Assignment, Bench
from agents.web.wire import Door
from bus import codec
from bus.chance import Chance
from bus.context import Context, open_context
from bus.ids import parse_episode_id
from bus.messages.base import Done, Event
from bus.messages.clock import Control, Phase, Ready, StageDone, Tick
from bus.messages.cloud import AskDeliveries, Deliveries, Delivery, EdgeOpened, Mailbox, ReadMailbox
from bus.scenario import Scenario
from bus.service import Service
from bus.simtime import HOUR, SimTime
from bus.transport.memory import MemoryBroker, MemoryTransport
from bus.world import World, WorldFile, save_world
from services.cloud.edge.access import AccessLog
from services.cloud.edge.edge import Edge
from services.cloud.edge.upstream import Upstream
from services.cloud.egress import Egress
from services.cloud.mail import Relay
from services.cloud.pickup import take

PRODUCTS = Path(__file__).parents[2] / "saas_clone"
EPISODE = parse_episode_id("e_aaaaaaaaaaaa")
SEED = 5
JOBS = {"tracker": ("webhooks", "recurring"), "invoicing": ()}
"""What the platform runs every hour or more often, by product."""
JOBS_EVERY = 6
"""Hours: what the platform does more often is here done as late as people accept it."""


def environment(product: str, folder: Path) -> dict[str, str]:
    (folder / "data").mkdir(exist_ok=True)
    settings = {
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/app.db",
        "DATA": str(folder / "data"),
        "SECRET": "for tests only",
        "SOCKET": str(folder / "s"),
        "ARGON2_COST": "1,8,1",
    }
    own = {f"{product.upper()}_{name}": value for name, value in settings.items()}
    return {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **own}


def run_product(product: str, folder: Path, *words: str, given: bytes = b"", tree: Path | None = None) -> None:
    """Run one of the product's commands to its end, from a tree that may be planted."""
    done = subprocess.run(
        [sys.executable, "-m", product, *words],
        cwd=tree or PRODUCTS / product,
        env=environment(product, folder),
        input=given,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()


class serving:  # noqa: N801 (reads like a function)
    """The product in a process of its own, from a tree that may be planted; ready when it says so."""

    def __init__(self, product: str, folder: Path, tree: Path | None = None) -> None:
        self.product, self.folder, self.tree = product, folder, tree or PRODUCTS / product

    def __enter__(self) -> Path:
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.product, "serve"],
            cwd=self.tree,
            env=environment(self.product, self.folder),
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if '"listening"' in line:
                threading.Thread(target=self.process.stderr.read, daemon=True).start()  # or its log would block it
                return self.folder / "s"
        raise AssertionError("the product ended before it listened")

    def __exit__(self, *exc: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)
        assert self.process.stderr is not None
        self.process.stderr.close()


@dataclass
class Driver:
    """Plays the world and the cloud: opens the stages of users and attackers, hour by hour."""

    broker: MemoryBroker
    world: World
    tree: Path | None = None
    """The product's, where it is planted."""
    done: dict[tuple[str, int], anyio.Event] = field(default_factory=dict)
    ready: dict[str, anyio.Event] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)

    async def run(self, product: Path, hours: int) -> list[Event]:
        """Let some hours pass; returns all that users and attackers said."""
        edge = Edge(AccessLog(self.world.root / "access.log"), lambda: SimTime(0))
        edge.add(Upstream("i1", str(product)))
        self.folder = product.parent
        self.egress = Egress(self.folder / "egress")
        self.egress.make()
        socket = self.world.root / "edge"
        self.relay = Relay(partial(take, product.parent / "mail"))
        async with edge.listening(socket):
            return await self._run(socket, hours)

    def _run_jobs(self) -> None:
        product = self.world.scenario.world.product
        for job in JOBS[product]:
            run_product(product, self.folder, "job", job, tree=self.tree)

    async def _run(self, socket: Path, hours: int) -> list[Event]:
        names = (users.name, attackers.name)
        self.ready = {name: anyio.Event() for name in names}
        self.done = {(name, tick): anyio.Event() for name in names for tick in range(hours)}
        async with self._contexts() as (clock, cloud), anyio.create_task_group() as tasks:
            tasks.start_soon(clock.serve, {Ready: self._on_ready, StageDone: self._on_done})
            for one in (users, attackers):
                await tasks.start(self._host, one)
            handlers = {ReadMailbox: self._on_mailbox, AskDeliveries: self._on_ask}
            tasks.start_soon(cloud.serve, handlers)
            await cloud.say(EdgeOpened(socket=os.path.relpath(socket, self.world.root), isolation="none"))
            self.known["cloud"] = 1
            for tick in range(hours):
                if tick % JOBS_EVERY == 0:
                    await anyio.to_thread.run_sync(self._run_jobs)
                    self.egress.drain(self.world.scenario.world.start)
                await clock.say(Tick(tick=tick, of=hours), at=SimTime(tick * HOUR))
                for stage, name in enumerate(names):
                    await clock.say(
                        Phase(
                            tick=tick, stage=stage, phase="traffic", participants=(name,), watermarks=dict(self.known)
                        ),
                        at=SimTime(tick * HOUR),
                    )
                    await self.done[name, tick].wait()
            await clock.say(Control(state="ended", outcome="truncated"), at=SimTime(hours * HOUR))
            await self.ended.wait()
            tasks.cancel_scope.cancel()
        return [
            codec.decode_event(letter.data).event
            for family in ("users", "attackers")
            for letter in self.broker.streams[family]
        ]

    @asynccontextmanager
    async def _contexts(self) -> AsyncGenerator[tuple[Context, Context]]:
        clock = Service("world", users.run, (Tick, Phase, Control), serves=(Ready, StageDone), participant=False)
        cloud = Service("cloud", users.run, (EdgeOpened,), serves=(ReadMailbox, AskDeliveries), participant=False)
        async with (
            open_context(clock, self.world, MemoryTransport(self.broker, "world")) as first,
            open_context(cloud, self.world, MemoryTransport(self.broker, "cloud")) as second,
        ):
            yield first, second

    async def _host(self, service: Service, *, task_status: Any) -> None:
        transport = MemoryTransport(self.broker, service.name)
        async with open_context(service, self.world, transport) as ctx:
            await service.run(ctx, task_status=task_status)
        self.left += 1
        if self.left == 2:
            self.ended.set()

    async def _on_ask(self, head: object, command: AskDeliveries) -> Deliveries:
        return self.egress.deliveries(command.prefix, command.after)

    async def _on_ready(self, head: object, command: Ready) -> Done:
        self.ready[command.participant].set()
        return Done()

    async def _on_mailbox(self, head: object, command: ReadMailbox) -> Mailbox:
        self.relay.collect(SimTime(0))
        return self.relay.mailboxes.since(command.address, command.since)

    async def _on_done(self, head: object, command: StageDone) -> Done:
        for family, seq in command.known.items():
            self.known[family] = max(seq, self.known.get(family, 0))
        self.done[command.participant, command.tick].set()
        return Done()

    def __post_init__(self) -> None:
        self.ended = anyio.Event()
        self.left = 0


async def lived(
    scenario: Scenario, root: Path, socket: Path, hours: int, in_flight: int = 8, tree: Path | None = None
) -> list[Event]:
    section = scenario.users.model_copy(update={"in_flight": in_flight})
    file = WorldFile(
        episode=EPISODE,
        seed=SEED,
        scenario=scenario.model_copy(update={"users": section}),
        operator="noop",
        isolation="none",
        planted=(),
    )
    return await Driver(MemoryBroker(), save_world(file, root), tree).run(socket, hours)


async def walked(
    scenario: Scenario,
    socket: Path,
    journeys: Sequence[Journey],
    relay: Relay,
    hours: int = 3,
    in_flight: int = 4,
    seed: int = SEED,
    customers: int | None = None,
) -> list[Outcome]:
    """Executed customers (all by default) that have more than one person do each journey, hour after hour."""
    product = product_named("tracker")
    market = Market(scenario, Chance(SEED), product)
    accounts = [account for account in market.accounts.values() if account.seats >= 3][:customers]
    assert accounts

    async def received(prefix: str) -> list[Delivery]:
        raise AssertionError("none of these journeys has a receiver")

    async def post(address: str, since: int) -> Mailbox:
        relay.collect(SimTime(0))
        return relay.mailboxes.since(address, since)

    door = Door(socket=socket)
    bench = Bench(door, product, scenario.world.start, Chance(seed), in_flight, 0.0, post, received)
    outcomes: list[Outcome] = []
    try:
        for hour in range(hours):
            assignments = [
                Assignment(account, ordinal, journey)
                for account in accounts
                for ordinal, journey in enumerate(journeys)
            ]
            outcomes += await bench.run(assignments, SimTime(hour * HOUR), market.tags)
    finally:
        await door.close()
    return outcomes
