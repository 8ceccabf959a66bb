"""`episode.json`: what a run was and what came of it, on one page. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson

from bus.messages.base import Delivered
from bus.messages.billing import BooksClosed
from bus.messages.clock import Control
from bus.messages.gateway import TurnEnded
from bus.messages.reward import RewardEntry, RewardStatus
from bus.world import WorldFile

VERSION = 1
"""Of `episode.json`."""
REWARD_VERSION = RewardEntry.model_fields["v"].default
"""Of the meaning of the reward: `v` of its messages."""


@dataclass
class Tally:
    """What `episode.json` needs of the events, gathered as they come."""

    events: Counter[str] = field(default_factory=Counter[str])
    """By family."""
    books: BooksClosed | None = None
    last_word: RewardStatus | None = None
    """`settled` or `voided`, once said."""
    control: Control | None = None
    turns: int = 0
    actions: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def take(self, messages: Iterable[Delivered]) -> None:
        """Count some events."""
        for delivered in messages:
            event = delivered.event
            self.events[event.family()] += 1
            if isinstance(event, BooksClosed):
                self.books = event
            elif isinstance(event, RewardStatus) and event.state in ("settled", "voided"):
                self.last_word = event
            elif isinstance(event, Control):
                self.control = event
            elif isinstance(event, TurnEnded):
                self.turns += 1
                self.actions += len(event.action_ids)
                self.prompt_tokens += event.usage.prompt_tokens
                self.completion_tokens += event.usage.completion_tokens


def episode_json(file: WorldFile, tally: Tally, journal: tuple[int, bytes]) -> dict[str, Any]:
    """The content of `episode.json`; `journal` is the number of events and the chain's head."""
    scenario = file.scenario.model_dump(mode="json")
    control, books = tally.control, tally.books
    return {
        "version": VERSION,
        "episode": file.episode,
        "seed": file.seed,
        "scenario": file.scenario.world.name,
        "operator": file.operator,
        "model": file.model,
        "isolation": file.isolation,
        "clock": file.scenario.clock.mode,
        "outcome": control.outcome if control else None,
        "failure_kind": control.failure_kind if control else None,
        "reason": control.reason if control else "",
        "reward_version": REWARD_VERSION,
        "reward": _reward(tally.last_word),
        "digests": {
            "scenario": sha256(orjson.dumps(scenario, option=orjson.OPT_SORT_KEYS)).hexdigest(),
            "ledger": books.ledger_hash if books else None,
            "journal": journal[1].hex(),
        },
        "totals": {
            "ticks": books.tick if books else 0,
            "events": journal[0],
            "events_by_family": dict(sorted(tally.events.items())),
            "turns": tally.turns,
            "actions": tally.actions,
            "prompt_tokens": tally.prompt_tokens,
            "completion_tokens": tally.completion_tokens,
            "books": books.model_dump(mode="json", exclude={"type", "tick", "ledger_hash"}) if books else None,
        },
    }


def _reward(last_word: RewardStatus | None) -> dict[str, Any] | None:
    """None for an episode without a settled sum: void is not zero."""
    if last_word is None or last_word.state != "settled":
        return None
    return last_word.model_dump(include={"count", "sum", "last_index", "sha256"})
