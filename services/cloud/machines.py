"""The provider's own faults: machines fail and come back, whatever the operator does. Pure.

Which place of the fleet is hit in an hour does not hang on what runs there, so that operators on one seed meet the same faults.
"""

import math
import random
from collections.abc import Mapping

from bus.simtime import DAY, HOUR

BACK_AFTER: tuple[tuple[float, int, int], ...] = (
    (0.55, 1, 6),
    (0.25, 6, 30),
    (0.19, 30, 24 * 60),
    (0.01, 24 * 60, 3 * 24 * 60),
)
"""By share of the failures, between how many minutes and how many a machine is back by itself (Barroso, Clidaras and Hölzle,
The Datacenter as a Computer, 2013, section 7.3, as remembered: it could not be looked up; C)."""


def failures(draw: random.Random, places: int, mean_days: float) -> Mapping[int, int]:
    """Which of the fleet's first `places` lose their machine in this hour, and for how many minutes.

    `draw` is this hour's stream; `mean_days` lie between two failures of one machine, on average.
    """
    chance = -math.expm1(-HOUR / (mean_days * DAY))
    found: dict[int, int] = {}
    for place in range(places):
        hit, kind, when = draw.random(), draw.random(), draw.random()  # all three, so that places stay apart
        if hit < chance:
            found[place] = _minutes(kind, when)
    return found


def _minutes(kind: float, when: float) -> int:
    for share, least, most in BACK_AFTER:
        if kind < share:
            return round(least + when * (most - least))
        kind -= share
    return BACK_AFTER[-1][2]
