"""The reward stream of one world: gives each message its place in the chain and its signature. No I/O."""

from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bus.ids import EpisodeId
from bus.messages.base import Delivered, Envelope
from bus.messages.clock import Control
from bus.messages.cloud import Isolation
from bus.messages.reward import RewardEntry, RewardStatus, RewardTurn
from bus.money import Micros
from bus.simtime import HOUR, SimTime
from services.scorer.model import Draft
from services.scorer.signing import FIRST, digest, public_hex, sign

FAMILY = RewardEntry.family()


class ScorerError(Exception):
    """The reward stream would become wrong. The episode must not go on."""


@dataclass(frozen=True, slots=True)
class Head:
    """How far a stream has come."""

    seq: int = 0
    """Position in the reward family: every message."""
    index: int = 0
    """Position in the chain: entries and statuses."""
    prev_hash: str = FIRST
    count: int = 0
    sum: Micros = Micros(0)
    over: bool = False
    """After `settled` or `voided` nothing follows."""

    def after(self, delivered: Delivered) -> "Head":
        """The head once a message has been said."""
        event, seq = delivered.event, delivered.envelope.seq
        if not isinstance(event, (RewardEntry, RewardStatus)):
            return replace(self, seq=seq)
        fields = delivered.envelope.model_dump() | event.model_dump(mode="json")
        head = replace(self, seq=seq, index=event.index, prev_hash=digest(fields))
        if isinstance(event, RewardEntry):
            return replace(head, count=self.count + 1, sum=Micros(self.sum + event.amount))
        return replace(head, over=event.state in ("settled", "voided"))


@dataclass
class Chain:
    """Seals messages one after the other."""

    key: Ed25519PrivateKey
    episode: EpisodeId
    isolation: Isolation
    head: Head = Head()

    def entry(self, draft: Draft) -> Delivered:
        """The reward of one ledger entry, told at the entry's own time."""
        reward = draft.reward(self.isolation, self.head.index + 1, self.head.prev_hash)
        return self._seal(reward, draft.entry.at, draft.cause_id)

    def turn(self, turn: RewardTurn, at: SimTime) -> Delivered:
        """A turn: it takes a position in the family, and none in the chain."""
        return self._add(Delivered(self._envelope(at, None), turn))

    def started(self, tick: int) -> Delivered:
        return self._status("started", tick, public_key=public_hex(self.key))

    def heartbeat(self, tick: int) -> Delivered:
        return self._status("heartbeat", tick)

    def closed(self, tick: int, control: Control | None) -> list[Delivered]:
        """How the episode ended, and its sum. `ScorerError` if the world has not told the outcome."""
        if control is None or control.outcome not in ("terminated", "truncated"):
            raise ScorerError(f"the closing tick {tick} was opened without an outcome; the world says it before")
        ended = self._status(control.outcome, tick)
        head = self.head
        return [
            ended,
            self._status("settled", tick, count=head.count, sum=head.sum, last_index=head.index, sha256=head.prev_hash),
        ]

    def voided(self, tick: int, failure_kind: str, reason: str) -> Delivered:
        return self._status("voided", tick, failure_kind=failure_kind, reason=reason)

    def _status(self, state: str, tick: int, **told: object) -> Delivered:
        place = {"index": self.head.index + 1, "prev_hash": self.head.prev_hash, "sig": ""}
        status = RewardStatus.model_validate({"state": state, "tick": tick, "isolation": self.isolation} | place | told)
        return self._seal(status, SimTime(tick * HOUR))

    def _seal(self, event: RewardEntry | RewardStatus, at: SimTime, cause: str | None = None) -> Delivered:
        envelope = self._envelope(at, cause)
        signature = sign(self.key, envelope.model_dump() | event.model_dump(mode="json"))
        return self._add(Delivered(envelope, event.model_copy(update={"sig": signature})))

    def _envelope(self, at: SimTime, cause: str | None) -> Envelope:
        seq = self.head.seq + 1
        return Envelope(id=f"{FAMILY}-{seq}", episode=self.episode, sim_time=at, seq=seq, cause_id=cause)

    def _add(self, delivered: Delivered) -> Delivered:
        if self.head.over:
            raise ScorerError(f"{delivered.event.type_name()} after the stream's last word")
        self.head = self.head.after(delivered)
        return delivered
