"""`concern calm`: the good product with enough capacity and no enemies. Does anybody suffer, or leave, without a reason?

Nothing may hurt but what a recorded request and response show, and customers leave as often as the scenario's ordinary
churn says: `monthly_churn` of their segment and the failed payments of the user model, over the days for which they were
there (95 % interval of a Poisson count).
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import typer

from agents.users.constants import draw_tuning
from bus.chance import Chance
from bus.journal import JOURNAL, read_journal
from bus.messages.base import Delivered
from bus.messages.users import CohortWorked, CustomerChurned, CustomerJoined, CustomersInherited, PainFelt
from bus.scenario import Scenario
from bus.simtime import DAY, SimTime
from concern.measuring.gathering import Batch, earned, gather
from concern.measuring.standings import aligned
from concern.measuring.trials import Trial, told_seeds

SETTINGS = (
    "world.defects=0",
    "world.only_defects=[]",
    "attackers.guessers=0",
    "attackers.readers=0",
    "users.wishes=0",
    "users.inherited_tickets=0",
    "users.inherited_pain=0.0",
    "users.inherited_quality=1.0",
    "cloud.machine_days=1e9",
)
"""What makes a scenario calm: no defects, no enemies, nothing inherited, nothing missed."""
OPERATOR = "reactive"
"""Answers what customers ask, and keeps instances running."""
MONTH_DAYS = 30
TAIL = 0.025


@dataclass(frozen=True)
class Calm:
    """What the command line asks for."""

    name: str
    scenario: Scenario
    """With `SETTINGS`."""
    seeds: range
    days: int | None
    batch: Batch


@dataclass
class Watched:
    """What one world's journal shows."""

    ordinary: dict[str, float]
    """Chance of leaving by day, by segment."""
    felt: list[PainFelt] = field(default_factory=list[PainFelt])
    sessions: int = 0
    failed: int = 0
    left: Counter[str] = field(default_factory=Counter[str])
    expected: float = 0.0
    """Customers who would leave in the ordinary case."""
    _since: dict[str, tuple[str, SimTime]] = field(default_factory=dict[str, tuple[str, SimTime]])

    @property
    def unshown(self) -> list[PainFelt]:
        """Pain without a request and a response that shows it."""
        return [one for one in self.felt if not (one.request and one.response)]

    def read(self, events: Iterable[Delivered]) -> None:
        """Go through a journal, to its end."""
        now = SimTime(0)
        for delivered in events:
            now = max(now, delivered.envelope.sim_time)
            match delivered.event:
                case CustomersInherited() as inherited:
                    self._since |= {
                        one: (segment, SimTime(0))
                        for one, segment in zip(inherited.customer, inherited.segment, strict=True)
                    }
                case CustomerJoined() as joined:
                    self._since[joined.customer] = (joined.segment, now)
                case CustomerChurned() as gone:
                    self.left[gone.reason] += 1
                    self._count(gone.customer, now)
                case PainFelt() as pain:
                    self.felt.append(pain)
                case CohortWorked() as worked:
                    self.sessions += sum(worked.sessions)
                    self.failed += sum(worked.failed)
                case _:
                    pass
        for customer in sorted(self._since):
            self._count(customer, now)

    def _count(self, customer: str, until: SimTime) -> None:
        segment, since = self._since.pop(customer)
        self.expected += self.ordinary[segment] * (until - since) / DAY


def ordinary(scenario: Scenario, seed: int) -> dict[str, float]:
    """The ordinary chance of leaving by day: cancellation by segment, and failed payments as this seed has them."""
    failed = draw_tuning(Chance(seed)).failed_payment_month
    segments = scenario.users.segments.items()
    return {name: (segment.monthly_churn + failed) / MONTH_DAYS for name, segment in segments}


def counts(mean: float) -> tuple[int, int]:
    """The smallest and the largest number of events that a Poisson count of that mean has with 95 %."""
    chance, total, number = math.exp(-mean), 0.0, 0
    low = None
    while True:
        total += chance
        low = number if low is None and total > TAIL else low
        if total >= 1 - TAIL:
            return low or 0, number
        number += 1
        chance *= mean / number


def stay_calm(asked: Calm) -> int:
    """Run the worlds and print what hurt and who left; returns 0 if all is ordinary, else 1."""
    trials = [Trial(asked.name, OPERATOR, seed, asked.days, SETTINGS) for seed in asked.seeds]
    typer.echo(
        f"{asked.scenario.world.name}, calm, {told_seeds(asked.seeds)}, {asked.days or asked.scenario.world.days} days"
    )
    results = gather(trials, asked.batch, lambda result: f"seed {result.trial.seed:>3}  {earned(result):>14}")
    found: dict[int, Watched] = {}
    for result in results:
        if result.reward is not None:
            seed = result.trial.seed
            found[seed] = Watched(ordinary(asked.scenario, seed))
            found[seed].read(read_journal(result.root / JOURNAL))
    typer.echo("\n".join(told(found)))
    return 0 if len(found) == len(trials) and is_calm(found.values()) else 1


def is_calm(found: Iterable[Watched]) -> bool:
    """Whether nothing hurt without showing, and as many left as ordinarily do."""
    every = list(found)
    low, high = counts(sum(one.expected for one in every))
    return not any(one.unshown for one in every) and low <= sum(sum(one.left.values()) for one in every) <= high


def told(found: dict[int, Watched]) -> list[str]:
    """A table by seed, every pain of a kind with what shows it, and the sum of those who left against its interval."""
    rows: list[Sequence[str]] = [("seed", "sessions", "failed", "pain shown", "pain not shown", "left", "expected")]
    for seed, one in sorted(found.items()):
        shown = len(one.felt) - len(one.unshown)
        numbers = (one.sessions, one.failed, shown, len(one.unshown), sum(one.left.values()))
        rows.append((str(seed), *(f"{number:,}" for number in numbers), f"{one.expected:.1f}"))
    lines = [*aligned(rows), ""]
    examples = {(pain.kind, pain.journey): pain for one in found.values() for pain in one.felt}
    for (kind, journey), pain in sorted(examples.items()):
        lines.append(
            f"{kind} in {journey}, {pain.step}: {pain.request or 'no request'} -> {pain.response[:120] or 'no response'}"
        )
    left, expected = sum(sum(one.left.values()) for one in found.values()), sum(one.expected for one in found.values())
    low, high = counts(expected)
    reasons = sum((one.left for one in found.values()), Counter[str]())
    said = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items())) or "nobody"
    lines.append(f"{left} left ({said}); ordinarily {expected:.1f}, 95 % of such counts are {low} to {high}.")
    return lines
