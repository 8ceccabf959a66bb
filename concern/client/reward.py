"""The reward of one episode as a trainer holds it: read by position, checked, joined to turns, and blocked upon."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bus import codec
from bus.ids import EpisodeId
from bus.messages.base import Part
from bus.messages.reward import RewardEntry, RewardStatus, RewardTurn, Usage
from bus.money import Micros
from bus.transport.protocol import Letter
from services.scorer.signing import FIRST, canonical, digest


class RewardBroken(Exception):
    """The stream is not what a scorer says: a gap, a foreign message, a wrong signature, a sum that is none.

    The episode must not be trained on.
    """


class Settled(Part):
    """The last word of an episode that was not voided."""

    count: int
    sum: Micros
    """Change in the company's equity over the episode, in micro-dollars."""
    sha256: str
    outcome: str
    """`terminated` (bankrupt, shut down) or `truncated` (horizon)."""

    @property
    def usd(self) -> float:
        return self.sum / 1e6


class Voided(Part):
    """The last word of an episode that failed by our fault. It has no reward, which is not zero."""

    failure_kind: str
    reason: str


class TurnReward(Part):
    """What is told of one turn of the operator. Both sums are facts; which one a trainer credits is its own choice."""

    turn_id: str
    action_ids: tuple[str, ...]
    earned: Micros
    """Of all entries that were scored from this turn until the next."""
    caused: Micros
    """Of all entries so far that name an act of this turn as their cause, whenever they came."""
    usage: Usage
    harness_ref: str | None


@dataclass
class Rewards:
    """Takes in the reward stream, message by message."""

    episode: EpisodeId
    entries: list[RewardEntry] = field(default_factory=list[RewardEntry])
    turns: list[RewardTurn] = field(default_factory=list[RewardTurn])
    over: Settled | Voided | None = None
    """The last word, once it was said."""
    position: int = 0
    """How many messages were read."""
    _head: str = FIRST
    _index: int = 0
    _outcome: str = ""
    _key: Ed25519PublicKey | None = None

    @property
    def total(self) -> Micros:
        """Sum of the entries so far."""
        return Micros(sum(entry.amount for entry in self.entries))

    async def catch_up(self, look: Callable[[int], Awaitable[Letter | None]]) -> list[RewardEntry]:
        """Read everything that is stored; returns the new entries. `RewardBroken` if it is not genuine and whole."""
        before = len(self.entries)
        while self.over is None and (letter := await look(self.position + 1)) is not None:
            self.take(letter.data)
        return self.entries[before:]

    def take(self, data: bytes) -> None:
        """The next message. `RewardBroken` says what is wrong with it."""
        try:
            delivered = codec.decode_event(data)
        except codec.MalformedMessage as error:
            raise RewardBroken(f"message {self.position + 1}: {error}") from error
        self.position += 1
        envelope, event = delivered.envelope, delivered.event
        if (envelope.seq, envelope.episode) != (self.position, self.episode):
            raise RewardBroken(f"message {self.position} is number {envelope.seq} of {envelope.episode}")
        if isinstance(event, RewardTurn):
            self.turns.append(event)
        elif isinstance(event, (RewardEntry, RewardStatus)):
            self._chained(event, json.loads(data))
        else:
            raise RewardBroken(f"message {self.position} is {event.type_name()}: no reward")

    def turn_rewards(self) -> list[TurnReward]:
        """Every turn that was told of so far, in order."""
        earned: Counter[int] = Counter()
        caused: Counter[str] = Counter()
        for entry in self.entries:
            earned[entry.index] += entry.amount
            if entry.cause.turn_id is not None:
                caused[entry.cause.turn_id] += entry.amount
        return [
            TurnReward(
                turn_id=turn.turn_id,
                action_ids=turn.action_ids,
                earned=Micros(sum(earned[index] for index in range(turn.first_index, turn.last_index + 1))),
                caused=Micros(caused[turn.turn_id]),
                usage=turn.usage,
                harness_ref=turn.harness_ref,
            )
            for turn in self.turns
        ]

    def vector(self) -> dict[str, Micros]:
        """The sum by account (`revenue:…`, `cost:…`), by name: what the scalar is made of."""
        sums: Counter[str] = Counter()
        for entry in self.entries:
            for part in entry.parts:
                sums[part.account] += part.amount
        return {account: Micros(sums[account]) for account in sorted(sums)}

    def _chained(self, event: RewardEntry | RewardStatus, fields: dict[str, Any]) -> None:
        if isinstance(event, RewardStatus) and event.state == "started" and event.public_key:
            self._key = self._key or Ed25519PublicKey.from_public_bytes(bytes.fromhex(event.public_key))
        self._check_signature(event.sig, fields)
        if (event.index, event.prev_hash) != (self._index + 1, self._head):
            raise RewardBroken(f"the chain is broken at message {self.position}")
        if isinstance(event, RewardEntry):
            self.entries.append(event)
        else:
            self._status(event)
        self._index, self._head = event.index, digest(fields)

    def _check_signature(self, sig: str, fields: dict[str, Any]) -> None:
        if self._key is None:
            raise RewardBroken("the stream does not begin with `started` and its key")
        try:
            self._key.verify(bytes.fromhex(sig), canonical({name: fields[name] for name in fields if name != "sig"}))
        except (InvalidSignature, ValueError):
            raise RewardBroken(f"message {self.position} is not signed by this episode's scorer") from None

    def _status(self, event: RewardStatus) -> None:
        if event.state in ("terminated", "truncated"):
            self._outcome = event.state
        elif event.state == "voided":
            self.over = Voided(failure_kind=event.failure_kind or "unknown", reason=event.reason)
        elif event.state == "settled":
            told = (event.count, event.sum, event.sha256)
            if told != (len(self.entries), self.total, self._head):
                raise RewardBroken(
                    f"settled {event.count} entries, sum {event.sum}; read {len(self.entries)}, {self.total}"
                )
            self.over = Settled(count=len(self.entries), sum=self.total, sha256=self._head, outcome=self._outcome)


def score(net: Micros, floor: Micros, ceiling: Micros) -> float:
    """A bounded score for training: 0 for what `noop` earned, 1 for what `oracle` did, clipped.

    `ValueError` if the ceiling is not above the floor: then these two say nothing about the world.
    """
    if ceiling <= floor:
        raise ValueError(f"the ceiling {ceiling} is not above the floor {floor}")
    return min(1.0, max(0.0, (net - floor) / (ceiling - floor)))
