"""The clock and the market, event by event."""

import pytest
from told import EPISODE, Teller, after

from bus.messages.clock import Control, Phase, Tick
from bus.messages.users import (
    CohortWorked,
    CustomerChurned,
    CustomerJoined,
    CustomersInherited,
    PainFelt,
)
from bus.simtime import HOUR
from tui.state import Business, reduce


def worked(agent="ua-0", tick=0, customers=100, satisfaction=0.9, failed=0, pain=0):
    return CohortWorked(
        agent=agent, tick=tick, customers=customers, users=customers * 10, active=30, journey=("board",), sessions=(50,),
        executed=(2,), failed=(failed,), satisfaction=satisfaction, pain=pain,
    )  # fmt: skip


def joined(customer="c_1"):
    return CustomerJoined(
        agent="ua-0", customer=customer, name="New", segment="team", plan="team", seats=9, wallet=0, income=0
    )


def test_nothing_heard_is_waiting_with_unknown_numbers():
    business = Business()
    assert business.clock.state == "waiting"
    assert business.clock.progress is None
    assert business.market.customers is None
    assert business.market.satisfaction is None


def test_started_paused_resumed_and_ended():
    assert after(Control(state="started")).clock.state == "running"
    assert after(Control(state="started"), Control(state="paused")).clock.state == "paused"
    assert after(Control(state="paused"), Control(state="resumed")).clock.state == "running"
    ended = after(Control(state="ending", outcome="terminated"), Control(state="ended")).clock
    assert (ended.state, ended.outcome) == ("ended", "terminated")


def test_a_late_viewer_learns_from_the_next_tick_that_the_episode_runs():
    business = after(Tick(tick=84, of=336), hour=84)
    assert business.clock.state == "running"
    assert business.clock.progress == 0.25
    assert business.now == 84 * HOUR


def test_a_tick_does_not_resume_what_is_paused():
    assert after(Control(state="paused"), Tick(tick=1, of=2)).clock.state == "paused"


def test_phase_is_kept():
    phase = Phase(tick=3, stage=8, phase="operate", participants=("gateway",), watermarks={})
    assert after(phase).clock.phase == "operate"


def test_voided_keeps_its_reason():
    clock = after(Control(state="ended", outcome="voided", failure_kind="service_died", reason="cloud")).clock
    assert (clock.outcome, clock.failure_kind, clock.reason) == ("voided", "service_died", "cloud")


def test_customers_are_the_sum_of_the_cohorts_latest_ticks():
    business = after(worked("a", 0, 100), worked("b", 0, 50), worked("a", 1, 90), worked("b", 1, 50))
    assert business.market.customers == 140
    assert business.market.sessions == 200
    assert business.market.active == 60


def test_active_counts_only_cohorts_of_the_latest_tick():
    assert after(worked("a", 0), worked("b", 0), worked("a", 1)).market.active == 30


def test_satisfaction_is_weighted_by_customers():
    market = after(worked("a", 0, 300, 1.0), worked("b", 0, 100, 0.2)).market
    assert market.satisfaction == pytest.approx(0.8)


def test_before_any_cohort_worked_inherited_joined_and_left_are_counted():
    inherited = CustomersInherited(
        agent="a", customer=("c_1", "c_2"), name=("A", "B"), segment=("solo", "team"), plan=("s", "t"),
        seats=(1, 9), paid_from=(0, 0), wallet=(0, 0), income=(0, 0),
    )  # fmt: skip
    churned = CustomerChurned(agent="a", customer="c_1", reason="price")
    market = after(inherited, joined("c_3"), joined("c_4"), churned).market
    assert market.customers == 3
    assert market.churned == {"price": 1}


def test_pain_and_failures_add_up():
    hurt = PainFelt(
        agent="a", customer="c", kind="outage", amount=5, journey="j", step="s", request="GET /", response="502"
    )
    market = after(worked(failed=2, pain=700), worked(tick=1, failed=3, pain=300), hurt, hurt).market
    assert (market.failed_sessions, market.pain, market.pains) == (5, 1000, {"outage": 2})


def test_what_was_heard_before_or_of_another_episode_changes_nothing():
    teller = Teller()
    first = teller.tell(joined())
    business = reduce(Business(), first)
    assert reduce(business, first) is business
    stranger = Teller(episode="e_zzzzzzzzzzzz")
    stranger.positions["users"] = 10
    assert reduce(business, stranger.tell(joined())) is business
    assert business.episode == EPISODE
