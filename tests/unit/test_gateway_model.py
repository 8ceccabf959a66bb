"""The operator's time: sixty calls fill an hour, and a waiting operator wakes for what it asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.simtime import HOUR, MINUTE, SECOND, SimTime
from services.gateway.model import Agenda, WakeOn, Wish

NOTHING: frozenset[WakeOn] = frozenset()
ALERT: frozenset[WakeOn] = frozenset({"alert"})
INBOX: frozenset[WakeOn] = frozenset({"inbox"})


def hour(number: int) -> SimTime:
    return SimTime(number * HOUR)


@pytest.fixture
def agenda() -> Agenda:
    return Agenda(call_ms=MINUTE, thousand_tokens_ms=20 * SECOND)


def test_sixty_calls_of_a_minute_fill_an_hour(agenda: Agenda) -> None:
    assert agenda.enter(hour(0), NOTHING) == ("tick",)
    assert all(agenda.charge_call() for _ in range(60))
    assert (agenda.at, agenda.seconds_left) == (HOUR, 0)
    assert not agenda.charge_call()
    assert agenda.enter(hour(1), NOTHING) == ("time",)
    assert agenda.at == HOUR + MINUTE
    assert all(agenda.charge_call() for _ in range(59))
    assert not agenda.charge_call()


def test_a_call_across_the_hour_ends_where_it_would(agenda: Agenda) -> None:
    agenda.enter(hour(0), NOTHING)
    agenda.at = SimTime(HOUR - 30 * SECOND)
    assert not agenda.charge_call()
    agenda.enter(hour(1), NOTHING)
    assert agenda.at == HOUR + 30 * SECOND


def test_a_thought_across_the_hour_delays_the_call_after_it(agenda: Agenda) -> None:
    agenda.enter(hour(0), NOTHING)
    agenda.think(200_000)
    assert (agenda.at, agenda.seconds_left) == (4000 * SECOND, 0)
    assert not agenda.charge_call()
    assert agenda.enter(hour(1), NOTHING) == ("time",)
    assert agenda.at == 4060 * SECOND


def test_a_call_of_many_hours_keeps_the_operator_away() -> None:
    agenda = Agenda(call_ms=2 * HOUR + MINUTE, thousand_tokens_ms=0)
    agenda.enter(hour(0), NOTHING)
    assert not agenda.charge_call()
    assert agenda.enter(hour(1), ALERT) is None
    assert agenda.enter(hour(2), NOTHING) == ("time", "alert")
    assert agenda.at == 2 * HOUR + MINUTE


def test_tokens_take_time_and_may_take_hours(agenda: Agenda) -> None:
    agenda.enter(hour(0), NOTHING)
    agenda.end(300_000, Wish())  # 300 x 20 s are 100 minutes
    assert agenda.at == 100 * MINUTE
    assert agenda.enter(hour(1), INBOX) == ("tick", "inbox")
    agenda.end(300_000, Wish())
    assert agenda.enter(hour(2), NOTHING) is None
    assert agenda.enter(hour(3), NOTHING) == ("tick",)
    assert agenda.at == 200 * MINUTE


def test_without_a_wish_the_next_tick_opens_a_turn(agenda: Agenda) -> None:
    agenda.enter(hour(0), NOTHING)
    agenda.end(0, Wish())
    assert agenda.enter(hour(1), INBOX | ALERT) == ("tick", "alert", "inbox")


def test_a_wait_ends_in_the_hour_of_its_moment(agenda: Agenda) -> None:
    agenda.end(0, Wish(until=SimTime(2 * HOUR)))
    assert agenda.enter(hour(1), NOTHING) is None
    assert agenda.enter(hour(2), NOTHING) == ("time",)
    agenda.end(0, Wish(until=SimTime(3 * HOUR + 6 * MINUTE)))
    assert agenda.enter(hour(3), NOTHING) == ("time",)
    assert agenda.at == 3 * HOUR + 6 * MINUTE


def test_a_wait_for_the_past_ends_with_the_next_tick(agenda: Agenda) -> None:
    agenda.enter(hour(5), NOTHING)
    agenda.end(0, Wish(until=SimTime(0)))
    assert agenda.enter(hour(6), NOTHING) == ("time",)
    assert agenda.at == 6 * HOUR


def test_only_what_was_asked_for_wakes(agenda: Agenda) -> None:
    agenda.end(0, Wish(wake_on=ALERT))
    assert agenda.enter(hour(0), INBOX) is None
    assert agenda.enter(hour(1), NOTHING) is None
    assert agenda.enter(hour(2), ALERT) == ("alert", "inbox")
    agenda.end(0, Wish(wake_on=ALERT))
    assert agenda.enter(hour(3), NOTHING) is None


def test_an_alert_wakes_before_the_time(agenda: Agenda) -> None:
    agenda.end(0, Wish(until=SimTime(HOUR + 30 * MINUTE), wake_on=ALERT | INBOX))
    assert agenda.enter(hour(0), NOTHING) is None
    assert agenda.enter(hour(1), ALERT) == ("time", "alert")
    assert agenda.at == HOUR


def test_live_time_passes_by_itself() -> None:
    agenda = Agenda(call_ms=MINUTE, thousand_tokens_ms=20 * SECOND, live=True)
    agenda.enter(hour(0), NOTHING)
    assert all(agenda.charge_call() for _ in range(1000))
    agenda.end(10**6, Wish())
    assert agenda.at == 0
    assert agenda.enter(hour(1), NOTHING) == ("tick",)
    assert agenda.at == HOUR


@given(
    call_ms=st.integers(0, 3 * HOUR),
    acts=st.lists(
        st.one_of(
            st.just("call"),
            st.builds(
                Wish,
                until=st.none() | st.integers(0, 30 * HOUR).map(SimTime),
                wake_on=st.sampled_from((NOTHING, ALERT)),
            ),
        ),
        max_size=60,
    ),
    alerts=st.sets(st.integers(0, 40)),
)
def test_time_only_goes_on_and_every_call_takes_its_time(
    call_ms: int, acts: list[str | Wish], alerts: set[int]
) -> None:
    agenda = Agenda(call_ms=call_ms, thousand_tokens_ms=0)
    queue, spent, tick, is_open = list(acts), 0, -1, False
    while queue and tick < 40:
        before = agenda.at
        if not is_open:
            tick += 1
            is_open = agenda.enter(hour(tick), ALERT if tick in alerts else NOTHING) is not None
            assert not is_open or hour(tick) <= agenda.at <= hour(tick + 1)
        elif (act := queue.pop(0)) == "call":
            spent += call_ms
            is_open = agenda.charge_call()
            assert not is_open or agenda.at - before == call_ms
        else:
            assert isinstance(act, Wish)
            agenda.end(0, act)
            is_open = False
        assert agenda.at >= before
    if not queue and is_open:
        assert agenda.at >= spent
