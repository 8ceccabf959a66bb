"""The reward stream, for trainers. Owner: scorer. Facts, not credit: what was earned or lost, when, and what caused it."""

from typing import Literal

from bus.messages.base import Event, Part
from bus.messages.cloud import Isolation
from bus.money import Micros
from bus.simtime import SimTime


class Cause(Part):
    actor: str
    kind: str
    turn_id: str | None = None
    action_id: str | None = None


class RewardPart(Part):
    account: str
    amount: Micros
    """Effect on equity: positive is good."""


class RewardEntry(Event):
    """The change in the company's equity by one ledger entry."""

    type: Literal["reward.entry/1"] = "reward.entry/1"
    v: Literal[1] = 1
    index: int
    """Counts entries and statuses of the signed chain from 1, without gaps."""
    tick: int
    amount: Micros
    kind: str
    parts: tuple[RewardPart, ...]
    ledger_entry: str
    cause: Cause
    reversal_of: str | None = None
    isolation: Isolation
    shaped: Micros
    """A potential-based shaped variant: `amount` plus the change in potential since the last entry; see services/scorer."""
    prev_hash: str
    """SHA-256, hex, of the message before in the chain; 64 zeros for the first."""
    sig: str
    """Ed25519 over the canonical content without `sig`, hex; key in the world's `reward.pub` and in `started`."""


class Usage(Part):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Micros = Micros(0)


class RewardTurn(Event):
    """Which entries fell into which turn of the operator."""

    type: Literal["reward.turn/1"] = "reward.turn/1"
    turn_id: str
    action_ids: tuple[str, ...]
    sim_time0: SimTime
    sim_time1: SimTime
    wall0: float
    wall1: float
    usage: Usage
    harness_ref: str | None
    first_index: int
    last_index: int


class RewardStatus(Event):
    """Where the episode stands. Trainers block until `settled` or `voided`; voided is no reward, never zero."""

    type: Literal["reward.status/1"] = "reward.status/1"
    v: Literal[1] = 1
    index: int
    state: Literal["started", "heartbeat", "snapshot", "compaction", "terminated", "truncated", "settled", "voided"]
    tick: int
    isolation: Isolation
    public_key: str | None = None
    """With `started`: Ed25519, hex."""
    count: int | None = None
    """With `settled`: number of entries."""
    sum: Micros | None = None
    """With `settled`: their sum, the change in equity over the episode."""
    last_index: int | None = None
    sha256: str | None = None
    """With `settled`: head of the chain."""
    failure_kind: str | None = None
    """With `voided`."""
    reason: str = ""
    prev_hash: str
    sig: str
