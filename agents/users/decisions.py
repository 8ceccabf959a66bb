"""Staying, leaving, paying and growing: each customer makes up its mind once a day, at an hour of its own. Pure."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from agents.users.constants import PAIN_KINDS, Tuning
from agents.users.population.columns import SEGMENTS, Floats, Population
from agents.users.population.draw import MONTH
from bus.scenario import Scenario
from bus.simtime import DAY, HOUR, SimTime

Reason = Literal["dissatisfied", "beyond_tolerance", "payment_failed", "price", "breach"]
_FOREIGN = PAIN_KINDS.index("foreign_item")


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


def deciding(population: Population, now: SimTime) -> NDArray[np.intp]:
    """Rows of the customers that decide in this hour."""
    hour = now % DAY // HOUR
    return np.flatnonzero(population.customers.alive & (population.customers.decides_at == hour))


def renewing(population: Population, rows: NDArray[np.intp], now: SimTime) -> NDArray[np.bool_]:
    """Whether a paid month ended in the last day."""
    age = now - population.customers.paid_from[rows]
    return (age >= MONTH) & (age % MONTH < DAY)


def burden(population: Population, rows: NDArray[np.intp]) -> Floats:
    """Pain as a share of a month's price."""
    customers = population.customers
    return (customers.pain[rows].sum(axis=1) / np.maximum(customers.price[rows], 1)).astype(np.float32)


def pressure(population: Population, rows: NDArray[np.intp], rises: dict[str, float], tuning: Tuning) -> Pressure:
    """The terms of the hazard. `rises` is by plan how much dearer it is than at the start, as a factor."""
    customers = population.customers
    dearer = np.array([max(1.0, rises.get(customers.plan[int(row)], 1.0)) for row in rows])
    return Pressure(
        pain=tuning.pain_weight * customers.impatience[rows] * burden(population, rows),
        quality=(tuning.quality_weight * (1 - customers.quality[rows])).astype(np.float32),
        price=(tuning.price_weight * customers.price_sensitivity[rows] * np.log(dearer)).astype(np.float32),
    )


def leaving(
    population: Population,
    scenario: Scenario,
    rises: dict[str, float],
    now: SimTime,
    tuning: Tuning,
    rng: np.random.Generator,
) -> list[Leaving]:
    """Who leaves in this hour, and why.

    A discrete-time logit hazard beside a competing one for failed payments; beyond its tolerance a customer leaves at
    once. On the good product with capacity the hazard is the segment's base rate: half of it spread over the month,
    half on the day of renewal.
    """
    rows = deciding(population, now)
    customers = population.customers
    base = np.array([scenario.users.segments[segment].monthly_churn for segment in SEGMENTS])[customers.segment[rows]]
    month_end = renewing(population, rows, now)
    ordinary = base * customers.churn_weight[rows]
    ordinary = ordinary * ((1 - tuning.renewal_share) / 30 + tuning.renewal_share * month_end)
    felt = pressure(population, rows, rises, tuning)
    moved = felt.pain + felt.quality + felt.price
    odds = np.clip(ordinary, 1e-9, 0.5)
    hazard = 1 / (1 + (1 - odds) / odds * np.exp(-moved))
    draws = rng.random((2, len(rows)))
    leaves = draws[0] < hazard
    fails = draws[1] < np.where(month_end, tuning.failed_payment_month, 0.0)
    beyond = burden(population, rows) > customers.patience[rows]
    found: list[Leaving] = []
    for place in np.flatnonzero(leaves | fails | beyond):
        row = int(rows[place])
        if beyond[place] or leaves[place]:
            priced = felt.price[place] > felt.pain[place] + felt.quality[place]
            found.append(Leaving(row, _reason(population, row, beyond=bool(beyond[place]), priced=bool(priced))))
        else:
            found.append(Leaving(row, "payment_failed"))
    return found


def _reason(population: Population, row: int, *, beyond: bool, priced: bool) -> Reason:
    pain = population.customers.pain[row]
    if pain[_FOREIGN] * 2 > pain.sum() > 0:
        return "breach"
    if beyond:
        return "beyond_tolerance"
    return "price" if priced else "dissatisfied"


def seat_changes(
    population: Population, now: SimTime, tuning: Tuning, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """(row, new number of seats) of customers that grow or shrink by one at a renewal: satisfied ones grow."""
    rows = deciding(population, now)
    happy = population.satisfaction(rows)
    draws = rng.random((2, len(rows)))
    changes = renewing(population, rows, now) & (draws[0] < tuning.seat_change)
    found: list[tuple[int, int]] = []
    for place in np.flatnonzero(changes):
        seats = int(population.customers.seats[rows[place]])
        after = seats + (1 if draws[1][place] < happy[place] * 0.6 else -1)
        if after >= 1:
            found.append((int(rows[place]), after))
    return found


def joins(population: Population, scenario: Scenario, tuning: Tuning, rng: np.random.Generator) -> int:
    """How many new customers come in this hour: Bass, with imitation scaled by reputation."""
    begun = scenario.users.customers
    spread = tuning.imitation * float(population.customers.alive.sum()) / begun
    hourly = scenario.users.joins_per_month * begun / 30 / 24
    return int(rng.poisson(hourly * population.reputation * (1 - tuning.imitation + spread)))


def spread_word(population: Population, hours: float, tuning: Tuning) -> None:
    """Move the reputation towards what present customers say; bad news travels faster."""
    alive = np.flatnonzero(population.customers.alive)
    if not len(alive):
        population.reputation = 0.0
        return
    heard = float(population.satisfaction(alive).mean())
    speed = tuning.bad_news_speed if heard < population.reputation else 1.0
    step = 1 - 0.5 ** (hours * speed / 24 / tuning.reputation_days)
    population.reputation += step * (heard - population.reputation)
