"""Means of a few seeds, with the interval that says how much they mean. Pure."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

_T_95: tuple[float, ...] = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""Student's t, two-sided 95 %, for 1 to 30 degrees of freedom (any table)."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and its 95 % confidence interval; both ends infinite for a single value."""

    mean: float
    low: float
    high: float

    @property
    def above_zero(self) -> bool:
        """Whether the whole interval is."""
        return self.low > 0


def interval(values: Sequence[float]) -> Interval:
    """Student's interval of a sample's mean. `ValueError` for no values at all."""
    if not values:
        raise ValueError("an interval needs at least one value")
    mean = statistics.fmean(values)
    if len(values) == 1:
        return Interval(mean, -math.inf, math.inf)
    degrees = len(values) - 1
    t = _T_95[degrees - 1] if degrees <= len(_T_95) else 1.96 + 2.4 / degrees
    half = t * statistics.stdev(values) / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half)


def paired(low: Sequence[float], high: Sequence[float]) -> Interval:
    """The interval of `high` minus `low`, seed by seed: worlds differ far more from each other than operators do."""
    return interval([above - below for below, above in zip(low, high, strict=True)])
