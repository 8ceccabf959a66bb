"""How soon a trainer has its next business: a reset of one made ahead and of one that is not, snapshots, eight branches.

    python -m benchmarks.reset [--rounds N]

Through `BusinessEnv`, as a trainer would, in two scenarios: `short`, and the same company with 20,000 users. Real seconds,
medians. Making ahead takes what it takes, beside whatever is played; its time is told, and has no bound.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from agents.users.market import Market
from agents.users.products import product_named
from benchmarks.rows import Row, tell
from bus.chance import Chance
from bus.scenario import Scenario
from concern import BusinessEnv
from concern.history import CACHE_VARIABLE
from services.world.loading import load_scenario

T = TypeVar("T")

WARM_S, TIMES_FASTER, BRANCH_S = 0.15, 10.0, 1.0
"""Bounds: a reset from warm, how much faster than cold that is, a snapshot with a fork of it."""
BRANCHES = 8
LARGER = 93
"""So many times the customers of `short` have about 20,000 users; hosting and fixed costs grow with them."""
FIRST_SEED = 1001


def large() -> Scenario:
    """The company of `short` with 20,000 users: as many customers more, and as much load for each instance as there."""
    short = load_scenario("short")
    return load_scenario(
        "short",
        overrides={
            "world": {"name": "twenty-thousand"},
            "users": {
                "customers": short.users.customers * LARGER,
                "history_tasks": 60_000,
                "tickets_per_customer_month": 0.05,
                "joins_per_month": 0.02,
            },
            "cloud": {
                "load_scale": short.cloud.load_scale / LARGER,
                "instance_hour": {size: price * LARGER for size, price in short.cloud.instance_hour.items()},
            },
            "billing": {
                "opening_cash": short.billing.opening_cash * LARGER,
                "fixed_cost_month": short.billing.fixed_cost_month * LARGER,
            },
        },
    )


def people(scenario: Scenario) -> int:
    """Users with whom a world of the first seed begins."""
    return len(Market(scenario, Chance(FIRST_SEED), product_named(scenario.world.product)).population.people.customer)


def timed(act: Callable[[], T]) -> tuple[float, T]:
    """Real seconds of a call, and its answer."""
    begun = time.perf_counter()
    answer = act()
    return time.perf_counter() - begun, answer


def measure(scenario: Scenario, rounds: int, runs: Path) -> list[Row]:
    """All figures of one scenario."""
    seeds = range(FIRST_SEED, FIRST_SEED + rounds)
    os.environ[CACHE_VARIABLE] = str(runs / "cache")  # an own one: seeds are never seen
    with BusinessEnv(scenario, runs=runs / "runs", most_ahead=BRANCHES) as env:
        env.reset(seed=FIRST_SEED - 1)  # the hatchery, and what is made once and kept, are no part of a reset
        unseen = [timed(lambda seed=seed: env.reset(seed=seed))[0] for seed in seeds]
        cold = [timed(lambda seed=seed: env.reset(seed=seed))[0] for seed in seeds]
        made: list[float] = []
        warm: list[float] = []
        for seed in seeds:
            env.prepare([seed])
            made.append(timed(env.ready)[0])
            env.step({"tool": "wait"})  # a business that is under way is the one that ends
            warm.append(timed(lambda seed=seed: env.reset(seed=seed))[0])
        env.step({"tool": "wait"})
        snapshots = [timed(env.snapshot) for _ in range(rounds)]
        env.prepare(snapshot=snapshots[0][1], n=BRANCHES)
        ahead = timed(env.ready)[0]
        prepared = forked(env)
        unprepared = forked(env)
    faster = statistics.median(cold) / statistics.median(warm)
    size = f"{people(scenario):,} users"
    return [
        Row(f"s of a reset made ahead, {size}", statistics.median(warm), high=WARM_S, digits=3),
        Row("  the slowest of them", max(warm), digits=3),
        Row("  times faster than cold", faster, TIMES_FASTER),
        Row("  s of making it ahead", statistics.median(made), digits=3),
        Row("  s of a reset, cold, its customers' past kept", statistics.median(cold), digits=3),
        Row("  s of a reset, cold, of a seed never seen", statistics.median(unseen), digits=3),
        Row(f"s of a snapshot and fork({BRANCHES}) made ahead, {size}", prepared, high=BRANCH_S, digits=3),
        Row("  s of a snapshot", statistics.median(each for each, _ in snapshots), digits=3),
        Row("  s of making them ahead", ahead, digits=3),
        Row(f"  s of a snapshot and fork({BRANCHES}), cold", unprepared, digits=3),
    ]


def forked(env: BusinessEnv) -> float:
    """Real seconds of a fork, with its snapshot; the branches are ended."""
    seconds, branches = timed(lambda: env.fork(BRANCHES))
    for branch in branches:
        branch.close()
    return seconds


def main() -> int:
    """Both scenarios; 0 if all bounds are met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    rows: list[Row] = []
    for scenario in (load_scenario("short"), large()):
        with tempfile.TemporaryDirectory(prefix="gc-", dir="/tmp") as folder:  # sockets need short paths
            rows += measure(scenario, rounds, Path(folder))
    return tell("reset", rows)


if __name__ == "__main__":
    sys.exit(main())
