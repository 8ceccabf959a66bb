"""What a group of branches teaches: advantages of each against the others; and how sure a comparison is. Plain Python."""

import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Life:
    """One episode as the trainer remembers it: a row of features, an action and the dollars until the next, per decision."""

    features: list[list[float]] = field(default_factory=list)
    actions: list[int] = field(default_factory=list)
    earned: list[float] = field(default_factory=list)
    dollars: float | None = None
    """Of the whole; None if it was voided: it is left out of its group."""

    def to_come(self) -> list[float]:
        """At each decision, the dollars from there to the end."""
        sums: list[float] = []
        for dollars in reversed(self.earned):
            sums.append(dollars + (sums[-1] if sums else 0.0))
        return sums[::-1]


@dataclass(frozen=True)
class Batch:
    """Decisions of a group, with how much better than the others' each turned out."""

    features: list[list[float]]
    actions: list[int]
    advantages: list[float]


def relative(returns: Sequence[float]) -> list[float]:
    """Each return against the mean of its group."""
    mean = statistics.fmean(returns)
    return [each - mean for each in returns]


def batch(lives: Sequence[Life]) -> Batch | None:
    """A group's decisions: each is judged by the dollars still to come, against what the others had to come then.

    All are divided by the spread of the group's whole returns. None if fewer than two count, or all did equally well:
    that says nothing.
    """
    good = [life for life in lives if life.dollars is not None and life.actions]
    spread = statistics.pstdev([life.to_come()[0] for life in good]) if len(good) > 1 else 0.0
    if spread < 1e-6:
        return None
    rows: list[tuple[list[float], int, float]] = []
    for moment in range(max(len(life.actions) for life in good)):
        there = [life for life in good if moment < len(life.actions)]
        better = relative([life.to_come()[moment] for life in there])
        rows += [
            (life.features[moment], life.actions[moment], each / spread)
            for life, each in zip(there, better, strict=True)
        ]
    return Batch([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])


def interval(differences: Sequence[float], chance: random.Random) -> tuple[float, float]:
    """A 95 % bootstrap interval of a mean."""
    count = len(differences)
    means = sorted(statistics.fmean(chance.choices(differences, k=count)) for _ in range(4000))
    return means[99], means[3899]
