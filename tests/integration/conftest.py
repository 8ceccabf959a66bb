"""A small company with a past in a real database, for tests that play people against the real product."""

from pathlib import Path

import orjson
import pytest
from users_driver import SEED, run_product

from agents.users.history import history
from bus.chance import Chance
from bus.scenario import Scenario
from services.world.loading import load_scenario


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("short", overrides={"users": {"customers": 6, "panel": 6, "history_tasks": 300}})


@pytest.fixture(scope="module")
def past(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the database; to be copied, never written."""
    folder = tmp_path_factory.mktemp("past")
    run_product("tracker", folder, "migrate")
    run_product("tracker", folder, "seed", "-", given=orjson.dumps(history(scenario, Chance(SEED))))
    return folder
