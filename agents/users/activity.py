"""When people work and what they come to do: a non-homogeneous Poisson process, thinned hour by hour. Pure.

Individual rates are gamma-distributed (Pareto/NBD's mixture: Schmittlein, Morrison and Colombo 1987; A) and candidates are
thinned by the hour (Lewis and Shedler 1979; A). Only candidates are touched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from agents.users import lots
from agents.users.journeys import Journey
from agents.users.lots import Keys
from agents.users.population.cohorts import UserAgent
from agents.users.population.columns import SEGMENTS, WEIGHT, Customers, Floats, Ints, Longs, Population, Rows

_DAY = np.array(
    [
        0.46, 0.46, 0.46, 0.46, 0.46, 0.50, 0.62, 0.88, 1.28, 1.58, 1.66, 1.60,
        1.38, 1.44, 1.62, 1.62, 1.50, 1.26, 0.96, 0.82, 0.72, 0.62, 0.54, 0.48,
    ]
)  # fmt: skip
HOURS: Floats = (_DAY / _DAY.mean()).astype(np.float32)
"""Activity by local hour, mean 1: peak 1.6-1.7, largest to smallest 3-4 (robustperception.io; C)."""
PEAK = float(HOURS.max())
_KEEP, _MACHINE, _KIND = 0, 1, 2
"""Numbers of the draws of a session's key; `outcomes` and `sampling` continue them."""


@dataclass(frozen=True)
class Sessions:
    """Sessions of one tick: row i of each column belongs together. They stand by user agent and person."""

    customer: Ints
    person: Ints
    journey: Ints
    ordinal: Ints
    """Unique in its user agent's tick, and ascending."""
    stratum: Ints
    """The customer's."""
    key: Keys
    """Whatever else is drawn for a session is drawn from its key."""

    def __len__(self) -> int:
        return len(self.customer)


