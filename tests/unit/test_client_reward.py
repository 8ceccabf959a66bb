"""The reward as a trainer holds it: whole and genuine or refused, joined to turns, and nothing where it was voided."""

import orjson
import pytest
from scorer_stream import EPISODE, chain, draft

from bus.codec import encode_event
from bus.messages.base import Delivered
from bus.messages.clock import Control
from bus.messages.reward import Cause, RewardTurn, Usage
from bus.money import Micros
from bus.simtime import SimTime
from bus.transport.protocol import Letter
from concern.client.reward import RewardBroken, Rewards, Settled, Voided, score


def turn(name: str, first: int, last: int) -> RewardTurn:
    return RewardTurn(
        turn_id=name, action_ids=(f"a_{name}",), sim_time0=SimTime(0), sim_time1=SimTime(1), wall0=0.0, wall1=1.0,
        usage=Usage(prompt_tokens=7), harness_ref=None, first_index=first, last_index=last,
    )  # fmt: skip


def wire(messages: list[Delivered]) -> list[bytes]:
    return [encode_event(each.envelope, each.event) for each in messages]


def whole() -> list[bytes]:
    made = chain()
    first = [made.started(0), made.entry(draft(0, 5)), made.entry(draft(1, -2))]
    refund = draft(2, -10)
    late = type(refund)(refund.entry, refund.parts, Cause(actor="operator", kind="refund", turn_id="one"), "billing-2")
    told = [made.turn(turn("one", 1, 3), SimTime(2)), made.entry(late), made.turn(turn("two", 4, 4), SimTime(3))]
    return wire([*first, *told, *made.closed(4, Control(state="ending", outcome="truncated"))])


def taken(messages: list[bytes]) -> Rewards:
    rewards = Rewards(EPISODE)
    for data in messages:
        rewards.take(data)
    return rewards


@pytest.mark.anyio
async def test_a_whole_stream_is_read_by_position_and_settles() -> None:
    messages, rewards = whole(), Rewards(EPISODE)

    async def look(position: int) -> Letter | None:
        return Letter("reward", messages[position - 1]) if position <= len(messages) else None

    new = await rewards.catch_up(look)
    assert [entry.amount for entry in new] == [5, -2, -10]
    assert await rewards.catch_up(look) == []
    assert isinstance(rewards.over, Settled)
    assert (rewards.over.sum, rewards.over.count, rewards.over.outcome) == (-7, 3, "truncated")
    assert rewards.vector() == {"cost:hosting": -7}


def test_turns_have_what_came_in_them_and_what_they_caused() -> None:
    one, two = taken(whole()).turn_rewards()
    assert (one.turn_id, one.earned, one.caused, one.usage.prompt_tokens) == ("one", 3, -10, 7)
    assert (two.turn_id, two.earned, two.caused) == ("two", -10, 0)


def test_a_voided_stream_has_no_sum() -> None:
    made = chain()
    rewards = taken(wire([made.started(0), made.entry(draft(0, 5)), made.voided(1, "service_died", "desk")]))
    assert rewards.over == Voided(failure_kind="service_died", reason="desk")


def test_a_missing_message_is_refused() -> None:
    messages = whole()
    with pytest.raises(RewardBroken, match="message 2 is number 3"):
        taken([messages[0], *messages[2:]])


def test_a_changed_amount_is_refused() -> None:
    messages = whole()
    fields = orjson.loads(messages[1])
    messages[1] = orjson.dumps(fields | {"amount": fields["amount"] + 1})
    with pytest.raises(RewardBroken, match="message 2 is not signed"):
        taken(messages)


def test_an_entry_of_another_chain_is_refused() -> None:
    other = chain()
    forged = wire([other.started(0), other.entry(draft(0, 1_000_000))])
    with pytest.raises(RewardBroken, match="not signed by this episode"):
        taken([whole()[0], forged[1]])


def test_a_stream_that_lost_its_beginning_is_refused() -> None:
    fields = orjson.loads(whole()[1])
    with pytest.raises(RewardBroken, match="does not begin with"):
        taken([orjson.dumps(fields | {"seq": 1, "id": "reward-1"})])


def test_what_is_no_message_is_refused() -> None:
    with pytest.raises(RewardBroken, match="message 1"):
        taken([b"{}"])


def test_a_score_is_bounded_and_needs_a_scale() -> None:
    assert [score(Micros(net), Micros(-10), Micros(10)) for net in (-20, 0, 30)] == [0.0, 0.5, 1.0]
    with pytest.raises(ValueError, match="not above the floor"):
        score(Micros(1), Micros(5), Micros(5))
