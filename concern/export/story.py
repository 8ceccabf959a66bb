"""What an operator did and what came of it, turn by turn, put together from a run's journal and the gateway's actions."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bus.codec import encode_event
from bus.journal import JOURNAL, read_journal
from bus.messages.base import Part
from bus.messages.gateway import TurnEnded
from bus.messages.reward import RewardEntry, Usage
from bus.money import Micros
from bus.simtime import SimTime
from bus.world import WorldFile, load_world
from concern.client.reward import Rewards, Settled
from services.gateway.transcript import ACTIONS


class ExportError(Exception):
    """A run cannot be exported; the text is one line for people."""


class Call(Part):
    """One tool call, whole."""

    action_id: str
    turn_id: str | None
    tool: str
    arguments: dict[str, Any]
    ok: bool
    content: str
    sim_time: SimTime


class TurnLine(Part):
    """One turn of the operator: a line of `turns.jsonl`."""

    turn_id: str
    tick: int
    sim_time0: SimTime
    sim_time1: SimTime
    wall0: float
    wall1: float
    usage: Usage
    harness_ref: str | None
    calls: tuple[Call, ...]
    earned: Micros | None
    """By time; None where the episode was voided, which is no reward and not zero."""
    caused: Micros | None
    """By cause."""


@dataclass(frozen=True)
class Story:
    """A run as its exports tell it."""

    file: WorldFile
    turns: tuple[TurnLine, ...]
    settled: Settled | None
    conversation: tuple[dict[str, Any], ...]
    """The calls of a model in our loop (`operator/conversation.jsonl`); empty for other operators."""


def read_story(root: Path) -> Story:
    """Read a run. `ExportError` if it is none, or none that has ended."""
    try:
        world = load_world(root)
        events = list(read_journal(root / JOURNAL))
    except (OSError, ValueError) as error:
        raise ExportError(f"{root} is no run: {str(error).splitlines()[0]}") from error
    rewards = Rewards(world.episode)
    for each in events:
        if each.event.family() == RewardEntry.family():
            rewards.take(encode_event(each.envelope, each.event))
    if rewards.over is None:
        raise ExportError(f"{root} has not ended: its reward has no last word yet")
    settled = rewards.over if isinstance(rewards.over, Settled) else None
    told = {turn.turn_id: turn for turn in rewards.turn_rewards()}
    calls: defaultdict[str | None, list[Call]] = defaultdict(list)
    for line in _lines(root / ACTIONS):
        call = Call.model_validate(line)
        calls[call.turn_id].append(call)
    turns: list[TurnLine] = []
    for event in (each.event for each in events):
        if isinstance(event, TurnEnded):
            reward = told.get(event.turn_id) if settled else None
            fields = event.model_dump(exclude={"type", "action_ids", "usage"})
            earned, caused = (reward.earned, reward.caused) if reward else (None, None)
            turns.append(
                TurnLine(**fields, usage=event.usage, calls=tuple(calls[event.turn_id]), earned=earned, caused=caused)
            )
    return Story(world.file, tuple(turns), settled, tuple(_lines(root / "operator" / "conversation.jsonl")))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with suppress(FileNotFoundError), path.open("rb") as source:
        for line in source:
            yield orjson.loads(line)
