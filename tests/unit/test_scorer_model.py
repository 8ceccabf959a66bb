"""Reward is the effect on equity, its causes are facts, and the shaped variant differs by a potential only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scorer_stream import books, entry, heard

from bus.messages.base import Event
from bus.messages.gateway import ActionEnded, TurnEnded
from bus.messages.reward import Usage
from bus.money import Micros
from bus.simtime import DAY, HOUR, SimTime
from services.scorer.model import MONTH, Draft, Scoring, Turns, effect, potential

LIFE = SimTime(20 * MONTH)
HORIZON = SimTime(14 * DAY)


def scoring(horizon: SimTime = HORIZON) -> Scoring:
    return Scoring(LIFE, horizon)


def action(name: str, turn: str) -> ActionEnded:
    zero = SimTime(0)
    return ActionEnded(action_id=name, turn_id=turn, tool="refund", summary="", ok=True, sim_time0=zero, sim_time1=zero)


def turn(name: str) -> TurnEnded:
    zero = SimTime(0)
    return TurnEnded(
        turn_id=name, tick=1, action_ids=("a",), sim_time0=zero, sim_time1=zero, wall0=1.0, wall1=2.0, usage=Usage()
    )


@pytest.mark.parametrize(
    ("lines", "parts"),
    [
        ({"cost_hosting": 7, "asset_cash": -7}, {"cost:hosting": -7}),
        ({"liability_deferred": 9, "revenue_subscription": -9}, {"revenue:subscription": 9}),
        ({"asset_cash": 5, "liability_deferred": -5}, {}),
        ({"asset_cash": 5, "equity_opening": -5}, {}),
        ({"cost_credits": 4, "revenue_subscription": -4}, {"cost:credits": -4, "revenue:subscription": 4}),
    ],
)
def test_only_revenue_and_costs_change_equity(lines: dict[str, int], parts: dict[str, int]) -> None:
    assert {part.account: part.amount for part in effect(entry("e", **lines))} == parts


def test_entries_that_leave_equity_alone_are_no_reward() -> None:
    moved = entry("charge", asset_cash=5, liability_deferred=-5)
    swapped = entry("swap", cost_credits=4, revenue_subscription=-4)
    paid = entry("bill", cost_hosting=7, asset_cash=-7)
    drafts = scoring().score(heard(moved, swapped, paid), closing=False)
    assert [(each.entry.entry, each.amount, each.cause_id) for each in drafts] == [("bill", -7, "billing-3")]


def test_an_action_names_its_turn_and_tool_even_if_heard_in_another_step() -> None:
    state = scoring()
    state.score(heard(action("a1", "t1")), closing=False)
    (known,) = state.score(heard(entry("r", action="a1", cost_refunds=7, asset_cash=-7)), closing=False)
    (strange,) = state.score(heard(entry("s", action="a9", cost_refunds=7, asset_cash=-7)), closing=False)
    assert known.cause.model_dump() == {"actor": "cloud", "kind": "refund", "turn_id": "t1", "action_id": "a1"}
    assert strange.cause.model_dump() == {"actor": "cloud", "kind": "hosting", "turn_id": None, "action_id": "a9"}


def test_tokens_name_the_turn_that_used_them_and_nothing_else_does() -> None:
    state = scoring()
    tokens = entry("k", kind="tokens", cost_tokens=7, asset_cash=-7)
    (posted,) = heard(tokens, cause="gateway-1")
    (used,) = state.score([*heard(turn("t1")), posted], closing=False)
    (other,) = state.score(heard(entry("x", cost_fees=7, asset_cash=-7), cause="gateway-1"), closing=False)
    assert (used.cause.turn_id, other.cause.turn_id) == ("t1", None)


def test_potential_is_bounded_by_life_and_by_the_time_left() -> None:
    assert potential(Micros(300), SimTime(MONTH), LIFE) == 300
    assert potential(Micros(300), SimTime(999 * MONTH), LIFE) == 300 * 20
    assert potential(Micros(300), SimTime(-HOUR), LIFE) == 0


def test_a_lost_customer_shows_in_the_tick_of_the_loss() -> None:
    state = scoring(SimTime(3 * MONTH))
    bill = [entry(f"e{tick}", tick, cost_hosting=7, asset_cash=-7) for tick in range(2)]
    state.score(heard(bill[0], books(0, 1_000_000)), closing=False)
    (after,) = state.score(heard(bill[1], books(1, 900_000)), closing=False)
    assert after.shaping < -290_000


def total(drafts: list[Draft]) -> tuple[int, int]:
    return sum(each.amount for each in drafts), sum(each.amount + each.shaping for each in drafts)


@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.lists(st.integers(-(10**6), 10**6), max_size=3)), max_size=30),
    st.integers(0, 10**9),
)
def test_shaped_rewards_sum_to_the_raw_ones_less_the_first_potential(
    ticks: list[tuple[int, list[int]]], last: int
) -> None:
    horizon = SimTime(len(ticks) * HOUR)
    state, drafts = scoring(horizon), list[Draft]()
    for tick, (mrr, amounts) in enumerate(ticks):
        posted: list[Event] = [
            entry(f"{tick}/{n}", tick, cost_fees=a, asset_cash=-a) for n, a in enumerate(amounts) if a
        ]
        drafts += state.score(heard(*posted, books(tick, mrr)), closing=False)
    end = len(ticks)
    drafts += state.score(heard(entry("end", end, cost_fees=1, asset_cash=-1), books(end, last)), closing=True)
    raw, shaped = total(drafts)
    first = potential(Micros(ticks[0][0]), SimTime(horizon - HOUR), LIFE) if ticks else 0
    assert shaped == raw - first


def test_turns_partition_the_entries_by_time() -> None:
    turns = Turns()
    assert turns.heard(heard(turn("t1")), 5) == []
    (first,) = turns.heard(heard(turn("t2")), 9)
    (second,) = turns.close(9)
    assert (first.turn_id, first.first_index, first.last_index) == ("t1", 5, 8)
    assert (second.turn_id, second.first_index, second.last_index) == ("t2", 9, 8)
    assert turns.close(12) == []


def test_several_turns_in_one_step_are_all_told() -> None:
    (early,) = (turns := Turns()).heard(heard(turn("t1"), turn("t2")), 5)
    (late,) = turns.close(8)
    assert (early.first_index, early.last_index, late.first_index, late.last_index) == (5, 4, 5, 7)
