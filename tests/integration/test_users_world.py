"""The users' and the attackers' services on the in-memory bus, against the real product, for some simulated hours."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest
from users_driver import PRODUCTS as TREES
from users_driver import SEED, lived, run_product, serving

from agents.users.history import history, probe_plan
from agents.users.population.columns import SEGMENTS
from agents.users.products import PRODUCTS
from bus.chance import Chance
from bus.messages.attackers import AttemptEnded
from bus.messages.users import CohortWorked, CustomersInherited, LoadOffered, PainFelt, TicketAsked
from bus.scenario import Scenario
from catalog.defects import find_shapes, plant
from services.cloud.demand import ProbePlan
from services.cloud.driver import Running
from services.cloud.probing import Session
from services.world.loading import load_scenario

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module", params=["short", "folio"])
def scenario(request: pytest.FixtureRequest) -> Scenario:
    """A world of each product."""
    wished: dict[str, dict[str, Any]] = {
        "users": {"customers": 24, "panel": 12, "history_tasks": 1_500, "executed_sessions_per_day": 200},
        "attackers": {"attempts_per_day": 40.0},
    }
    if request.param == "folio":
        wished["users"]["sessions_per_user_day"] = 4.0  # its firms are small, and its kinds of session many
    return load_scenario(request.param, overrides=wished)


@pytest.fixture(scope="module")
def past(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product's database with the customers' past."""
    folder = tmp_path_factory.mktemp("past")
    run_product(scenario.world.product, folder, "migrate")
    run_product(scenario.world.product, folder, "seed", "-", given=orjson.dumps(history(scenario, Chance(SEED))))
    return folder


@pytest.fixture
def product(scenario: Scenario, past: Path, tmp_path: Path) -> Iterator[Path]:
    """The good product, serving on the socket that is given."""
    (tmp_path / "app.db").write_bytes((past / "app.db").read_bytes())
    with serving(scenario.world.product, tmp_path) as socket:
        yield socket


@asynccontextmanager
async def planted(scenario: Scenario, past: Path, folder: Path, defect: str) -> AsyncIterator[Path]:
    """The product with one defect."""
    name = scenario.world.product
    shutil.copytree(TREES / name, folder / "tree")
    plant(folder / "tree", find_shapes(name, [defect]))
    (folder / "app.db").write_bytes((past / "app.db").read_bytes())
    with serving(name, folder, folder / "tree") as socket:
        yield socket


async def test_no_pain_on_the_good_product(scenario: Scenario, product: Path, tmp_path: Path) -> None:
    events = await lived(scenario, tmp_path / "world", product, hours=24)
    pains = [event for event in events if isinstance(event, PainFelt)]
    assert pains == []
    inherited = [event for event in events if isinstance(event, CustomersInherited)]
    assert sum(len(event.customer) for event in inherited) == 24
    executed = sum(sum(event.executed) for event in events if isinstance(event, CohortWorked))
    assert executed > 60
    assert sum(sum(event.requests.values()) for event in events if isinstance(event, LoadOffered)) > 500
    assert any(isinstance(event, TicketAsked) and event.at < 0 for event in events)
    attempts = [event for event in events if isinstance(event, AttemptEnded)]
    assert {event.kind for event in attempts} == {"guess_password", "read_foreign"}
    assert {event.outcome for event in attempts} <= {"refused", "throttled"}
    assert any(event.outcome == "throttled" for event in attempts)


async def test_parallel_sessions_change_nothing(scenario: Scenario, past: Path, tmp_path: Path) -> None:
    told: list[list[str]] = []
    for in_flight in (1, 8):
        folder = tmp_path / str(in_flight)
        folder.mkdir()
        (folder / "app.db").write_bytes((past / "app.db").read_bytes())
        with serving(scenario.world.product, folder) as socket:
            events = await lived(scenario, folder / "world", socket, hours=10, in_flight=in_flight)
        told.append([event.model_dump_json(exclude={"target"}) for event in events])
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("scenario", "defect", "journey"),
    [
        ("short", "stale-save-overwrites", "two_tabs"),
        ("short", "upload-cut-short/one-block-only", "attach"),
        ("short", "comment-cut-short", "comment"),
        ("short", "finished-for-another", "move_task"),
        ("folio", "tax-rounded-by-line", "small_sums"),
    ],
    indirect=["scenario"],
)
async def test_people_notice_a_planted_defect(
    scenario: Scenario, past: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, defect: str, journey: str
) -> None:
    name = scenario.world.product
    usual = PRODUCTS[name].journeys
    rest = [one for one in usual if one.name != journey]
    busy = [replace(one, weights=dict.fromkeys(SEGMENTS, 30.0)) for one in usual if one.name == journey]
    monkeypatch.setitem(PRODUCTS, name, replace(PRODUCTS[name], journeys=(*rest, *busy)))
    async with planted(scenario, past, tmp_path, defect) as socket:
        events = await lived(scenario, tmp_path / "world", socket, hours=12)
    pains = [event for event in events if isinstance(event, PainFelt)]
    assert journey in {event.journey for event in pains}
    assert all(event.request and event.response and event.amount > 0 for event in pains)


@pytest.mark.parametrize("scenario", ["short"], indirect=True)
async def test_a_reader_finds_a_leak(scenario: Scenario, past: Path, tmp_path: Path) -> None:
    async with planted(scenario, past, tmp_path, "foreign-activity-readable") as socket:
        events = await lived(scenario, tmp_path / "world", socket, hours=24)
    won = [event for event in events if isinstance(event, AttemptEnded) and event.outcome == "succeeded"]
    assert won
    assert all(event.kind == "read_foreign" and event.victim and "/activity" in event.request for event in won)


async def test_the_probe_can_do_all_kinds_of_work(scenario: Scenario, product: Path) -> None:
    plan = ProbePlan.model_validate(probe_plan(scenario, Chance(SEED)))
    session = Session(cast("Running", SimpleNamespace(id="i1", address=str(product), cpu_ns=lambda: 0)))
    for request in (*plan.login, *(kind.request for kind in plan.kinds for _ in range(2))):
        await session.send(request)  # raises for an answer of 400 and above
    session.close()
