"""What the market brings into a world before it starts; called by whoever builds the world."""

from typing import Any

import numpy as np

from agents.users.population.columns import Population
from agents.users.population.draw import chosen, draw
from agents.users.products import product_named
from bus.chance import Chance
from bus.scenario import Scenario

MOST_PEOPLE = 30_000
"""Accounts in the product's database when the episode begins, about: it must be made, copied and backed up."""


def stored(population: Population) -> Population:
    """The customers that are in the product's database: all, or in a large world the panel and as many more as fit.

    The others have their load and their money; only who may ever send a request must be known to the product.
    """
    customers = population.customers
    if int(customers.seats.sum()) <= MOST_PEOPLE:
        return population
    order = np.lexsort((customers.number, ~customers.panel))
    fits = np.cumsum(customers.seats[order]) <= MOST_PEOPLE
    return chosen(
        population, np.flatnonzero(customers.panel | np.isin(customers.number, customers.number[order[fits]]))
    )


def history(scenario: Scenario, chance: Chance) -> dict[str, Any]:
    """Everything that customers stored before the episode: the input of the product's `seed` command.

    Deterministic to the byte. `ValueError` for a product that nobody knows how to use.
    """
    return product_named(scenario.world.product).history(scenario, stored(draw(scenario, chance)), chance)


def probe_plan(scenario: Scenario, chance: Chance) -> dict[str, Any]:
    """The demand probe's plan for that history: the content of `<world>/cloud/probe.json`."""
    return product_named(scenario.world.product).probe_plan(draw(scenario, chance), chance)
