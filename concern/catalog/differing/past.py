"""A company's past with much in it, in which a variant must prove itself: few companies, each with thousands of things."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.users.population.draw import draw
from agents.users.products.past import people, shares
from agents.web.browser import Visitor
from bus.chance import Chance
from catalog.checking.people import Person
from catalog.products import Product
from concern.catalog.workshop import START
from concern.history import history_database
from services.world.loading import load_scenario

SEED = 1
THINGS = 40_000
MARKET: dict[str, Any] = {"customers": 40, "panel": 40, "history_tasks": THINGS}
"""All are executed: so their passwords are known."""
FEWEST_SEATS = 3
"""From so many on, one of them is free for somebody who is invited (`people_in_product`)."""


@dataclass(frozen=True)
class Company:
    """One that has worked with the product for months."""

    name: str
    things: int
    """About so many tasks, or invoices, are its own."""
    owner_name: str
    email: str
    password: str
    visitor: tuple[str, str, str]
    """Address, browser and language."""

    def owner(self) -> Person:
        """The owner, at a browser that has never been here."""
        return Person(self.owner_name, self.email, self.password, Visitor(*self.visitor))


@dataclass(frozen=True)
class Past:
    """A database of the good product, and the companies in it, the largest first."""

    database: Path
    companies: Sequence[Company]


def grown_past(product: Product) -> Past:
    """The same for all variants; kept by content."""
    settings = {"users": MARKET, "world": {"product": product.name, "start": START}}
    scenario, chance = load_scenario("short", overrides=settings), Chance(SEED)
    population = draw(scenario, chance)
    customers = population.customers
    owned = shares(THINGS, population)
    rows = [row for row in range(len(owned)) if customers.seats[row] >= FEWEST_SEATS]
    companies: list[Company] = []
    for row in sorted(rows, key=lambda row: (-owned[row], row)):
        who = people(population, row, chance)[0]
        visitor = (customers.address[row], who.user_agent, who.language)
        companies.append(Company(customers.name[row], owned[row], who.name, who.email, who.password, visitor))
    return Past(history_database(product, scenario, chance), companies)
