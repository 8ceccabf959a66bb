"""What the market brings into a world before it starts; called by whoever builds the world."""

from typing import Any

from agents.users.population.draw import draw
from agents.users.products import product_named
from bus.chance import Chance
from bus.scenario import Scenario


def history(scenario: Scenario, chance: Chance) -> dict[str, Any]:
    """Everything that customers stored before the episode: the input of the product's `seed` command.

    Deterministic to the byte. `ValueError` for a product that nobody knows how to use.
    """
    return product_named(scenario.world.product).history(scenario, draw(scenario, chance), chance)


def probe_plan(scenario: Scenario, chance: Chance) -> dict[str, Any]:
    """The demand probe's plan for that history: the content of `<world>/cloud/probe.json`."""
    return product_named(scenario.world.product).probe_plan(draw(scenario, chance), chance)
