"""Journeys of what works by itself: quiet on the good product, and each notices what it is there to notice."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from users_driver import PRODUCTS as TREES
from users_driver import SEED, lived, run_product, serving

from agents.users.history import history
from agents.users.population.columns import SEGMENTS
from agents.users.products import PRODUCTS
from bus.chance import Chance
from bus.messages.base import Event
from bus.messages.users import CohortWorked, PainFelt
from bus.scenario import Scenario
from services.world.loading import load_scenario

pytestmark = pytest.mark.anyio
JOURNEYS = {"webhooks", "export", "import", "recurring", "repeat_request", "etag_conflict", "bulk_edit", "reports"}
FAULTS = {
    "tracker/webhooks.py": ('f"{seconds}.{body}"', "body"),
    "tracker/exports.py": ("task.description,", "task.description[:10],"),
    "tracker/imports.py": ("if made.external_id in around.taken", "if not made.external_id"),
    "tracker/recurring.py": ("if day > today", "if day >= today"),
    "tracker/api/routing.py": ("if known is not None", "if known is None"),
    "tracker/tasks.py": ("if task.version != version", "if task.version < version"),
    "tracker/bulk.py": ("for task in found:", "for task in found[1:]:"),
    "tracker/reports.py": ('TaskStateChange.after == "done"', 'TaskStateChange.before == "done"'),
}
"""One small mistake in each thing that these journeys use."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def scenario(monkeypatch: pytest.MonkeyPatch) -> Scenario:
    """Customers who do nothing else."""
    product = PRODUCTS["tracker"]
    alike = dict.fromkeys(SEGMENTS, 1.0)
    journeys = tuple(replace(one, weights=alike, machine=False) for one in product.journeys if one.name in JOURNEYS)
    monkeypatch.setitem(PRODUCTS, "tracker", replace(product, journeys=journeys))
    wished: dict[str, dict[str, Any]] = {
        "users": {"customers": 24, "panel": 12, "history_tasks": 400, "executed_sessions_per_day": 400},
        "attackers": {"attempts_per_day": 0.0},
    }
    return load_scenario("short", overrides=wished)


def pained(events: Sequence[Event]) -> set[str]:
    return {event.journey for event in events if isinstance(event, PainFelt)}


def executed(events: Sequence[Event]) -> set[str]:
    worked = [event for event in events if isinstance(event, CohortWorked)]
    return {name for event in worked for name, count in zip(event.journey, event.executed, strict=True) if count}


async def play(scenario: Scenario, tree: Path, folder: Path) -> list[Event]:
    run_product("tracker", folder, "migrate")
    run_product("tracker", folder, "seed", "-", given=orjson.dumps(history(scenario, Chance(SEED))))
    with serving("tracker", folder, tree) as socket:
        return await lived(scenario, folder / "world", socket, hours=20, tree=tree)


async def test_no_pain_on_the_good_product(scenario: Scenario, tmp_path: Path) -> None:
    events = await play(scenario, TREES / "tracker", tmp_path)
    assert [event for event in events if isinstance(event, PainFelt)] == []
    assert executed(events) == JOURNEYS


async def test_each_notices_a_mistake_in_what_it_uses(scenario: Scenario, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(TREES / "tracker", tree, ignore=shutil.ignore_patterns("__pycache__"))
    for name, (good, bad) in FAULTS.items():
        text = (tree / name).read_text()
        assert text.count(good) >= 1, name
        (tree / name).write_text(text.replace(good, bad, 1))
    events = await play(scenario, tree, tmp_path)
    assert pained(events) == JOURNEYS
