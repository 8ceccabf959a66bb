"""The scenarios beside the default one: each plays two days in a small form, settles and verifies."""

from pathlib import Path
from typing import Any

import pytest

from bus.chance import Chance
from catalog.defects import draw_defects
from concern import cast
from concern.building import Wish, build_world
from concern.daily import print_days
from concern.supervisor import supervisor
from concern.verify import verify_run
from services.world.loading import load_scenario, scenario_names

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("shared_cache")]
SMALL = {"customers": 12, "panel": 6, "agents": 2, "history_tasks": 500, "executed_sessions_per_day": 8}
FORMS: dict[str, dict[str, Any]] = {
    "corner-shop": {},
    "enterprise": {"customers": 8, "panel": 4},
    "viral": {"joins_per_month": 20.0},
    "under-attack": {},
    "debt": {"inherited_tickets": 9},
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("name", FORMS)
async def test_a_small_form_settles_and_verifies(name: str, tmp_path: Path) -> None:
    scenario = load_scenario(name, overrides={"world": {"days": 2}, "users": SMALL | FORMS[name]})
    world = await build_world(Wish(scenario, 2, "reactive"), tmp_path / "world")
    ended = await supervisor(world).run((*cast.services(), *cast.agents(world)), print_days)
    assert (ended.control.outcome, ended.failures) == ("truncated", ())
    report = verify_run(world.root)
    assert report.ok, report.findings
    assert report.state == "settled"
    assert next(check for check in report.checks if check.name.startswith("credits")).looked_at >= 2
    if name == "viral":
        assert ended.business.market.joined > 0


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_finds_its_defects(name: str) -> None:
    world = load_scenario(name).world
    for seed in range(1, 6):
        assert len(draw_defects(world.product, world.defects, Chance(seed), world.only_defects)) == world.defects
