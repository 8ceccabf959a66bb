"""A finished run of a small business: the real world, billing, scorer and recorder among scripted neighbours."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import anyio

from bus.context import Context, open_context
from bus.ids import EpisodeId
from bus.messages.attackers import AttemptEnded
from bus.messages.billing import Refund, invoice_id
from bus.messages.cloud import ServiceMeasured, UsageLine, UsageMetered
from bus.messages.gateway import ActionEnded, TurnEnded
from bus.messages.reward import Usage
from bus.messages.users import CustomerChurned, CustomerJoined, CustomersInherited, DoubleChargeInherited
from bus.money import MICROS_PER_DOLLAR, Micros
from bus.service import Service
from bus.simtime import DAY, HOUR, SimTime
from bus.transport.memory import MemoryBroker, MemoryTransport
from bus.world import World, WorldFile, save_world
from services.billing.service import service as billing
from services.recorder.service import service as recorder
from services.scorer.service import service as scorer
from services.world.loading import load_scenario
from services.world.service import service as world_service

EPISODE = EpisodeId("e_smallbusines")
DAYS = 2
CUSTOMERS = tuple(f"c{number}" for number in range(12))


def usd(dollars: int) -> Micros:
    return Micros(dollars * MICROS_PER_DOLLAR)


async def users(ctx: Context) -> None:
    async for step in ctx.steps():
        if step.tick == 0:
            await ctx.say(inherited())
            await ctx.say(
                DoubleChargeInherited(
                    agent="ua", customer="c1", invoice="in_double", amount=usd(20), at=SimTime(-3 * DAY)
                )
            )
        if step.tick == 3:
            await ctx.say(
                CustomerJoined(
                    agent="ua", customer="new", name="Newcomer Ltd – Zürich", segment="team", plan="team", seats=7,
                    wallet=usd(400), income=usd(90),
                )
            )  # fmt: skip
        if step.tick == 20:
            await ctx.say(CustomerChurned(agent="ua", customer="c4", reason="dissatisfied"))


def inherited() -> CustomersInherited:
    count = len(CUSTOMERS)
    return CustomersInherited(
        agent="ua",
        customer=CUSTOMERS,
        name=tuple(f"Customer {name}" for name in CUSTOMERS),
        segment=("team",) * count,
        plan=("team",) * count,
        seats=tuple(range(2, 2 + count)),
        paid_from=tuple(SimTime(-(29 * DAY) + number * 5 * HOUR) for number in range(count)),
        wallet=(usd(500),) * count,
        income=(usd(150),) * count,
    )


async def attackers(ctx: Context) -> None:
    async for step in ctx.steps():
        if step.tick == 10:
            await ctx.say(
                AttemptEnded(
                    attacker="a1", kind="read_foreign", address="10.0.0.9", requests=3, outcome="succeeded",
                    victim="c2", records=2,
                )
            )  # fmt: skip


async def cloud(ctx: Context) -> None:
    async for step in ctx.steps():
        if step.stage == 3:
            await ctx.say(
                ServiceMeasured(
                    tick=step.tick, release="r1", instances=2, available=0.5 if step.tick == 7 else 1.0,
                    utilisation=0.4, latency_ms={"read": 12.5}, timed_out=0.0,
                )
            )  # fmt: skip
            line = UsageLine(item="instances", quantity=2.0, unit="hour", cost=Micros(180_000 + step.tick))
            await ctx.say(UsageMetered(tick=step.tick, lines=(line,)))


async def desk(ctx: Context) -> None:
    async for _ in ctx.steps():
        pass


async def gateway(ctx: Context) -> None:
    async for step in ctx.steps():
        turn, action = f"turn-{step.tick}", f"act-{step.tick}"
        if step.tick in (5, 30):
            ctx.now = SimTime(step.now + 60_000)
            invoice = "in_double" if step.tick == 5 else invoice_id("c3", 0)
            answer = await ctx.ask(Refund(invoice=invoice, amount=usd(20), reason="charged twice", action=action))
            assert answer.__class__.__name__ == "Refunded", answer
            await ctx.say(
                ActionEnded(
                    action_id=action, turn_id=turn, tool="refund", summary="refund", ok=True,
                    sim_time0=step.now, sim_time1=ctx.now,
                )
            )  # fmt: skip
        if step.tick % 2:  # in even ticks the operator waits
            await ctx.say(
                TurnEnded(
                    turn_id=turn, tick=step.tick, action_ids=(action,) if step.tick == 5 else (), sim_time0=step.now,
                    sim_time1=ctx.now, wall0=1.5, wall1=2.5, usage=Usage(prompt_tokens=1000, completion_tokens=50),
                )
            )  # fmt: skip


Life = Callable[[Context], Awaitable[None]]
NEIGHBOURS: dict[str, tuple[Life, dict[str, Any]]] = {
    "users": (users, {"publishes": (CustomersInherited, CustomerJoined, CustomerChurned, DoubleChargeInherited)}),
    "attackers": (attackers, {"publishes": (AttemptEnded,)}),
    "cloud": (cloud, {"publishes": (ServiceMeasured, UsageMetered)}),
    "desk": (desk, {}),
    "gateway": (gateway, {"publishes": (ActionEnded, TurnEnded), "asks": (Refund,)}),
}
REAL: tuple[Service, ...] = (billing, scorer, recorder)


def neighbour(name: str) -> Service:
    life, declared = NEIGHBOURS[name]

    async def run(ctx: Context, *, task_status: object = None) -> None:
        del task_status
        await life(ctx)

    return Service(name=name, run=run, **declared)


async def play(root: Path, extra: Sequence[Callable[[World, MemoryBroker], Awaitable[None]]] = ()) -> MemoryBroker:
    """Run a world to its end in `root`; `extra` runs beside it."""
    scenario = load_scenario("short", overrides={"world": {"days": DAYS}})
    file = WorldFile(episode=EPISODE, seed=3, scenario=scenario, operator="scripted", isolation="none", planted=("d1",))
    world, broker = save_world(file, root), MemoryBroker()

    async def live(service: Service) -> None:
        async with open_context(service, world, MemoryTransport(broker, service.name)) as ctx:
            await service.run(ctx)

    with anyio.fail_after(120):
        async with anyio.create_task_group() as tasks:
            for service in (world_service, *REAL, *map(neighbour, NEIGHBOURS)):
                tasks.start_soon(live, service)
            for beside in extra:
                tasks.start_soon(beside, world, broker)
    return broker
