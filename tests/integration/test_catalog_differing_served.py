"""One pair of variants is measured on running products; and what breaks in a crowd is seen to break."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from difflib import unified_diff
from pathlib import Path

import pytest

from catalog.products import load_product
from catalog.requests import load_requests
from concern.catalog.differing import costs, measuring
from concern.catalog.differing.counting import countable
from concern.catalog.differing.crowding import crowded
from concern.catalog.differing.measuring import Unprofiled, measured
from concern.catalog.differing.telling import pairs_of
from concern.catalog.plan import variant_recipe
from concern.catalog.trees import Layer, Recipe
from concern.catalog.workshop import Workshop, workshop

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
PRODUCT = load_product("tracker")
REQUESTS = load_requests("tracker")
CALENDAR = "calendar-of-tasks"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCERN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(costs, "ROUNDS", 1)
    monkeypatch.setattr(costs, "EARLIER", 1)
    monkeypatch.setattr(costs, "LATER", 1)
    monkeypatch.setattr(costs, "OLD", 1)


async def test_a_query_for_each_day_is_seen_in_the_statements_and_a_second_time_nothing_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    found = await measured(PRODUCT, [CALENDAR], jobs=2, told=told.append)
    [pair] = pairs_of({CALENDAR: REQUESTS[CALENDAR]}, found)
    asked = {name: one.first["GET /calendar?month"][0] for name, one in found[CALENDAR].variants.items()}
    assert asked["a-query-for-each-day"] > asked["two-by-index"] + 25
    assert "database" in pair.kinds
    assert found[CALENDAR].things > 3_000
    assert all(one.crowd.failed == 0 for one in found[CALENDAR].variants.values())

    def nothing(*_: object) -> None:
        raise AssertionError("it was measured again")

    monkeypatch.setattr(measuring, "workshop", nothing)
    assert await measured(PRODUCT, [CALENDAR], jobs=2, told=told.append) == found
    assert told == [CALENDAR, CALENDAR]


@asynccontextmanager
async def place(folder: Path) -> AsyncGenerator[Workshop]:
    async with workshop(PRODUCT, folder / "work", Unprofiled()) as opened:
        yield opened


def without_the_lock(recipe: Recipe) -> Recipe:
    """Writing sessions read before they take the write lock."""
    name = "tracker/database.py"
    right = (PRODUCT.tree / name).read_text().splitlines(keepends=True)
    wrong = [line.replace('"BEGIN IMMEDIATE" if writes else "BEGIN"', '"BEGIN"') for line in right]
    assert wrong != right
    patch = "".join(unified_diff(right, wrong, f"a/{name}", f"b/{name}"))
    return replace(recipe, layers=(*recipe.layers, Layer("without the lock", patch)))


async def test_writes_that_take_no_lock_fail_in_the_crowd_and_those_that_do_lose_nothing(tmp_path: Path) -> None:
    request = REQUESTS["checklist-on-a-task"]
    recipe = variant_recipe(PRODUCT, request.variant("json-column"), REQUESTS)
    async with place(tmp_path) as opened:
        good = await crowded(opened, opened.build(countable(recipe)), request.name)
        bad = await crowded(opened, opened.build(countable(without_the_lock(recipe))), request.name)
    assert (good.failed, good.apart, good.lost[0]) == (0, (0, 4), 0)
    assert good.lost[1] > 0
    assert bad.failed > 0
