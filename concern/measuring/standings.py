"""Operators on the same seeds, compared in pairs: who earns more, and how surely. Pure."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bus.money import MICROS_PER_DOLLAR, Micros, dollars
from concern.measuring.intervals import Interval, interval, paired

ENOUGH_SEEDS = 5
"""From so many seeds on the order must hold with 95 % confidence; below, the means and every seed must be in order."""

CENT = 0.01
"""Dollars; what earns less more than another earns as much, for people."""


@dataclass(frozen=True)
class Standings:
    """Rewards by operator (from worst to best, as expected) and seed; None for a voided run."""

    operators: tuple[str, ...]
    rewards: Mapping[tuple[int, str], Micros | None]

    @property
    def seeds(self) -> list[int]:
        """In which nobody's run was voided: only those can be compared."""
        every = sorted({seed for seed, _ in self.rewards})
        return [seed for seed in every if all(self.rewards[seed, one] is not None for one in self.operators)]

    @property
    def voided(self) -> list[tuple[int, str]]:
        """Runs that failed by our fault."""
        return sorted(key for key, reward in self.rewards.items() if reward is None)

    def of(self, operator: str) -> list[float]:
        """Rewards of one operator in dollars, by seed."""
        return [(self.rewards[seed, operator] or 0) / MICROS_PER_DOLLAR for seed in self.seeds]

    def step(self, low: str, high: str) -> Interval:
        """What `high` earns more than `low`, in dollars."""
        return paired(self.of(low), self.of(high))

    def score(self, operator: str) -> float | None:
        """(reward - floor) / (ceiling - floor) over all seeds, of the first and the last operator; None if they are equal."""
        floor, ceiling = (statistics.fmean(self.of(one)) for one in (self.operators[0], self.operators[-1]))
        return None if ceiling == floor else (statistics.fmean(self.of(operator)) - floor) / (ceiling - floor)

    @property
    def ordered(self) -> bool:
        """Whether each operator earns more than the one before, as surely as the number of seeds can tell."""
        steps = list(pairwise(self.operators))
        if self.voided or not self.seeds:
            return False
        if len(self.seeds) >= ENOUGH_SEEDS:
            return all(self.step(low, high).above_zero for low, high in steps)
        return all(
            above - below >= CENT
            for low, high in steps
            for below, above in zip(self.of(low), self.of(high), strict=True)
        )

    def losses(self, operator: str) -> int:
        """In how many seeds an operator loses money."""
        return sum(reward < 0 for reward in self.of(operator))


def table(standings: Standings) -> str:
    """Everything as a table in Markdown."""
    names = standings.operators
    rows: list[Sequence[str]] = [("seed", *names)]
    for seed in sorted({seed for seed, _ in standings.rewards}):
        cells = [standings.rewards[seed, name] for name in names]
        rows.append((str(seed), *(dollars(cell) if cell is not None else "voided" for cell in cells)))
    if standings.seeds:
        rows.append(("mean", *(in_dollars(interval(standings.of(name)).mean) for name in names)))
        rows.append(("least", *(in_dollars(min(standings.of(name))) for name in names)))
        rows.append(("score", *(_score(standings.score(name)) for name in names)))
    lines = aligned(rows)
    lines += ["", *_steps(standings)] if standings.seeds else []
    return "\n".join(lines)


def _steps(standings: Standings) -> list[str]:
    rows: list[Sequence[str]] = [("step", "paired difference", "95 % interval", "above zero")]
    for low, high in pairwise(standings.operators):
        step = standings.step(low, high)
        span = f"{in_dollars(step.low)} to {in_dollars(step.high)}" if len(standings.seeds) > 1 else "one seed only"
        rows.append((f"{low} < {high}", in_dollars(step.mean), span, "yes" if step.above_zero else "no"))
    first = standings.operators[0]
    lost = f"{first} loses money in {standings.losses(first)} of {len(standings.seeds)} seeds."
    return [*aligned(rows), "", lost]


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """A table's lines in Markdown, its first row the head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| "
        + " | ".join(
            f"{cell:<{width}}" if not place else f"{cell:>{width}}"
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 1) + (":" if place else "-") for place, width in enumerate(widths)) + "|"
    return [lines[0], rule, *lines[1:]]


def in_dollars(amount: float) -> str:
    """An amount in dollars as text."""
    return dollars(Micros(round(amount * MICROS_PER_DOLLAR)))


def _score(score: float | None) -> str:
    return "-" if score is None else f"{score:.2f}"
