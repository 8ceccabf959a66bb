"""Reward from the ledger, as pure decisions: an entry's effect on equity, what caused it, and the shaped variant.

Reward is derived, never reported: the amount of an entry is what its lines do to revenue and costs, and nothing else
enters. The shaped variant adds the change of a potential, so that a customer won or lost shows within the tick:

    potential = monthly recurring revenue x min(expected life, time left) / 30 days

At the horizon no time is left and after an early end nothing more is earned, so the last potential is zero: over an
episode the shaped rewards sum to the raw ones less the first potential, whatever the operator does (Ng, Harada and
Russell 1999). The first books count as the beginning, since they hold what the operator inherited.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bus.messages.base import Delivered, Envelope
from bus.messages.billing import BooksClosed, EntryPosted
from bus.messages.cloud import Isolation
from bus.messages.gateway import ActionEnded, TurnEnded
from bus.messages.reward import Cause, RewardEntry, RewardPart, RewardTurn
from bus.money import Micros, share
from bus.scenario import Scenario
from bus.simtime import DAY, HOUR, SimTime

MONTH = SimTime(30 * DAY)
"""A month of service, as billing counts it."""

EARNING = ("revenue:", "cost:")
"""Accounts whose lines change equity; credits are gains."""


def effect(entry: EntryPosted) -> tuple[RewardPart, ...]:
    """What an entry does to equity, by account in alphabetical order; accounts that come out even are left out."""
    by_account: defaultdict[str, int] = defaultdict(int)
    for line in entry.lines:
        if line.account.startswith(EARNING):
            by_account[line.account] -= line.amount
    return tuple(
        RewardPart(account=account, amount=Micros(amount)) for account, amount in sorted(by_account.items()) if amount
    )


def expected_life(scenario: Scenario) -> SimTime:
    """How long a customer ordinarily stays: one month over the market's mean monthly churn."""
    segments = [segment for _, segment in sorted(scenario.users.segments.items())]
    churn = sum(segment.share * segment.monthly_churn for segment in segments)
    shares = sum(segment.share for segment in segments)
    return SimTime(round(MONTH * shares / churn)) if churn else SimTime(scenario.ticks * HOUR)


def potential(mrr: Micros, left: SimTime, life: SimTime) -> Micros:
    """What the running subscriptions may still bring: `mrr` over the time left, at most over an expected life."""
    return share(mrr, max(0, min(left, life)), MONTH)


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry's reward before it gets its place in the signed chain."""

    entry: EntryPosted
    parts: tuple[RewardPart, ...]
    cause: Cause
    cause_id: str
    """Envelope id of the ledger entry."""
    shaping: Micros = Micros(0)

    @property
    def amount(self) -> Micros:
        return Micros(sum(part.amount for part in self.parts))

    def reward(self, isolation: Isolation, index: int, prev_hash: str) -> RewardEntry:
        """The message, still without a signature."""
        return RewardEntry(
            index=index,
            tick=self.entry.tick,
            amount=self.amount,
            kind=self.entry.kind,
            parts=self.parts,
            ledger_entry=self.entry.entry,
            cause=self.cause,
            reversal_of=self.entry.reversal_of,
            isolation=isolation,
            shaped=Micros(self.amount + self.shaping),
            prev_hash=prev_hash,
            sig="",
        )


@dataclass
class Scoring:
    """What must be remembered between ticks to score the next one."""

    life: SimTime
    horizon: SimTime
    _actions: dict[str, ActionEnded] = field(default_factory=dict[str, ActionEnded])
    _turns: dict[str, str] = field(default_factory=dict[str, str])
    """Turn by the envelope id of its end: what a turn's tokens are booked for."""
    _potential: Micros | None = None
    _untold: Micros = Micros(0)
    """Change in potential that no entry has carried yet."""

    @classmethod
    def of(cls, scenario: Scenario) -> "Scoring":
        """The beginning of an episode."""
        return cls(expected_life(scenario), SimTime(scenario.ticks * HOUR))

    def score(self, messages: Iterable[Delivered], *, closing: bool) -> list[Draft]:
        """The rewards of one step, in the ledger's order.

        The change in potential of closed books is carried by the last entry before them; without one, by the next
        entry that comes.
        """
        heard = list(messages)
        for delivered in heard:
            if isinstance(delivered.event, ActionEnded):
                self._actions[delivered.event.action_id] = delivered.event
            elif isinstance(delivered.event, TurnEnded):
                self._turns[delivered.envelope.id] = delivered.event.turn_id
        drafts: list[Draft] = []
        for delivered in heard:
            if isinstance(delivered.event, EntryPosted):
                draft = self._draft(delivered.event, delivered.envelope)
                if draft.amount:
                    drafts.append(draft)
            elif isinstance(delivered.event, BooksClosed):
                self._close(delivered.event, closing=closing)
                if drafts:
                    drafts[-1] = replace(drafts[-1], shaping=Micros(drafts[-1].shaping + self._untold))
                    self._untold = Micros(0)
        return drafts

    def _draft(self, entry: EntryPosted, envelope: Envelope) -> Draft:
        action = self._actions.get(entry.action) if entry.action else None
        if action:
            turn = action.turn_id
        else:
            turn = self._turns.get(envelope.cause_id or "") if entry.kind == "tokens" else None
        cause = Cause(
            actor=entry.actor, kind=action.tool if action else entry.kind, turn_id=turn, action_id=entry.action
        )
        return Draft(entry, effect(entry), cause, envelope.id)

    def _close(self, books: BooksClosed, *, closing: bool) -> None:
        left = SimTime(0) if closing else SimTime(self.horizon - (books.tick + 1) * HOUR)
        now = potential(books.mrr, left, self.life)
        if self._potential is not None:
            self._untold = Micros(self._untold + now - self._potential)
        self._potential = now


@dataclass
class Turns:
    """Joins the operator's turns with the entries that came after them: a partition of the stream by time, no credit.

    A turn's entries are those scored from the step that hears of its end until the step that hears of the next turn's.
    """

    _open: TurnEnded | None = None
    _first: int = 1

    def heard(self, messages: Iterable[Delivered], next_index: int) -> list[RewardTurn]:
        """The turns that are complete now that others have followed; `next_index` is the next entry's."""
        done: list[RewardTurn] = []
        for delivered in messages:
            if isinstance(delivered.event, TurnEnded):
                done += self.close(next_index)
                self._open, self._first = delivered.event, next_index
        return done

    def close(self, next_index: int) -> list[RewardTurn]:
        """The last turn, if there is one that has not been told."""
        turn, self._open = self._open, None
        if turn is None:
            return []
        told = turn.model_dump(exclude={"type", "tick"})
        return [RewardTurn(**told, first_index=self._first, last_index=next_index - 1)]
