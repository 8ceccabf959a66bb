"""The attackers' service: hears what came round, and tries its luck over the same edge as everybody."""

from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskStatus

from agents.attackers.cast import Guesser, Reader, attacks, guessers, next_target, readers
from agents.attackers.guessing import Taken, guess
from agents.attackers.reading import read_foreign
from agents.users.population.draw import draw
from agents.users.products import product_named
from agents.web.wire import Door
from bus.context import Context, Step
from bus.messages.attackers import AttemptEnded
from bus.messages.cloud import EdgeOpened
from bus.messages.users import LinkShared
from bus.service import Service
from bus.simtime import MINUTE, SimTime
from bus.transport.protocol import BusError

MOST_LINKS = 400
"""Shared addresses that are kept in mind; the oldest go first."""


@dataclass
class Underworld:
    """What the attackers of one world know."""

    ctx: Context
    door: Door | None = None
    links: list[LinkShared] = field(default_factory=list[LinkShared])
    taken: Taken = field(default_factory=lambda: Taken(set()))
    tried: dict[str, int] = field(default_factory=dict[str, int])
    """Accounts tried so far, by guesser."""

    def __post_init__(self) -> None:
        world = self.ctx.world
        self.product = product_named(world.scenario.world.product)
        self.population = draw(world.scenario, world.chance)
        self.guessers = guessers(world.scenario, world.chance)
        self.readers = readers(world.scenario, world.chance)

    def hear(self, step: Step) -> None:
        """Where the edge is, and which addresses came round."""
        for delivered in step.messages:
            event = delivered.event
            if isinstance(event, EdgeOpened):
                world = self.ctx.world
                self.door = (
                    Door(socket=world.root / event.socket) if event.socket else Door(host=event.host, port=event.port)
                )
            elif isinstance(event, LinkShared):
                self.links = [*self.links, event][-MOST_LINKS:]

    async def act(self, step: Step) -> None:
        """All attempts of one hour, one after the other."""
        if self.door is None:
            raise BusError(
                "the cloud has not said where the edge listens (cloud.edge.opened/1) before the attackers' stage"
            )
        for one in (*self.guessers, *self.readers):
            scenario, chance = self.ctx.world.scenario, self.ctx.world.chance
            rng = chance.numpy("attackers", "attempts", one.ident, step.tick)
            for _ in range(attacks(scenario, one, step.now, rng)):
                one.visitor.at = SimTime(max(one.visitor.at, step.now + int(rng.integers(10)) * MINUTE))
                ended = await self._attempt(one, self.door, int(rng.integers(1 << 30)))
                if ended is not None:
                    await self.ctx.say(ended)

    async def _attempt(self, one: Guesser | Reader, door: Door, drawn: int) -> AttemptEnded | None:
        if isinstance(one, Guesser):
            number = self.tried[one.ident] = self.tried.get(one.ident, 0) + 1
            target = next_target(self.population, self.ctx.world.chance, one, number)
            return await guess(one, target, door, self.product, self.taken)
        if not self.links:
            return None
        return await read_foreign(one, self.links[drawn % len(self.links)], door, self.product, self.taken)


async def run(ctx: Context, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
    """Live through one episode."""
    underworld = Underworld(ctx)
    task_status.started()
    try:
        async for step in ctx.steps():
            underworld.hear(step)
            if not step.closing:
                await underworld.act(step)
    finally:
        if underworld.door is not None:
            await underworld.door.close()


service = Service(name="attackers", run=run, publishes=(AttemptEnded,), subscribes=("cloud", "users"))
