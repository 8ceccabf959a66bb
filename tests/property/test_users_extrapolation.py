"""What is executed tells of what is not: without bias, within its interval, and the same as if everybody were executed."""

from typing import Any

import numpy as np
import pytest
from made_up_market import World, one_in, outcomes_of

from agents.users.sampling import draw_panel, estimate, sessions_chance
from bus.messages.cloud import ReleaseLive
from bus.messages.users import CohortWorked
from bus.scenario import Scenario
from bus.simtime import HOUR, SimTime
from services.world.loading import load_scenario


def market(**users: Any) -> Scenario:
    wished = {"customers": 300, "panel": 100, "agents": 6, "joins_per_month": 0.0, "executed_sessions_per_day": 400}
    return load_scenario("default", overrides={"users": wished | users})


def failed_and_all(world: World, hours: int, from_hour: int) -> tuple[int, int]:
    """Failed sessions and all sessions of some hours; in the first ones nothing is known yet."""
    failed = every = 0
    market = world.markets[0]
    for tick in range(hours):
        plan = market.open_tick(tick, SimTime(tick * HOUR))
        world.executed += len(plan.assignments)
        part = market.close_tick(plan, outcomes_of(plan.assignments, world.fails))
        for one in world.whole.put_together(tick, [part]):
            if isinstance(one.event, CohortWorked) and tick >= from_hour:
                failed, every = failed + sum(one.event.failed), every + sum(one.event.sessions)
        market.learn(world.whole.moved, SimTime(tick * HOUR))
    return failed, every


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_panel_tells_what_everybody_would(seed: int) -> None:
    """The same seed brings the same sessions; of them as many fail as the panel's say, within its interval."""
    everybody = World(market(panel="all"), seed, fails=one_in(0.15))
    panel = World(market(), seed, fails=one_in(0.15))
    truth, sessions = failed_and_all(everybody, 96, 36)
    extrapolated, same = failed_and_all(panel, 96, 36)
    assert same == pytest.approx(sessions, rel=0.01)  # who has had enough leaves, and these are not the same
    assert panel.executed < everybody.executed / 3
    pool, design = panel.markets[0].pool, panel.markets[0].design
    told = estimate(pool.seen, pool.failed.sum(axis=2), design.weight, design.everybody)
    assert told.low <= truth / sessions <= told.high
    half = (told.high - told.low) / 2
    assert extrapolated / same == pytest.approx(truth / sessions, abs=2 * half)


def test_weights_make_the_estimate_unbiased() -> None:
    """Horvitz-Thompson: the weighted number of executed sessions is that of all, however unequal the chances."""
    rng = np.random.Generator(np.random.PCG64(1))
    everybody = np.outer(rng.lognormal(0, 1, 12), rng.lognormal(0, 1, 12)) * 200
    likely = sessions_chance(everybody, 300)
    assert (likely * everybody).sum() == pytest.approx(300, rel=0.01)
    assert likely.max() <= 1
    totals = [(rng.binomial(rng.poisson(everybody), likely) / likely).sum() for _ in range(400)]
    assert np.mean(totals) == pytest.approx(everybody.sum(), rel=0.01)
    assert (sessions_chance(everybody, None) == 1).all()


def test_rare_journeys_are_executed_more_often_than_their_share() -> None:
    everybody = np.array([[900.0], [100.0]])
    likely = sessions_chance(everybody, 100)
    assert likely[1, 0] > 2 * likely[0, 0]


def test_every_stratum_has_its_panel_and_the_chances_are_even_within() -> None:
    of = np.repeat(np.arange(6), [200, 80, 40, 10, 3, 1])
    chosen = np.zeros(len(of))
    for draw in range(400):
        panel = draw_panel(of, 60, np.random.Generator(np.random.PCG64(draw)))
        assert panel.sum() == 60
        counts = np.bincount(of[panel], minlength=6)
        assert (counts >= [4, 4, 4, 4, 3, 1]).all()
        chosen += panel
    first = chosen[of == 0] / 400
    assert first.mean() == pytest.approx(counts[0] / 200)
    assert first.std() < 0.04


def test_sessions_run_in_a_burst_after_a_release_and_then_fewer() -> None:
    world = World(market(executed_sessions_per_day=60, wishes=0), 1)
    market_ = world.markets[0]
    counts: list[int] = []
    for tick in range(72):
        if tick == 48:
            market_.hear(ReleaseLive(release="r2", commit="c", previous="r1"), SimTime(tick * HOUR))
        plan = market_.open_tick(tick, SimTime(tick * HOUR))
        counts.append(len(plan.assignments))
        world.whole.put_together(tick, [market_.close_tick(plan, outcomes_of(plan.assignments, one_in(0)))])
        market_.learn(world.whole.moved, SimTime(tick * HOUR))
    settled, after = counts[24:48], counts[48:]
    assert sum(after[:14]) > 1.5 * sum(settled[:14])
    assert sum(settled) == pytest.approx(60, rel=0.45)
    assert market_.pool.seen.sum() == sum(after)
