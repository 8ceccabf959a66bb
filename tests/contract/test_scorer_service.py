"""The scorer among scripted neighbours: what it says, what is stored first, and who has the last word when it is void."""

import json
from pathlib import Path
from typing import Any

import pytest
from scripted_world import ScriptedWorld, make_world, player

from bus.codec import encode_event
from bus.messages.base import Delivered
from bus.messages.billing import EntryPosted, Line
from bus.messages.clock import Control
from bus.messages.reward import RewardEntry, RewardStatus
from bus.money import Micros
from bus.simtime import HOUR, SimTime
from bus.transport.protocol import BusError
from services.scorer.service import open_scorer, say_voided, service
from services.scorer.store import Store

pytestmark = pytest.mark.anyio
BILLING = player("billing", publishes=(EntryPosted,))


def entry(number: int) -> EntryPosted:
    lines = (Line(account="cost:hosting", amount=Micros(7)), Line(account="asset:cash", amount=Micros(-7)))
    return EntryPosted(
        entry=f"en_{number}", tick=number, at=SimTime(number * HOUR), kind="hosting", lines=lines, actor="cloud", memo=""
    )  # fmt: skip


async def score_ticks(world: ScriptedWorld, ticks: range) -> None:
    """Stages of the scorer with one ledger entry each."""
    async with world.role(BILLING) as billing:
        billing.known["billing"] = len(world.broker.streams.get("billing", []))
        for tick in ticks:
            await billing.say(entry(tick))
            await world.stage("scorer", tick, 6, "settle")


def states(world: ScriptedWorld) -> list[str]:
    return [event.state if isinstance(event, RewardStatus) else "entry" for event in world.said("reward")]


def stored(world: ScriptedWorld) -> list[bytes]:
    """What stands in scorer.db, as on the wire."""
    store = Store(world.world.root / "scorer" / "scorer.db")
    try:
        return [encode_event(each.envelope, each.event) for each in store.messages()]
    finally:
        store.close()


async def test_each_entry_is_said_as_it_was_stored_and_a_day_has_a_heartbeat(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    async with world.running(service):
        await score_ticks(world, range(23, 26))
        assert states(world) == ["started", "entry", "heartbeat", "entry", "entry"]
    rewards = [event for event in world.said("reward") if isinstance(event, RewardEntry)]
    assert [(event.amount, event.ledger_entry, event.isolation) for event in rewards] == [
        (-7, f"en_{tick}", "full") for tick in range(23, 26)
    ]
    assert [letter.data for letter in world.broker.streams["reward"]] == stored(world)


async def test_a_void_episode_is_told_by_the_scorer_itself(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    async with world.running(service):
        await score_ticks(world, range(2))
        assert world._ctx is not None
        await world._ctx.say(
            Control(state="ended", outcome="voided", failure_kind="barrier_timeout", reason="desk is silent")
        )
        await until_said(world, 4)
    last = world.said("reward")[-1]
    assert isinstance(last, RewardStatus)
    assert (last.state, last.failure_kind, last.reason) == ("voided", "barrier_timeout", "desk is silent")
    assert (last.sum, last.count) == (None, None)


async def until_said(world: ScriptedWorld, count: int) -> None:
    """Wait until the reward stream holds that many messages."""
    async with world.role(player("viewer")) as ctx, ctx.transport.subscribe("reward.>") as letters:
        while len(world.broker.streams["reward"]) < count:
            await anext(letters)


async def test_a_dead_scorers_chain_is_ended_from_its_record(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    async with world.running(service):
        await score_ticks(world, range(2))
    dead = open_scorer(world.world)  # it died between the commit and the publication
    dead.store.save([dead.chain.heartbeat(24)])
    dead.store.close()
    async with world.role(service) as ctx:
        assert await say_voided(ctx, "service_died", "scorer: MemoryError")
        assert not await say_voided(ctx, "service_died", "again")
    assert states(world) == ["started", "entry", "entry", "heartbeat", "voided"]
    assert [letter.data for letter in world.broker.streams["reward"]] == stored(world)
    chained = [json.loads(data) for data in stored(world)]
    assert [said["index"] for said in chained] == [1, 2, 3, 4, 5]


async def test_what_was_stored_by_the_broker_is_not_said_again(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    async with world.running(service):
        await score_ticks(world, range(2))
    store = Store(tmp_path / "scorer" / "scorer.db")
    store.mark_published(1)  # it died before it could note what the broker had stored
    store.close()
    world.broker._seen.clear()  # the broker's memory of ids is short
    async with world.role(service) as ctx:
        await say_voided(ctx, "service_died", "scorer")
    assert states(world) == ["started", "entry", "entry", "voided"]


async def test_what_was_kept_in_another_envelope_is_not_said(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    async with world.running(service):
        await score_ticks(world, range(1))
    store = Store(world.world.root / "scorer" / "scorer.db")
    last = store.messages()[-1]
    store.close()
    async with world.role(service) as ctx:
        with pytest.raises(BusError, match="another envelope"):
            await ctx.say_sealed([Delivered(last.envelope.model_copy(update={"id": "reward-99"}), last.event)])
    assert states(world) == ["started", "entry"]


async def test_a_world_that_never_began_is_void_with_a_key(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    async with world.role(service) as ctx:
        await say_voided(ctx, "service_died", "cloud")
    assert states(world) == ["started", "voided"]
    first: Any = world.said("reward")[0]
    assert first.public_key == (tmp_path / "reward.pub").read_text().strip()
