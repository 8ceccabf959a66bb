"""Second looks of people whose sessions are not executed: a defect that nobody has touched is still there the next day."""

from made_up_market import World

from agents.users.constants import PAIN_KINDS
from agents.users.market import Market, TickPlan
from agents.users.tickets import Ticket
from bus.messages.cloud import ReleaseLive
from bus.simtime import DAY, SimTime
from services.world.loading import load_scenario

ERROR = PAIN_KINDS.index("error")


def market(failing: int, of: int = 10) -> Market:
    """Where so many of some executed sessions of a journey failed."""
    alone = World(load_scenario("short"), 2).markets[0]
    for stratum in range(alone.pool.seen.shape[1]):
        alone.pool.observe(0, stratum, ERROR, times=failing * 10)
        alone.pool.observe(0, stratum, -1, times=(of - failing) * 10)
    return alone


def solved(here: Market, day: int) -> set[str]:
    """Whose look finds all well, of everybody without an account, on a day."""
    here.support.book.open.clear()
    tickets = [
        Ticket(f"t{row}", row, "problem", SimTime(0), journey=here.journeys[0].name)
        for row in range(40)
        if row not in here.accounts
    ]
    for one in tickets:
        here.support.book.add(one)
    plan: TickPlan = here.open_tick(day * 24, SimTime(day * DAY))
    plan.looks, plan.drawn_looks = {}, tickets
    here._look(plan, {})
    return {one.ident for one in tickets} - here.support.book.open.keys()


def test_who_finds_it_broken_finds_it_broken_until_the_next_release() -> None:
    here = market(failing=7)
    first = solved(here, 1)
    assert 0 < len(first) < 20
    assert all(solved(here, day) == first for day in range(2, 8))
    here.hear(ReleaseLive(release="r2", commit="b", previous="r1"), SimTime(8 * DAY))
    assert solved(here, 9) != first


def test_what_always_fails_is_never_found_solved() -> None:
    assert solved(market(failing=10), 1) == set()
