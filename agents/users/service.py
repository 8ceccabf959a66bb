"""The users service: hears how the product and the company do, runs its people's sessions, and says what they decide."""

from functools import partial

import anyio
from anyio.abc import TaskStatus

from agents.users.market import Market
from agents.users.products import product_named
from agents.users.sessions import Bench
from agents.web.wire import Door
from bus.context import Context, Step
from bus.messages.base import Event, Refused
from bus.messages.cloud import AskDeliveries, Delivery, EdgeOpened, Mailbox, ReadMailbox
from bus.messages.users import (
    ChargeDisputed,
    CohortWorked,
    CustomerChanged,
    CustomerChurned,
    CustomerJoined,
    CustomersInherited,
    DoubleChargeInherited,
    LinkShared,
    LoadOffered,
    PainFelt,
    TicketAsked,
    TicketChecked,
    TicketSaid,
)
from bus.service import Service
from bus.transport.protocol import BusError


async def run(ctx: Context, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
    """Live through one episode."""
    market = Market(ctx.world.scenario, ctx.world.chance, product_named(ctx.world.scenario.world.product))
    door: Door | None = None
    task_status.started()
    try:
        async for step in ctx.steps():
            if step.tick == 0:
                await _say(ctx, market.inherited())
            for delivered in step.messages:
                if isinstance(delivered.event, EdgeOpened):
                    door = door_of(ctx, delivered.event)
                for answer in market.hear(delivered.event, delivered.envelope.sim_time):
                    await ctx.say(answer, cause=delivered.envelope.id)
            if not step.closing:
                await _live(ctx, market, door, step)
    finally:
        if door is not None:
            await door.close()


def door_of(ctx: Context, event: EdgeOpened) -> Door:
    """The way to the edge that the cloud has told."""
    if event.socket is not None:
        return Door(socket=ctx.world.root / event.socket)
    return Door(host=event.host, port=event.port)


async def _live(ctx: Context, market: Market, door: Door | None, step: Step) -> None:
    if door is None:
        raise BusError("the cloud has not said where the edge listens (cloud.edge.opened/1) before the users' stage")
    events, plan = market.open_tick(step.tick, step.now)
    await _say(ctx, events)
    scenario = ctx.world.scenario
    bench = Bench(
        door=door,
        product=market.product,
        start=scenario.world.start,
        chance=ctx.world.chance,
        in_flight=scenario.users.in_flight,
        shares_links=market.tuning.share_link,
        post=partial(_post, ctx),
        received=partial(_received, ctx),
    )
    outcomes = await bench.run(plan.assignments, step.now, market.tags)
    await _say(ctx, market.close_tick(plan, outcomes))


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


async def _say(ctx: Context, events: list[Event]) -> None:
    for event in events:
        await ctx.say(event)


service = Service(
    name="users",
    run=run,
    publishes=(
        CustomersInherited,
        CustomerJoined,
        CustomerChanged,
        CustomerChurned,
        PainFelt,
        CohortWorked,
        LoadOffered,
        TicketAsked,
        TicketSaid,
        TicketChecked,
        ChargeDisputed,
        DoubleChargeInherited,
        LinkShared,
    ),
    subscribes=("attackers", "billing", "cloud", "desk"),
    asks=(ReadMailbox, AskDeliveries),
)
