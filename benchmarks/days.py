"""Simulated days a minute of a million people on two cores: without HTTP, with 480 and with 1,440 checked journeys a day.

Two shards live through the hours in lockstep, as in a world: each its half of the user agents and their journeys; the sums
of the whole market go back to both. The journeys are walked through the real product, an instance for each shard over one
database with the scenario's history. Not in it: the bus, the edge, and the other services. Wall time of whole days.
"""

import gc
import itertools
import multiprocessing
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import anyio

from agents.users.constants import draw_tuning
from agents.users.growth import Standing
from agents.users.journeys import Outcome
from agents.users.market import Market
from agents.users.merge import LivedPart, Whole
from agents.users.products import product_named
from agents.users.products.interface import Product
from agents.users.sessions import Bench
from agents.web.wire import Door
from benchmarks.market import well
from benchmarks.product import serving
from benchmarks.rows import Row, tell
from bus.chance import Chance
from bus.messages.cloud import Delivery, Mailbox
from bus.messages.users import MarketMoved
from bus.scenario import Scenario
from bus.simtime import HOUR, SimTime
from services.world.loading import load_scenario

SHARDS = 2
SEED = 1
DAYS = {0: 4, 480: 2, 1_440: 2}
"""Measured days by checked journeys a day; the first one is before them and is not measured."""
LEAST = {0: 150.0, 480: 10.0, 1_440: 3.5}
_ELSEWHERE = frozenset({"invite_by_mail", "odd_names", "recurring", "reminders", "reset_password", "webhooks"})
"""Modules of journeys that look into mailboxes, at what receivers got, or at what the product's jobs made: all three are
the cloud's, which is not here."""


def setting(a_day: int) -> tuple[Scenario, Product]:
    """The scenario with so many checked journeys on a working day, and the product with its journeys."""
    scenario = load_scenario("million", overrides={"users": {"executed_sessions_per_day": a_day or 60}})
    product = product_named("tracker")
    here = tuple(one for one in product.journeys if one.walk.__module__.rsplit(".", 1)[1] not in _ELSEWHERE)
    return scenario, replace(product, journeys=here)


def live(pipe: Connection, shard: int, a_day: int, socket: Path | None) -> None:
    """One shard, hour by hour: hears the hour and what the whole market said, answers its part and what failed."""
    anyio.run(_live, pipe, shard, a_day, socket, backend_options={"use_uvloop": True})


async def _live(pipe: Connection, shard: int, a_day: int, socket: Path | None) -> None:
    scenario, product = setting(a_day)
    chance = Chance(SEED)
    market = Market(scenario, chance, product, shard, SHARDS)
    door = Door(socket=socket)
    bench = Bench(door, product, scenario.world.start, chance, scenario.users.in_flight, 0.0, _no_mail, _no_deliveries)
    gc.freeze()
    pipe.send(None)
    tick = 0
    while True:
        heard: MarketMoved | bool = pipe.recv()
        if heard is False:
            break
        now = SimTime(tick * HOUR)
        if isinstance(heard, MarketMoved):
            market.learn(heard, SimTime(now - HOUR))
        plan = market.open_tick(tick, now)
        outcomes = await bench.run(plan.assignments, now, market.tags) if socket else well(plan.assignments)
        part = market.close_tick(plan, outcomes)
        sums = LivedPart([], part.sessions, part.alive, part.content, part.observed)
        pipe.send((sums, _failed(outcomes), len(outcomes), time.process_time()))
        tick += 1
    await door.close()


def _failed(outcomes: list[Outcome]) -> list[str]:
    return [f"{one.journey}: {one.failure.step}: {one.failure.detail}" for one in outcomes if one.failure]


async def _no_mail(address: str, since: int) -> Mailbox:
    raise AssertionError(f"none of these journeys looks into the mailbox of {address} since {since}")


async def _no_deliveries(prefix: str) -> list[Delivery]:
    raise AssertionError(f"none of these journeys asks what {prefix} got")


def days_a_minute(a_day: int, sockets: Sequence[Path | None]) -> list[Row]:
    """Live through some days; how many there are in a minute, and what was checked."""
    context = multiprocessing.get_context("spawn")
    pipes: list[Connection] = []
    for shard, socket in enumerate(sockets):
        mine, theirs = context.Pipe()
        context.Process(target=live, args=(theirs, shard, a_day, socket), daemon=True).start()
        pipes.append(mine)
    for pipe in pipes:
        pipe.recv()
    scenario, product = setting(a_day)
    journeys = (*product.journeys, product.sign_up)
    whole = Whole(draw_tuning(Chance(SEED)), journeys, Standing(scenario.users.customers))
    heard: MarketMoved | bool = True
    took, busy = list[float](), [[0.0] * len(pipes)]
    checked, failed = 0, list[str]()
    for day in range(DAYS[a_day] + 1):
        begun, checked = time.monotonic(), 0
        for hour in range(24):
            for pipe in pipes:
                pipe.send(heard)
            answers = [pipe.recv() for pipe in pipes]
            whole.put_together(day * 24 + hour, [one[0] for one in answers])
            heard = whole.moved
            checked += sum(one[2] for one in answers)
            failed += [wrong for one in answers for wrong in one[1]]
        took.append(time.monotonic() - begun)
        busy.append([one[3] for one in answers])
    for pipe in pipes:
        pipe.send(False)
    for each in multiprocessing.active_children():
        each.join()
    for one in failed[:5]:
        print(f"failed: {one}")
    name = f"{a_day:,} checked journeys a day" if a_day else "no HTTP"
    slower = [max(b - a for a, b in zip(*pair, strict=True)) for pair in itertools.pairwise(busy)]
    rows = [
        Row(f"simulated days a minute, {name}", 60 / statistics.median(took[1:]), LEAST[a_day]),
        Row("  by the CPU time of the slower shard", 60 / statistics.median(slower[1:])),
    ]
    if a_day:
        rows += [Row("  checked on the last day", checked, digits=0), Row("  of all, failed", len(failed), digits=0)]
    return rows


def main() -> int:
    """All three; 0 if the bounds are met."""
    rows = days_a_minute(0, [None] * SHARDS)
    for a_day in (480, 1_440):
        scenario, _ = setting(a_day)
        with serving(scenario, Chance(SEED), instances=SHARDS) as servers:
            rows += days_a_minute(a_day, [one.socket for one in servers])
    return tell("days", rows)


if __name__ == "__main__":
    sys.exit(main())
