"""A customer always knows where to write, even when it can vouch for nothing that it stored."""

import pytest

from agents.users.population.draw import draw
from agents.users.products import product_named
from bus.chance import Chance
from services.world.loading import load_scenario


@pytest.mark.parametrize(("name", "note", "kind"), [("short", "place", "task"), ("folio", "client", "invoice")])
def test_a_place_is_known_from_the_start(name: str, note: str, kind: str) -> None:
    scenario, chance = load_scenario(name), Chance(1)
    population = draw(scenario, chance)
    product = product_named(scenario.world.product)
    for row in range(len(population.customers)):
        account = product.account(scenario.world.start, population, row, chance)
        assert account.notes[note] in {item.place for item in account.items if item.kind == kind}
