"""New customers: who comes, tries the product, and stays if it works."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.users import lots
from agents.users.accounts import Account, staff
from agents.users.constants import Tuning
from agents.users.growth import Standing, arrivals, dearness, hourly_joins
from agents.users.population.columns import Customers, Longs, People, Population, stacked
from agents.users.population.draw import draw_customers, draw_people, draw_segments, place_in_strata
from agents.users.wants import Wish
from bus.chance import Chance
from bus.scenario import Scenario
from bus.simtime import DAY, SimTime

MOST_EXECUTED = 2.0
"""Sign-ups of one hour that run for real when there is a panel, on average at most."""


@dataclass
class Newcomer:
    """Somebody who tries the product."""

    customer: str
    customers: Customers
    """One row."""
    account: Account | None
    """For those whose sign-up runs for real."""
    people: People


@dataclass
class Door:
    """Where newcomers come in."""

    scenario: Scenario
    tuning: Tuning
    chance: Chance
    wishes: tuple[Wish, ...]
    came: Longs
    """Customers that ever came or tried to, by user agent: numbers the next one."""

    def arrive(self, population: Population, standing: Standing, listed: Longs, tick: int) -> list[Newcomer]:
        """Who comes in this hour, by user agent; `listed` are by plan code the prices of a seat that they find."""
        prices = dict(zip(population.customers.plans, listed.tolist(), strict=True))
        expected = hourly_joins(standing, self.scenario, self.tuning, dearness(self.scenario, prices))
        counts = arrivals(population, expected, lots.stream(self.chance, "users", "joins", tick))
        everybody = self.scenario.users.panel == "all"
        share = 1.0 if everybody else min(1.0, MOST_EXECUTED / max(expected, 1e-9))
        agents = np.repeat(np.arange(population.first, population.last), counts)
        return [self._newcomer(population, listed, int(agent), share) for agent in agents]

    def _newcomer(self, population: Population, listed: Longs, agent: int, share: float) -> Newcomer:
        own = population.habits
        number = self.scenario.users.customers + agent + len(self.came) * int(self.came[agent])
        self.came[agent] += 1
        rng = self.chance.numpy("users", "newcomer", number)
        whose = np.array([agent], np.int32)
        segment = draw_segments(self.scenario, own, whose, rng)
        row = draw_customers(
            self.scenario, self.tuning, self.chance, own, np.array([number]), whose, segment, rng, self.wishes
        )
        row.price[:] = listed[row.plan_code] * row.seats
        row.reference[:] = listed[row.plan_code]
        people = draw_people(self.scenario, self.tuning, row, rng)
        place_in_strata(self.scenario, row)
        executed = self.chance.python("users", "secret newcomer", number).random() < share
        row.panel[0] = executed
        return Newcomer(row.ident[0], row, _account(row, self.chance) if executed else None, people)


def admit(population: Population, newcomers: Sequence[Newcomer], now: SimTime) -> range:
    """Make newcomers customers; returns their rows."""
    begins = len(population.customers)
    if not newcomers:
        return range(begins, begins)
    customers = stacked([one.customers for one in newcomers])
    people = People(
        np.repeat(np.arange(len(newcomers), dtype=np.int32), [len(one.people.weight) for one in newcomers]),
        np.concatenate([one.people.weight for one in newcomers]),
    )
    customers.paid_from[:] = now
    customers.tenure_days[:] = -now / DAY
    customers.felt_at[:] = population.hour
    population.add(customers, people)
    for row, one in enumerate(newcomers, start=begins):
        if one.account is not None:
            one.account.row = row
    return range(begins, len(population.customers))


def _account(customers: Customers, chance: Chance) -> Account:
    """One person to begin with, who knows nothing of the product yet."""
    customer, company = customers.ident[0], customers.name[0]
    return Account(
        row=-1,
        customer=customer,
        company=company,
        people=staff(customer, company, customers.address[0], 1, chance),
        plan=customers.plan[0],
        seats=int(customers.seats[0]),
    )
