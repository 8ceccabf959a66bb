"""Who probes the product, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bus.messages.attackers import AttemptEnded
from bus.messages.base import Event
from bus.simtime import SimTime
from tui.state.bounded import added, newest_first

ATTEMPTS_KEPT = 200


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attack."""

    at: SimTime
    attacker: str
    kind: str
    outcome: str
    records: int
    requests: int


@dataclass(frozen=True, slots=True)
class Attacks:
    """All attempts so far."""

    attempts: tuple[Attempt, ...] = ()
    """Newest first."""
    total: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict[str, int])
    records: int = 0
    """Taken, each counted once."""


def heard(attacks: Attacks, at: SimTime, event: Event) -> Attacks:
    """The attacks after one more event, said at `at`."""
    if not isinstance(event, AttemptEnded):
        return attacks
    attempt = Attempt(at, event.attacker, event.kind, event.outcome, event.records, event.requests)
    return replace(
        attacks,
        attempts=newest_first(attacks.attempts, attempt, ATTEMPTS_KEPT),
        total=attacks.total + 1,
        outcomes=added(attacks.outcomes, event.outcome),
        records=attacks.records + event.records,
    )
