"""Which sessions run for real, and what they tell of all the others: a stratified two-phase sample. Pure.

First the panel: customers drawn within strata of plan x tenure x exposure. Then sessions of the panel, each by itself with
a chance that its cell (journey x stratum) has. The weight of a session is one over the product of both chances (Horvitz
and Thompson 1952; Saerndal, Swensson and Wretman 1992, chapters 3, 5 and 9; A). Who is drawn comes from a secret stream,
and the size of what is drawn depends on nothing that the product could see.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.users import lots
from agents.users.activity import Sessions
from agents.users.population.columns import Customers, Doubles, Flags, Floats, Ints, Longs, Rows

TENURES = (90.0, 360.0)
"""Days that part new, settled and old customers."""
LEAST = 4
"""Panel customers of a stratum, and sessions of a cell, below which it does not stand alone (MEASURED.md section 4)."""
BURST = 3.0
"""How much more often sessions run after a release, until a day's usual number of them has run."""


def strata(plans: int) -> int:
    """How many strata of customers there are with so many plans."""
    return plans * (len(TENURES) + 1) * 2


def stratum(plan_code: Ints, tenure_days: Floats, heavy: Flags) -> Ints:
    """Of each customer: plan x tenure x exposure (whether it uses the product more than its segment's median)."""
    tenure = np.searchsorted(np.array(TENURES, np.float32), tenure_days, side="right")
    return ((plan_code * (len(TENURES) + 1) + tenure) * 2 + heavy).astype(np.int32)


def draw_panel(of: Ints, size: int, secret: np.random.Generator) -> Flags:
    """Who is on the panel: at least `LEAST` of each stratum if there is room, else in proportion.

    Within a stratum a systematic sample of the rows, which stand by user agent, from a random start.
    """
    chosen = np.zeros(len(of), np.bool_)
    sizes = np.bincount(of)
    for code, take in enumerate(_allotted(sizes, min(size, len(of)))):
        rows = np.flatnonzero(of == code)
        if take:
            chosen[rows[((np.arange(take) + secret.random()) * len(rows) / take).astype(np.intp)]] = True
    return chosen


def _allotted(sizes: NDArray[np.integer], size: int) -> list[int]:
    """Sample sizes of strata: floors first, then by largest remainder in proportion."""
    room = size // max(1, int((sizes > 0).sum()))
    take = np.minimum(sizes, min(LEAST, room))
    while int(take.sum()) < size:
        want = size * sizes / sizes.sum() - take
        want[take >= sizes] = -np.inf
        take[int(np.argmax(want))] += 1
    return [int(each) for each in take]


@dataclass(frozen=True)
class Design:
    """How sessions are drawn, for a whole world: cells are journeys x strata."""

    everybody: Doubles
    """Expected sessions of a working day in each cell, all customers."""
    chance: Doubles
    """That a session of a panel's customer in that cell runs for real, without a burst."""
    weight: Doubles
    """Sessions that an executed one of that cell stands for, without a burst."""

    def selected(self, sessions: Sessions, panel: Flags, burst: float, secret: np.uint64) -> Rows:
        """Positions of the sessions that run for real, ascending, with luck from a secret stream of this tick."""
        candidates = np.flatnonzero(panel)
        likely = self.chance[sessions.journey[candidates], sessions.stratum[candidates]] * burst
        return candidates[lots.uniform(lots.keys(secret, sessions.key[candidates])) < likely]


def make_design(customers: Customers, shares: Floats, count: int, budget: float | None) -> Design:
    """The design for a population as it begins, with `count` strata.

    `shares` is customers x journeys; `budget` the sessions to run on a working day (None: all). A cell gets its part by
    the square root of its size: failures are estimated for each journey, so each needs its sample.
    """
    everybody = _by_cell(customers, shares, customers.usual, count)
    panel = _by_cell(customers, shares, customers.usual * customers.panel, count)
    likely = sessions_chance(panel, budget)
    heads = np.bincount(customers.stratum, minlength=count)
    chosen = np.bincount(customers.stratum, customers.panel, count)
    of_customer = np.divide(chosen, heads, out=np.ones(count), where=chosen > 0)
    return Design(everybody, likely, 1 / (likely * of_customer))


def _by_cell(customers: Customers, shares: Floats, usual: Floats, count: int) -> Doubles:
    """Expected sessions: journeys x strata."""
    return np.array([np.bincount(customers.stratum, usual * column, count) for column in shares.T], np.float64)


def sessions_chance(expected: Doubles, budget: float | None) -> Doubles:
    """The chance of each cell's sessions, so that about `budget` of the `expected` ones are drawn."""
    if budget is None or budget >= expected.sum():
        return np.ones_like(expected)
    wish = 1 / np.sqrt(np.maximum(expected, expected.sum() / 1e4))
    scale = budget / float((expected * wish).sum())
    for _ in range(20):  # cells that are taken whole leave the rest to the others
        likely = np.minimum(scale * wish, 1.0)
        scale *= budget / float((expected * likely).sum())
    return np.minimum(scale * wish, 1.0)


@dataclass(frozen=True)
class Estimate:
    """A share with its 95 % interval."""

    share: float
    low: float
    high: float


def estimate(seen: Longs, failed: Longs, weight: Doubles, everybody: Doubles) -> Estimate:
    """The share of failing sessions among everybody's, from counts by cell.

    Cells with fewer than `LEAST` sessions are collapsed into one. The interval is Wilson's (1927) on the effective size of
    the sample: that of a plain one with the same variance (Korn and Graubard 1998; A). A cell's own variance is taken from
    its share, drawn towards its journey's, and that towards the whole, each by `LEAST` sessions, for cells are thin; the
    whole gets two failures and two successes (Agresti and Coull 1998; A).
    """
    if not seen.any():
        return Estimate(0.0, 0.0, 1.0)
    part = everybody / everybody.sum()
    alone = seen >= LEAST
    counted = np.maximum(seen, 1)
    rest = float(part[~alone].sum())
    lent = weight * seen * ~alone
    lent = rest * lent / max(float(lent.sum()), 1e-12)
    stands_for = np.where(alone, part, lent)
    share = float((stands_for * failed / counted).sum())
    pooled = (failed.sum() + 2) / (seen.sum() + 4)
    journey = (failed.sum(axis=1) + LEAST * pooled) / (seen.sum(axis=1) + LEAST)
    own = (failed + LEAST * journey[:, None]) / (seen + LEAST)
    spread = float((stands_for**2 / counted * own * (1 - own)).sum())
    level = max(share, 0.5 / float(seen.sum()))
    return _wilson(share, level * (1 - level) / spread)


def _wilson(share: float, size: float, z: float = 1.959964) -> Estimate:
    middle = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z / (1 + z**2 / size) * (share * (1 - share) / size + z**2 / (4 * size**2)) ** 0.5
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))
