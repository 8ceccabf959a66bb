"""Staying or leaving: each customer makes up its mind once a day, at an hour of its own. Pure.

A discrete-time logit hazard (subscriptions end observably, so no latent attrition model is needed: Fader and Hardie 2007; A)
beside a competing one for failed payments; beyond its tolerance a customer leaves at once.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from agents.users import lots
from agents.users.constants import PAIN_KINDS, Tuning
from agents.users.lots import Keys
from agents.users.population.columns import SEGMENTS, Flags, Floats, Population, Rows
from agents.users.population.draw import MONTH
from agents.users.wants import Works
from bus.scenario import Scenario
from bus.simtime import DAY, HOUR, SimTime

Reason = Literal["dissatisfied", "beyond_tolerance", "payment_failed", "price", "breach"]
_FOREIGN = PAIN_KINDS.index("foreign_item")
_LEAVES, _FAILS = 0, 1
"""Numbers of the draws of a customer's day."""


@dataclass(frozen=True, slots=True)
class Leaving:
    row: int
    reason: Reason


@dataclass(frozen=True)
class Pressure:
    """What moves the deciding customers' log-odds of leaving, each 0 when all is as it was."""

    pain: Floats
    quality: Floats
    price: Floats
    wants: Floats

    @property
    def sum(self) -> Floats:
        """All of it."""
        return self.pain + self.quality + self.price + self.wants


def deciding(population: Population, now: SimTime) -> Rows:
    """Rows of the customers that decide in this hour."""
    hour = now % DAY // HOUR
    return np.flatnonzero(population.customers.alive & (population.customers.decides_at == hour))


def renewing(population: Population, rows: Rows, now: SimTime) -> Flags:
    """Whether a paid month ended in the last day."""
    age = now - population.customers.paid_from[rows]
    return (age >= MONTH) & (age % MONTH < DAY)


def pressure(population: Population, rows: Rows, coming: Floats, works: Works, tuning: Tuning) -> Pressure:
    """The terms of the hazard.

    `coming` is by plan code the announced price of a seat where it is dearer than today's, else 0. A price weighs against
    what the customer is used to, which follows it slowly: a rise is remembered.
    """
    customers = population.customers
    price = np.maximum(customers.price[rows], 1).astype(np.float32)
    seat = price / customers.seats[rows]
    used_to = np.maximum(customers.reference[rows], 1)  # who came when it was free is used to next to nothing
    paid = np.maximum(np.log(seat / used_to), 0)
    told = np.maximum(np.log(np.maximum(coming[customers.plan_code[rows]], seat) / used_to), 0)
    dearer = paid + tuning.notice_weight * (told - paid)
    missing = tuning.wants_weight * works.unmet(population, rows) - tuning.surplus_weight * works.met(population, rows)
    return Pressure(
        pain=(tuning.pain_weight * customers.impatience[rows] * population.burden(rows)).astype(np.float32),
        quality=(tuning.quality_weight * (1 - customers.quality[rows])).astype(np.float32),
        price=(tuning.price_weight * customers.price_sensitivity[rows] * dearer).astype(np.float32),
        wants=(missing / price).astype(np.float32),
    )


def hazard(ordinary: Floats, moved: Floats) -> Floats:
    """The daily chance of leaving: the ordinary one, its log-odds moved by what the customer feels."""
    odds = np.clip(ordinary, 1e-9, 0.5)
    return (1 / (1 + (1 - odds) / odds * np.exp(-moved))).astype(np.float32)


def leaving(
    population: Population,
    scenario: Scenario,
    coming: Floats,
    works: Works,
    now: SimTime,
    tuning: Tuning,
    days: np.uint64,
) -> list[Leaving]:
    """Who leaves in this hour, and why; `days` is the random stream of this day.

    On the good product with capacity the hazard is the segment's base rate: part of it spread over the month, part on the
    day of renewal.
    """
    rows = deciding(population, now)
    customers = population.customers
    base = np.array([scenario.users.segments[segment].monthly_churn for segment in SEGMENTS])[customers.segment[rows]]
    month_end = renewing(population, rows, now)
    tenure = customers.tenure_days[rows] + np.float32(now / DAY)
    ordinary = base * customers.churn_weight[rows] * tuning.tenure_factor(tenure)
    ordinary = ordinary * ((1 - tuning.renewal_share) / 30 + tuning.renewal_share * month_end)
    felt = pressure(population, rows, coming, works, tuning)
    own: Keys = lots.keys(days, customers.number[rows])
    leaves = lots.uniform(own, _LEAVES) < hazard(ordinary.astype(np.float32), felt.sum)
    fails = lots.uniform(own, _FAILS) < np.where(month_end, tuning.failed_payment_month, 0.0)
    beyond = population.burden(rows) > customers.patience[rows]
    get_used(population, rows, tuning)
    found: list[Leaving] = []
    for place in np.flatnonzero(leaves | fails | beyond):
        row = int(rows[place])
        if beyond[place] or leaves[place]:
            priced = felt.price[place] > felt.pain[place] + felt.quality[place]
            found.append(Leaving(row, _reason(population, row, beyond=bool(beyond[place]), priced=bool(priced))))
        else:
            found.append(Leaving(row, "payment_failed"))
    return found


def get_used(population: Population, rows: Rows, tuning: Tuning) -> None:
    """A day passes for what these customers are used to pay."""
    customers = population.customers
    seat = (customers.price[rows] / customers.seats[rows]).astype(np.float32)
    step = np.float32(1 - 0.5 ** (1 / tuning.price_memory_days))
    customers.reference[rows] += step * (seat - customers.reference[rows])


def _reason(population: Population, row: int, *, beyond: bool, priced: bool) -> Reason:
    pain = population.felt(np.array([row]))[0]
    if pain[_FOREIGN] * 2 > pain.sum() > 0:
        return "breach"
    if beyond:
        return "beyond_tolerance"
    return "price" if priced else "dissatisfied"
