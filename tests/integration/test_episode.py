"""Whole episodes: everything real, from an empty directory to a settled, verified reward; and one that goes wrong."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from bus.context import Context
from bus.world import World
from concern import cast
from concern.building import Wish, build_world
from concern.daily import print_days
from concern.supervisor import Ended, supervisor
from concern.verify import verify_run
from services.world.loading import load_scenario

pytestmark = pytest.mark.anyio
SMALL = {"customers": 12, "panel": 6, "agents": 2, "history_tasks": 500, "inherited_tickets": 3}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing measured elsewhere counts; the two runs of a test share what the first one measured."""
    monkeypatch.setenv("CONCERN_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


async def built(root: Path, operator: str) -> World:
    overrides = {"world": {"days": 1}, "users": SMALL}
    return await build_world(Wish(load_scenario("short", overrides=overrides), 3, operator), root)


async def played(world: World) -> Ended:
    return await supervisor(world).run((*cast.services(), *cast.agents(world)), print_days)


async def test_a_small_world_settles_verifies_and_repeats(tmp_path: Path) -> None:
    hashes: list[str] = []
    for name in ("first", "second"):
        world = await built(tmp_path / name, "reactive")
        ended = await played(world)
        assert (ended.control.outcome, ended.failures) == ("truncated", ())
        settled, books = ended.business.rewards.over, ended.business.books
        assert settled is not None
        assert settled.state == "settled"
        assert settled.isolation == world.file.isolation == "full"
        assert settled.sum == ended.business.rewards.total == books.net
        assert ended.business.market.sessions > 0
        assert ended.business.operator.calls > 0
        report = verify_run(world.root)
        assert report.ok, report.findings
        assert books.closed is not None
        hashes.append(books.closed.ledger_hash)
    assert hashes[0] == hashes[1]


async def test_nothing_of_the_catalog_reaches_the_operator(tmp_path: Path) -> None:
    world = await built(tmp_path / "world", "noop")
    text = b"\n".join(path.read_bytes() for path in sorted((world.root / "workspace").rglob("*")) if path.is_file())
    for fix in cast.fixes_for("tracker", world.file.planted):
        assert fix.message.encode() not in text
        assert fix.defect.encode() not in text


async def _idle(ctx: Context, **_: Any) -> None:
    async for _step in ctx.steps():
        pass


async def _dies(ctx: Context, **_: Any) -> None:
    async for step in ctx.steps():
        if step.tick == 2:
            raise RuntimeError("out of paper")


async def test_a_service_that_dies_voids_the_episode_and_is_named(tmp_path: Path) -> None:
    world = await built(tmp_path / "world", "noop")
    real = {"world", "scorer"}
    declared = (*cast.services(), *cast.agents(world))
    stubs = [each if each.name in real else replace(each, run=_idle) for each in declared if each.participant]
    stubs = [replace(each, run=_dies) if each.name == "desk" else each for each in stubs]
    stubs += [each for each in declared if each.name == "world"]
    with anyio.fail_after(60):
        ended = await supervisor(world).run(stubs, print_days)
    assert (ended.control.outcome, ended.control.failure_kind) == ("voided", "service_died")
    assert "desk: RuntimeError: out of paper" in ended.control.reason
    assert ended.business.rewards.over is not None
    assert ended.business.rewards.over.state == "voided"
    assert ended.business.rewards.over.sum is None
