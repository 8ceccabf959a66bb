"""What customers wish for: looked for in the real product, where it is missing and where it has been built."""

import shutil
from pathlib import Path

import pytest
from users_driver import SEED, run_product, serving

from agents.users.journeys import Outcome
from agents.users.market import Market
from agents.users.products import product_named
from agents.users.requests import Wanted, wanted
from agents.users.sessions import Assignment, Bench
from agents.web.wire import Door
from bus.chance import Chance
from bus.messages.cloud import Delivery, Mailbox
from bus.scenario import Scenario
from bus.simtime import SimTime
from catalog.products import load_product
from catalog.requests import find_variant, load_requests
from concern.catalog.plan import variant_recipe

pytestmark = pytest.mark.anyio
VARIANTS = ("project-note/column", "checklist-on-a-task/json-column", "own-fields-handed-out/parsed-in-both-places")
"""A page for owner and member, one with steps, and a program's."""
EVERY = 100
"""More than there are."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def built(tree: Path, variant: str) -> Path:
    """The product as somebody has built a request into it."""
    variant_recipe(load_product("tracker"), find_variant("tracker", variant), load_requests("tracker")).make(tree)
    return tree


async def looked(scenario: Scenario, one: Wanted, folder: Path, tree: Path | None) -> Outcome:
    """How a customer of more than one person finds the product."""
    run_product("tracker", folder, "migrate", tree=tree)
    chance, product = Chance(SEED), product_named("tracker")
    market = Market(scenario, chance, product, wanted=(one,))
    account = next(each for each in market.accounts.values() if len(each.people) > 1)

    async def nothing_came(address: str, since: int) -> Mailbox:
        return Mailbox(mails=(), cursor=since)

    async def nothing_received(prefix: str) -> list[Delivery]:
        return []

    with serving("tracker", folder, tree) as socket:
        door = Door(socket=socket)
        bench = Bench(door, product, scenario.world.start, chance, 1, 0.0, nothing_came, nothing_received)
        (outcome,) = await bench.run([Assignment(account, 2_000_000, one.journey)], SimTime(0), market.tags)
        await door.close()
    return outcome


@pytest.mark.parametrize("variant", VARIANTS)
async def test_customers_find_what_was_built_and_miss_what_was_not(
    scenario: Scenario, past: Path, tmp_path: Path, variant: str
) -> None:
    name = variant.partition("/")[0]
    one = next(each for each in wanted("tracker", EVERY, Chance(SEED)) if each.name == name)
    before, after = (shutil.copytree(past, tmp_path / each) for each in ("before", "after"))
    missing = await looked(scenario, one, before, None)
    assert missing.failure is not None
    assert missing.failure.kind in ("error", "failed_save", "lost_item")
    there = await looked(scenario, one, after, built(tmp_path / "tree", variant))
    assert there.failure is None
