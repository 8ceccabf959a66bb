"""A small company with a past in a real database, for tests that play people against the real product."""

import os
from pathlib import Path

import orjson
import pytest
from users_driver import SEED, run_product

from agents.users.history import history
from bus.chance import Chance
from bus.scenario import Scenario
from concern.history import CACHE_VARIABLE
from services.world.loading import load_scenario


@pytest.fixture
def shared_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing measured elsewhere counts; the worlds of a session, whoever runs them, share what the first one measured."""
    base = tmp_path_factory.getbasetemp()
    session = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    monkeypatch.setenv(CACHE_VARIABLE, str(session / "cache"))


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