def intensity(customers: Customers, rows: Rows | Ints, now: datetime) -> Floats:
    """Activity of some customers in the hour that begins at `now` (UTC), against their mean on a working day."""
    local = now.hour + customers.zone[rows]
    hours = HOURS[local % 24] * customers.alive[rows]
    weekend = (now.weekday() + local // 24) % 7 >= 5
    if weekend.any():
        hours = np.where(weekend, hours * customers.weekend[rows], hours)
    return hours


def offered(population: Population, mix: "Mix", now: datetime, hour: np.uint64) -> Sessions:
    """All sessions that begin in this hour, of which `hour` is the random stream.

    Candidates come at the peak rate of everybody; each is kept with the chance that its person's hour deserves.
    """
    place, ordinal, key = _candidates(population, hour)
    person = np.searchsorted(population.bounds, place, side="right").astype(np.int32)
    customer = population.people.customer[person]
    kept = np.flatnonzero(lots.uniform(key, _KEEP) * PEAK < intensity(population.customers, customer, now))
    customer, key = customer[kept], key[kept]
    journey = mix.choose(population.customers, customer, lots.uniform(key, _MACHINE), lots.uniform(key, _KIND))
    return Sessions(customer, person[kept], journey, ordinal[kept], population.customers.stratum[customer], key)


def _candidates(population: Population, hour: np.uint64) -> tuple[Longs, Ints, Keys]:
    """Arrivals at the peak rate, as places in the running sum of weights, with ordinals and keys.

    Each user agent has a Poisson process of its own along its people's weights, from exponential gaps: so a newcomer at
    its end, or another agent's, changes nobody else's hour.
    """
    ends = np.concatenate([[0], population.bounds])[population.ends]
    begins = np.concatenate([[0], ends[:-1]])
    lengths = ends - begins
    own = lots.keys(hour, np.arange(population.first, population.last))
    per_unit = PEAK / 24 / WEIGHT
    most = float(lengths.max(initial=0)) * per_unit
    width = int(most + 6 * most**0.5) + 8
    while True:
        key = lots.keys(own[:, None], np.arange(width)[None, :])
        gaps = -np.log1p(-lots.uniform(key, 9))
        reached = np.cumsum(gaps, axis=1) / per_unit
        if not len(reached) or (reached[:, -1] >= lengths).all():
            break
        width *= 2
    agent, ordinal = np.nonzero(reached < lengths[:, None])
    place = begins[agent] + reached[agent, ordinal].astype(np.int64)
    return place, ordinal.astype(np.int32), key[agent, ordinal]


@dataclass(frozen=True)
class Mix:
    """What people come to do: shares by user agent, segment and whether there is a crowd; programs apart.

    A customer's share of sessions by programs follows its own habit; the rest is its class's.
    """

    bounds: NDArray[np.float64]
    """Running shares of the journeys of people, all classes one after the other, each from its own whole number."""
    machines: NDArray[np.float64]
    """The same of the journeys of programs."""
    machine_odds: Floats
    """By class: weight of programs at full habit against that of people."""
    journeys: int

    def choose(
        self, customers: Customers, rows: Ints, by_machine: NDArray[np.float64], kind: NDArray[np.float64]
    ) -> Ints:
        """One journey for each of `rows`, from two uniform numbers each."""
        of = _class_of(customers, rows)
        odds = self.machine_odds[of] * customers.api_habit[rows]
        programs = by_machine * (1 + odds) < odds
        found = np.searchsorted(self.bounds, of + kind, side="right") - of * self.journeys
        if programs.any():
            machine = of[programs]
            place = np.searchsorted(self.machines, machine + kind[programs], side="right")
            found[programs] = place - machine * self.journeys
        return np.minimum(found, self.journeys - 1).astype(np.int32)

    def shares(self, customers: Customers, rows: Rows) -> Floats:
        """Share of each journey among the sessions of some customers: rows x journeys."""
        of = _class_of(customers, rows)
        odds = self.machine_odds[of] * customers.api_habit[rows]
        each = (np.arange(len(self.machine_odds))[:, None]).astype(np.float64)
        parts = [
            np.diff(table.reshape(-1, self.journeys) - each, axis=1, prepend=0.0)[of]
            for table in (self.bounds, self.machines)
        ]
        return ((parts[0] + odds[:, None] * parts[1]) / (1 + odds)[:, None]).astype(np.float32)


def journey_mix(agents: Sequence[UserAgent], journeys: Sequence[Journey]) -> Mix:
    """The mix of a world's user agents."""
    weights = np.array([[one.weights[segment] for one in journeys] for segment in SEGMENTS], np.float64)
    tastes = np.array([[agent.tastes.get(one.theme, 1.0) for one in journeys] for agent in agents])
    alone = np.array([[not one.crowd for one in journeys], [True] * len(journeys)])
    table = (tastes[:, None, None, :] * weights[None, :, None, :] * alone[None, None, :, :]).reshape(-1, len(journeys))
    machine = np.array([one.machine for one in journeys])
    people, programs = np.where(machine, 0.0, table), np.where(machine, table * 3, 0.0)
    odds = programs.sum(axis=1) / people.sum(axis=1)
    return Mix(_running(people), _running(programs), odds.astype(np.float32), len(journeys))


def _running(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Running shares of each row, raised by the row's number: one ascending table for `searchsorted`."""
    sums = table.sum(axis=1, keepdims=True)
    shares = np.divide(table, sums, out=np.full_like(table, 1 / table.shape[1]), where=sums > 0)
    running = np.minimum(np.cumsum(shares, axis=1), 1.0)
    running[:, -1] = 1.0
    return np.asarray(running + np.arange(len(table))[:, None], np.float64).ravel()


def _class_of(customers: Customers, rows: Rows | Ints) -> NDArray[np.int64]:
    code = customers.agent[rows].astype(np.int64) * len(SEGMENTS) + customers.segment[rows]
    return code * 2 + (customers.seats[rows] >= 3)
