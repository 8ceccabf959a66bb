"""Bookkeeping of events on their way to a stream, with a stream of a few lines that checks as JetStream does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.transport.protocol import BusError
from bus.transport.unconfirmed import WRONG_LAST_ID, Parcel, Sending, Unconfirmed


@dataclass
class Stream:
    """Stores what it is given, once by id, and only behind the named predecessor."""

    ids: list[str] = field(default_factory=list[str])

    def take(self, sending: Sending) -> dict[str, Any]:
        message_id = sending.parcel.message_id
        if message_id in self.ids:
            return {"seq": self.ids.index(message_id) + 1, "duplicate": True}
        expected = sending.headers.get("Nats-Expected-Last-Msg-Id")
        if expected is not None and expected != (self.ids[-1] if self.ids else None):
            return {"error": {"err_code": WRONG_LAST_ID, "description": "wrong last msg ID"}}
        self.ids.append(message_id)
        return {"seq": len(self.ids)}


def parcel(number: int) -> Parcel:
    return Parcel("alpha.e.thing", b"", str(number))


def answer_all(events: Unconfirmed, stream: Stream, sendings: list[Sending]) -> bool:
    again = [events.answered(sending.token, stream.take(sending)) for sending in sendings]
    return True in again


def test_confirmed_events_are_forgotten_in_order() -> None:
    events, stream = Unconfirmed("alpha"), Stream()
    sendings = [events.add(parcel(number)) for number in range(3)]
    assert (events.added, events.confirmed) == (3, 0)
    assert not answer_all(events, stream, sendings)
    assert (events.added, events.confirmed) == (3, 3)
    assert events.again() == []


def test_only_the_oldest_unconfirmed_event_names_no_predecessor() -> None:
    events = Unconfirmed("alpha")
    headers = [events.add(parcel(number)).headers.get("Nats-Expected-Last-Msg-Id") for number in range(3)]
    assert headers == [None, "0", "1"]


def test_what_overtook_a_lost_event_is_refused_and_everything_is_sent_again() -> None:
    events, stream = Unconfirmed("alpha"), Stream()
    events.add(parcel(0))  # lost
    assert answer_all(events, stream, [events.add(parcel(1))])
    assert stream.ids == []
    assert not answer_all(events, stream, events.again())
    assert stream.ids == ["0", "1"]
    assert events.confirmed == 2


def test_answers_to_an_earlier_generation_do_not_count() -> None:
    events, stream = Unconfirmed("alpha"), Stream()
    first = events.add(parcel(0))
    answer = stream.take(first)
    second = events.again()
    assert not events.answered(first.token, answer)
    assert events.confirmed == 0
    assert not answer_all(events, stream, second)
    assert (stream.ids, events.confirmed) == (["0"], 1)


def test_repeating_an_old_event_between_new_ones_breaks_nothing() -> None:
    events, stream = Unconfirmed("alpha"), Stream()
    answer_all(events, stream, [events.add(parcel(number)) for number in (0, 1)])
    sendings = [events.add(parcel(number)) for number in (0, 2)]
    assert answer_all(events, stream, sendings)  # 2 named 0 as its predecessor
    assert not answer_all(events, stream, events.again())
    assert stream.ids == ["0", "1", "2"]


def test_a_refusal_names_the_stream_and_the_reason() -> None:
    events = Unconfirmed("alpha")
    sending = events.add(parcel(0))
    with pytest.raises(BusError, match="'alpha' refused an event: insufficient storage"):
        events.answered(sending.token, {"error": {"err_code": 10047, "description": "insufficient storage"}})


def test_somebody_elses_event_in_between_is_noticed() -> None:
    events, stream = Unconfirmed("alpha"), Stream()
    answer_all(events, stream, [events.add(parcel(0))])
    stream.ids.append("foreign")
    with pytest.raises(BusError, match="position 3 after 1; somebody else writes"):
        answer_all(events, stream, [events.add(parcel(1))])


def test_a_lost_confirmation_is_asked_for_again() -> None:
    events, stream = Unconfirmed("alpha"), Stream()
    stream.take(events.add(parcel(0)))
    assert answer_all(events, stream, [events.add(parcel(1))])
    assert events.confirmed == 0
    assert not answer_all(events, stream, events.again())
    assert (stream.ids, events.confirmed) == (["0", "1"], 2)


@given(st.lists(st.sampled_from(["say", "deliver", "lose", "reconnect"]), max_size=60))
def test_whatever_is_lost_on_the_way_the_stream_gets_every_event_once_and_in_order(fate: list[str]) -> None:
    """The wire is a queue; a break loses a tail of answers or drops what was sent; at last all is delivered."""
    events, stream, wire, said = Unconfirmed("alpha"), Stream(), list[Sending](), 0

    def take(answer: Mapping[str, Any], token: str) -> None:
        if events.answered(token, answer):
            wire.extend(events.again())

    for step in fate:
        if step == "say":
            wire.append(events.add(parcel(said)))
            said += 1
        elif step == "deliver" and wire:
            sending = wire.pop(0)
            take(stream.take(sending), sending.token)
        elif step == "lose" and wire:
            wire.pop(0)
        elif step == "reconnect":
            wire.extend(events.again())
    wire.extend(events.again())
    while wire:
        sending = wire.pop(0)
        take(stream.take(sending), sending.token)
    assert stream.ids == [str(number) for number in range(said)]
    assert events.confirmed == said
