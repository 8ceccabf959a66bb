"""When people work and what they come to do: a non-homogeneous Poisson process, thinned hour by hour. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from agents.users.journeys import Journey
from agents.users.population.cohorts import UserAgent
from agents.users.population.columns import SEGMENTS, Customers, Floats, Ints, Population

_DAY = np.array(
    [
        0.46, 0.46, 0.46, 0.46, 0.46, 0.50, 0.62, 0.88, 1.28, 1.58, 1.66, 1.60,
        1.38, 1.44, 1.62, 1.62, 1.50, 1.26, 0.96, 0.82, 0.72, 0.62, 0.54, 0.48,
    ]
)  # fmt: skip
HOURS: Floats = (_DAY / _DAY.mean()).astype(np.float32)
"""Activity by local hour, mean 1: peak 1.6-1.7, largest to smallest 3-4 (robustperception.io; C)."""
PEAK = float(HOURS.max())


@dataclass(frozen=True)
class Sessions:
    """Sessions of one tick: row i of each column belongs together."""

    customer: Ints
    person: Ints
    journey: Ints

    def __len__(self) -> int:
        return len(self.customer)


def intensity(customers: Customers, now: datetime) -> Floats:
    """Activity of each customer in the hour that begins at `now` (UTC), against its mean on a working day."""
    local = now.hour + customers.zone
    weekday = (now.weekday() + local // 24) % 7
    return HOURS[local % 24] * np.where(weekday >= 5, customers.weekend, np.float32(1)) * customers.alive


def offered(population: Population, cdf: Floats, now: datetime, rng: np.random.Generator) -> Sessions:
    """All sessions that begin in this hour.

    Candidates come at the peak rate of everybody; each is kept with the chance that its person's hour deserves. Only
    candidates are touched. `cdf` is customers x journeys, as `journey_mix` gives it.
    """
    people = population.people
    bounds = np.cumsum(people.rate, dtype=np.float64)
    expected = float(bounds[-1]) * PEAK / 24 if len(bounds) else 0.0
    drawn = rng.random(rng.poisson(expected)) * (bounds[-1] if len(bounds) else 0.0)
    person: Ints = np.asarray(np.searchsorted(bounds, drawn, side="right"), np.int32)
    now_active = intensity(population.customers, now)
    customer = people.customer[person]
    kept = rng.random(len(person)) * PEAK < now_active[customer]
    person, customer = person[kept], customer[kept]
    journey = (rng.random(len(customer))[:, None] > cdf[customer, :-1]).sum(axis=1)
    return Sessions(customer, person, journey.astype(np.int32))


def journey_mix(customers: Customers, agents: Sequence[UserAgent], journeys: Sequence[Journey]) -> Floats:
    """Cumulative share of each journey among a customer's sessions: customers x journeys."""
    weights = np.array([[one.weights[segment] for one in journeys] for segment in SEGMENTS])[customers.segment]
    tastes = np.array([[agent.tastes.get(one.theme, 1.0) for one in journeys] for agent in agents])[customers.agent]
    machine = np.array([one.machine for one in journeys])
    crowd = np.array([one.crowd for one in journeys])
    weights = weights * tastes
    weights = np.where(machine, weights * 3 * customers.api_habit[:, None], weights)
    weights = np.where(crowd & (customers.seats < 3)[:, None], 0.0, weights)
    return np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1).astype(np.float32)


def executed(
    sessions: Sessions, panel: NDArray[np.bool_], budget: float | None, common: Floats, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Which sessions run for real: positions in `sessions`, ascending.

    Of the panel's sessions about `budget` (None: all), rare journeys more often than their share: failures are
    estimated for each journey, so each needs its sample. `common` is each journey's share among sessions.
    """
    candidates = np.flatnonzero(panel[sessions.customer])
    if budget is None:
        return candidates
    count = min(len(candidates), int(budget) + int(rng.random() < budget % 1))
    weights = 1 / np.sqrt(np.maximum(common[sessions.journey[candidates]], 1e-3))
    keys = rng.exponential(size=len(candidates)) / weights
    return np.sort(candidates[np.argsort(keys, kind="stable")[:count]])


def budget_share(population: Population, now: datetime) -> float:
    """This hour's part of a working day's activity of the panel."""
    customers = population.customers
    rates = np.bincount(population.people.customer, population.people.rate, minlength=len(customers))
    rates = rates * customers.panel * customers.alive
    total = float(rates.sum())
    return float((rates * intensity(customers, now)).sum()) / total / 24 if total else 0.0
