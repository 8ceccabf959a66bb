"""The users service: hears how the product and the company do, runs its people's sessions, and says what they decide.

One process holds the whole market; or shards do, each some of the user agents, and this service puts their words together
(`shard.py`, docs/adr/0009).
"""

import gc
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import anyio
from anyio.abc import TaskStatus

from agents.users.constants import draw_tuning
from agents.users.growth import begin
from agents.users.market import Market
from agents.users.merge import LivedPart, Said, Section, Whole
from agents.users.products import product_named
from agents.users.requests import wanted
from agents.users.sessions import Bench
from agents.web.wire import Door
from bus.context import Context, Step
from bus.messages.base import Command, Refused
from bus.messages.cloud import AskDeliveries, Delivery, EdgeOpened, Mailbox, ReadMailbox
from bus.messages.users import (
    ChargeDisputed,
    CohortWorked,
    ContractMet,
    CustomerChanged,
    CustomerChurned,
    CustomerJoined,
    CustomersInherited,
    DoubleChargeInherited,
    LinkShared,
    LoadOffered,
    MarketMoved,
    PainFelt,
    RequestTried,
    ShardLived,
    TicketAsked,
    TicketChecked,
    TicketSaid,
)
from bus.service import Run, Service
from bus.transport.protocol import BusError
from bus.world import World

HEARS = ("attackers", "billing", "cloud", "desk")
"""Families that people notice something of."""
ASKS: tuple[type[Command[Any]], ...] = (ReadMailbox, AskDeliveries)
"""What people look into beside the product."""


@dataclass
class Neighbourhood:
    """One shard's people, living through an episode."""

    ctx: Context
    market: Market
    edge: Door | None = field(default=None)

    async def live(self, step: Step) -> LivedPart:
        """What comes of one tick; the closing one brings only answers."""
        said = self.market.inherited() if step.tick == 0 else []
        said += self._hear(step)
        if step.closing:
            return LivedPart(said, (0,) * len(self.market.journeys), 0, 0, ())
        if self.edge is None:
            raise BusError(
                "the cloud has not said where the edge listens (cloud.edge.opened/1) before the users' stage"
            )
        plan = self.market.open_tick(step.tick, step.now)
        plan.said[:0] = said
        scenario = self.ctx.world.scenario
        bench = Bench(
            door=self.edge,
            product=self.market.product,
            start=scenario.world.start,
            chance=self.ctx.world.chance,
            in_flight=scenario.users.in_flight,
            shares_links=self.market.tuning.share_link,
            post=partial(_post, self.ctx),
            received=partial(_received, self.ctx),
        )
        outcomes = await bench.run(plan.assignments, step.now, self.market.tags)
        return self.market.close_tick(plan, outcomes)

    def _hear(self, step: Step) -> list[Said]:
        """Take in the last hour: first what the market as a whole said, then the others."""
        for delivered in step.messages:
            if delivered.event.family() == "users":
                self.market.learn(delivered.event, delivered.envelope.sim_time)
        answers: list[Said] = []
        others = [delivered for delivered in step.messages if delivered.event.family() != "users"]
        for order, delivered in enumerate(others):
            if isinstance(delivered.event, EdgeOpened):
                self.edge = door_of(self.ctx, delivered.event)
            heard = self.market.hear(delivered.event, delivered.envelope.sim_time)
            answers += [Said(Section.ANSWERED, order, event, delivered.envelope.id) for event in heard]
        return answers

    async def close(self) -> None:
        """Hang up."""
        if self.edge is not None:
            await self.edge.close()


def market_of(world: World, shard: int = 0, shards: int = 1) -> Market:
    """The part of a world's market that one shard holds."""
    product = product_named(world.scenario.world.product)
    users = world.scenario.users
    wishes = wanted(product.name, users.wishes, world.chance, users.wish_scale, users.contract_months)
    market = Market(world.scenario, world.chance, product, shard, shards, wishes)
    gc.freeze()  # what stands now stays: looking through it for garbage cost a third of a large market's hour
    return market


def whole_of(world: World) -> Whole:
    """The market as a whole, as the episode begins."""
    product = product_named(world.scenario.world.product)
    journeys = (*product.journeys, product.sign_up)
    return Whole(draw_tuning(world.chance), journeys, begin(world.scenario))


