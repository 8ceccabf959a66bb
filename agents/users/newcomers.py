"""New customers: who comes, tries the product, and stays if it works."""

from dataclasses import dataclass

import numpy as np

from agents.users.accounts import Account, staff
from agents.users.constants import Tuning
from agents.users.decisions import joins
from agents.users.population.columns import SEGMENTS, Customers, People, Population
from agents.users.population.draw import draw_customers, draw_people
from bus.chance import Chance
from bus.ids import derive_id
from bus.scenario import Scenario
from bus.simtime import SimTime

MOST_EXECUTED = 2
"""Sign-ups of one hour that run for real when there is a panel."""


@dataclass
class Newcomer:
    """Somebody who tries the product."""

    customer: str
    customers: Customers
    """One row."""
    account: Account | None
    """For those whose sign-up runs for real."""
    people: People


def arrive(
    population: Population, scenario: Scenario, tuning: Tuning, chance: Chance, tick: int, came: int
) -> list[Newcomer]:
    """Who comes in this hour; `came` numbers the first of them."""
    rng = chance.numpy("users", "joins", tick)
    newcomers: list[Newcomer] = []
    for place in range(joins(population, scenario, tuning, rng)):
        ident = derive_id("cu", "customer", came + place)
        agent = np.array([rng.integers(len(population.agents))], np.int32)
        shares = np.array([scenario.users.segments[segment].share for segment in SEGMENTS])
        segment = np.array([rng.choice(len(SEGMENTS), p=shares / shares.sum())], np.int32)
        row = draw_customers(scenario, chance, population.agents, [ident], agent, segment, rng, came + place)
        executed = scenario.users.panel == "all" or place < MOST_EXECUTED
        row.panel[0] = executed
        account = _account(row, chance) if executed else None
        newcomers.append(Newcomer(ident, row, account, draw_people(scenario, chance, row, 0, rng)))
    return newcomers


def admit(population: Population, newcomer: Newcomer, now: SimTime) -> int:
    """Make a newcomer a customer; returns its row."""
    row = len(population.customers)
    newcomer.customers.paid_from[0] = now
    newcomer.people.customer[:] = row
    population.add(newcomer.customers, newcomer.people)
    return row


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
