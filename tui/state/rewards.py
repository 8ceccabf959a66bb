"""The reward stream: entries as they come, sums by day and by kind, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bus.messages.base import Event
from bus.messages.cloud import Isolation
from bus.messages.reward import RewardEntry, RewardStatus
from bus.money import Micros
from bus.simtime import SimTime, day_of
from tui.state.bounded import newest_first

ENTRIES_KEPT = 300
DAYS_KEPT = 366


@dataclass(frozen=True, slots=True)
class Earned:
    """One entry of the stream."""

    index: int
    tick: int
    at: SimTime
    kind: str
    amount: Micros
    actor: str
    cause: str
    account: str
    """The account that weighs most in it; empty if it has no parts."""
    action: str | None
    """The operator's action that caused it, where one did."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries of one tick, kind and actor, together: what happened, rather than how often it was posted."""

    tick: int
    at: SimTime
    kind: str
    actor: str
    amount: Micros
    count: int


@dataclass(frozen=True, slots=True)
class Rewards:
    """The signed stream so far."""

    total: Micros = field(default=Micros(0))
    count: int = 0
    first_index: int | None = None
    """Of the first message heard: 1 when nothing was missed."""
    isolation: Isolation | None = None
    entries: tuple[Earned, ...] = ()
    """Newest first."""
    batches: tuple[Batch, ...] = ()
    """Newest first."""
    days: Mapping[int, Micros] = field(default_factory=dict[int, Micros])
    """Sum by day, counted from 0; the latest `DAYS_KEPT`."""
    kinds: Mapping[str, tuple[int, Micros]] = field(default_factory=dict[str, tuple[int, Micros]])
    """Count and sum, by kind."""
    over: RewardStatus | None = None
    """`settled` or `voided`, once it came."""

    @property
    def whole(self) -> bool:
        """Whether the stream was heard from its start, so that `total` is the net reward."""
        return self.first_index == 1


def heard(rewards: Rewards, at: SimTime, event: Event) -> Rewards:
    """The stream after one more event, said at `at`."""
    match event:
        case RewardEntry():
            return _earned(rewards, at, event)
        case RewardStatus():
            over = event if event.state in ("settled", "voided") else rewards.over
            return replace(rewards, first_index=_first(rewards, event), isolation=event.isolation, over=over)
        case _:
            return rewards


def _first(rewards: Rewards, event: RewardEntry | RewardStatus) -> int:
    return event.index if rewards.first_index is None else rewards.first_index


def _earned(rewards: Rewards, at: SimTime, event: RewardEntry) -> Rewards:
    count, total = rewards.kinds.get(event.kind, (0, Micros(0)))
    account = max(event.parts, key=lambda part: abs(part.amount)).account if event.parts else ""
    cause = event.cause
    entry = Earned(
        event.index, event.tick, at, event.kind, event.amount, cause.actor, cause.kind, account, cause.action_id
    )
    return replace(
        rewards,
        first_index=_first(rewards, event),
        isolation=event.isolation,
        total=Micros(rewards.total + event.amount),
        count=rewards.count + 1,
        entries=newest_first(rewards.entries, entry, ENTRIES_KEPT),
        batches=_batched(rewards.batches, entry),
        days=_on_day(rewards.days, day_of(at), event.amount),
        kinds={**rewards.kinds, event.kind: (count + 1, Micros(total + event.amount))},
    )


def _on_day(days: Mapping[int, Micros], day: int, amount: Micros) -> Mapping[int, Micros]:
    if day in days:
        return {**days, day: Micros(days[day] + amount)}
    return dict(sorted({**days, day: amount}.items())[-DAYS_KEPT:])


def _batched(batches: tuple[Batch, ...], entry: Earned) -> tuple[Batch, ...]:
    # One tick's entries come mixed; its batches are the few at the front.
    for position, batch in enumerate(batches):
        if batch.tick != entry.tick:
            break
        if (batch.kind, batch.actor) == (entry.kind, entry.actor):
            amount = Micros(batch.amount + entry.amount)
            grown = replace(batch, at=entry.at, amount=amount, count=batch.count + 1)
            return (*batches[:position], grown, *batches[position + 1 :])
    batch = Batch(entry.tick, entry.at, entry.kind, entry.actor, entry.amount, 1)
    return newest_first(batches, batch, ENTRIES_KEPT)