async def run(
    ctx: Context, *, model_at: str | None = None, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
) -> None:
    """Live through one episode, all user agents in this process."""
    here, whole = Neighbourhood(ctx, market_of(ctx.world)), whole_of(ctx.world)
    voice = voice_of(ctx, model_at)
    task_status.started()
    try:
        async for step in ctx.steps():
            for one in await say(ctx, whole, step, [await here.live(step)], voice):
                here.market.learn(one.event, step.now)
    finally:
        await here.close()
        await voice.close()


class Voice(Protocol):
    """Puts what customers write into other words."""

    async def of(self, said: Sequence[Said]) -> Sequence[Said]:
        """The same events; only the words differ."""
        ...

    async def close(self) -> None:
        """Hang up."""
        ...


class AsWritten:
    """The grammar's own words."""

    async def of(self, said: Sequence[Said]) -> Sequence[Said]:
        return said

    async def close(self) -> None:
        return


def voice_of(ctx: Context, model_at: str | None) -> Voice:
    """The voice that the scenario wishes: the grammar's own, or a model's at that address."""
    section = ctx.world.scenario.users
    if section.voices == "grammar":
        return AsWritten()
    from agents.users.voices.rewording import Endpoint, NoModel, Rewording

    try:
        return Rewording(Endpoint(model_at, section.voices_model), ctx.log)
    except NoModel as error:
        ctx.log.warning("the grammar's words stay", problem=str(error))
        return AsWritten()


async def say(ctx: Context, whole: Whole, step: Step, parts: Sequence[LivedPart], voice: Voice) -> Sequence[Said]:
    """Say everything that a tick brought, and return it."""
    said = await voice.of(whole.put_together(step.tick, parts))
    await ctx.say_all((one.event, one.cause) for one in said)
    return said


def door_of(ctx: Context, event: EdgeOpened) -> Door:
    """The way to the edge that the cloud has told."""
    if event.socket is not None:
        return Door(socket=ctx.world.root / event.socket)
    return Door(host=event.host, port=event.port)


async def _post(ctx: Context, address: str, since: int) -> Mailbox:
    """What came to a mailbox of the world since a cursor."""
    answer = await ctx.ask(ReadMailbox(address=address, since=since))
    if isinstance(answer, Refused):
        raise BusError(f"the cloud does not show the mailbox of {address}: {answer.detail}")
    return answer


async def _received(ctx: Context, prefix: str) -> list[Delivery]:
    """Everything that receivers got at addresses with that prefix."""
    found: list[Delivery] = []
    after = 0
    while True:
        answer = await ctx.ask(AskDeliveries(prefix=prefix, after=after))
        if isinstance(answer, Refused):
            raise BusError(f"the cloud does not tell what was delivered: {answer.detail}")
        found += answer.deliveries
        if not answer.deliveries:
            return found
        after = answer.next


def users_service(shards: int, model_at: str | None = None) -> Service:
    """The users of a world: the whole market in one process, or what puts the words of its shards together.

    `model_at` is the address of a model for their voices, if there is one.
    """
    if shards == 1:
        return _declared(partial(run, model_at=model_at), subscribes=HEARS, asks=ASKS)
    from agents.users.shard import run_merge

    return _declared(partial(run_merge, model_at=model_at), serves=(ShardLived,))


def _declared(
    life: Run,
    subscribes: tuple[str, ...] = (),
    serves: tuple[type[ShardLived], ...] = (),
    asks: tuple[type[Command[Any]], ...] = (),
) -> Service:
    return Service(
        name="users",
        run=life,
        publishes=(
            CustomersInherited,
            CustomerJoined,
            CustomerChanged,
            CustomerChurned,
            PainFelt,
            CohortWorked,
            MarketMoved,
            LoadOffered,
            TicketAsked,
            TicketSaid,
            TicketChecked,
            ChargeDisputed,
            DoubleChargeInherited,
            LinkShared,
            RequestTried,
            ContractMet,
        ),
        subscribes=subscribes,
        serves=serves,
        asks=asks,
    )


service = users_service(1)
