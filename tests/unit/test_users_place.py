"""A customer always knows a project to write into, even when it can vouch for none of its tasks."""

from agents.users.population.draw import draw
from agents.users.products import product_named
from bus.chance import Chance
from services.world.loading import load_scenario


def test_a_place_is_known_from_the_start() -> None:
    scenario, chance = load_scenario("short"), Chance(1)
    population = draw(scenario, chance)
    for row in range(len(population.customers)):
        account = product_named("tracker").account(scenario.world.start, population, row, chance)
        assert account.notes["place"] in {item.place for item in account.items if item.kind == "task"}
