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
from agents.users.running import Table

_DAY = np.array(
    [
        0.46, 0.46, 0.46, 0.46, 0.46, 0.50, 0.62, 0.88, 1.28, 1.58, 1.66, 1.60,
        1.38, 1.44, 1.62, 1.62, 1.50, 1.26, 0.96, 0.82, 0.72, 0.62, 0.54, 0.48,
    ]
)  # fmt: skip
HOURS: Floats = (_DAY / _DAY.mean()).astype(np.float32)
"""Activity by local hour, mean 1: peak 1.6-1.7, largest to smallest 3-4 (robustperception.io; C)."""
SPREAD = 2
"""Hours by which a customer's zone may lie beside its user agent's."""
_KEEP, _MACHINE, _KIND = 0, 1, 2
"""Numbers of the draws of a session's key; `outcomes` and `sampling` continue them."""


@dataclass(frozen=True)
class Sessions:
    """Sessions of one tick: row i of each column belongs together. They stand by user agent and person."""

    customer: Rows
    person: Rows
    journey: Rows
    ordinal: Longs
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

    Candidates come at the highest rate that their user agent's hour could have; each is kept with the chance that its
    person's hour deserves.
    """
    customers = population.customers
    place, ordinal, key, highest = _candidates(population, bound(population, now), hour)
    person = population.line.find(place)
    customer = population.people.customer.take(person).astype(np.intp)
    lively = intensity(customers, np.arange(len(customers)), now)
    kept = np.flatnonzero(lots.uniform(key, _KEEP) * highest < lively.take(customer))
    customer, key = customer[kept], key[kept]
    journey = mix.choose(customers, customer, lots.uniform(key, _MACHINE), lots.uniform(key, _KIND))
    return Sessions(customer, person[kept], journey, ordinal[kept], customers.stratum.take(customer), key)


def bound(population: Population, now: datetime) -> Floats:
    """By user agent the highest intensity that a customer of it can have in this hour, wherever it is."""
    own = population.habits
    local = now.hour + own.zone[population.first : population.last, None] + np.arange(-SPREAD, SPREAD + 1)
    weekend = (now.weekday() + local // 24) % 7 >= 5
    return (HOURS[local % 24] * np.where(weekend, own.weekend[population.first : population.last, None], 1)).max(axis=1)


def _candidates(population: Population, most: Floats, hour: np.uint64) -> tuple[Longs, Longs, Keys, Floats]:
    """Arrivals at the rates `most`: places in the running sum of weights, ordinals, keys, and their rate.

    Each user agent has a Poisson process of its own along its people's weights, from exponential gaps: so a newcomer at
    its end, or another agent's, changes nobody else's hour. Gaps are whole units: their sums are exact.
    """
    ends = population.stops
    begins = np.concatenate([[0], ends[:-1]])
    lengths = ends - begins
    own = lots.keys(hour, np.arange(population.first, population.last))
    unit = 24 * WEIGHT / most.astype(np.float64)
    mean = lengths / unit
    drawn = (mean + 4 * np.sqrt(mean)).astype(np.int64) + 8
    while True:
        last = np.cumsum(drawn)
        ordinal = np.arange(int(last[-1])) - np.repeat(last - drawn, drawn)
        key = lots.keys(np.repeat(own, drawn), ordinal)
        gaps = lots.plain(key)
        np.log1p(np.negative(gaps, out=gaps), out=gaps)
        gaps *= np.repeat(-unit, drawn)
        reached = np.cumsum(gaps.astype(np.int64))
        before = np.concatenate([[0], reached[last[:-1] - 1]])
        short = np.diff(np.concatenate([[0], reached[last - 1]])) < lengths
        if not short.any():
            break
        drawn[short] *= 2
    there = np.flatnonzero(reached < np.repeat(before + lengths, drawn))
    agent = np.repeat(np.arange(len(own)), drawn)[there]
    return reached[there] + (begins - before)[agent], ordinal[there], key[there], most[agent]


@dataclass(frozen=True)
class Mix:
    """What people come to do: shares by user agent, segment and whether there is a crowd; programs apart.

    A customer's share of sessions by programs follows its own habit; the rest is its class's.
    """

    people: Table
    """Shares of the journeys of people, by class."""
    machines: Table
    """The same of the journeys of programs."""
    machine_odds: Floats
    """By class: weight of programs at full habit against that of people."""

    def choose(
        self, customers: Customers, rows: Rows, by_machine: NDArray[np.float64], kind: NDArray[np.float64]
    ) -> Rows:
        """One journey for each of `rows`, from two uniform numbers each."""
        classes, odds = self._habits(customers)
        of = classes.take(rows)
        programs = np.flatnonzero(by_machine * (1 + odds).take(rows) < odds.take(rows))
        found = self.people.find(of, kind)
        found[programs] = self.machines.find(of[programs], kind[programs])
        return found

    def shares(self, customers: Customers, rows: Rows) -> Floats:
        """Share of each journey among the sessions of some customers: rows x journeys."""
        every, all_odds = self._habits(customers)
        classes, odds = every[rows], all_odds[rows]
        parts = [np.diff(table.shares, axis=1, prepend=0.0)[classes] for table in (self.people, self.machines)]
        return ((parts[0] + odds[:, None] * parts[1]) / (1 + odds)[:, None]).astype(np.float32)

    def _habits(self, customers: Customers) -> tuple[NDArray[np.int64], Floats]:
        """Of all customers the class, and the weight of programs against people."""
        code = customers.agent.astype(np.int64) * len(SEGMENTS) + customers.segment
        of = code * 2 + (customers.seats >= 3)
        return of, self.machine_odds[of] * customers.api_habit


def journey_mix(agents: Sequence[UserAgent], journeys: Sequence[Journey]) -> Mix:
    """The mix of a world's user agents."""
    weights = np.array([[one.weights[segment] for one in journeys] for segment in SEGMENTS], np.float64)
    tastes = np.array([[agent.tastes.get(one.theme, 1.0) for one in journeys] for agent in agents])
    alone = np.array([[not one.crowd for one in journeys], [True] * len(journeys)])
    table = (tastes[:, None, None, :] * weights[None, :, None, :] * alone[None, None, :, :]).reshape(-1, len(journeys))
    machine = np.array([one.machine for one in journeys])
    people, programs = np.where(machine, 0.0, table), np.where(machine, table * 3, 0.0)
    odds = programs.sum(axis=1) / people.sum(axis=1)
    return Mix(Table.of(people), Table.of(programs), odds.astype(np.float32))
