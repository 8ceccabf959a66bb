"""Whole episodes: everything real, from an empty directory to a settled, verified reward; and one that goes wrong."""

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bus.context import Context
from bus.world import World
from catalog.defects import fixes_for
from concern import cast
from concern.building import Wish, build_world
from concern.daily import print_days
from concern.supervisor import Ended, supervisor
from concern.verify import verify_run
from services.world.loading import load_scenario

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("shared_cache")]
SMALL = {"customers": 12, "panel": 6, "agents": 2, "history_tasks": 500, "inherited_tickets": 3}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def built(root: Path, operator: str, **users: Any) -> World:
    overrides = {"world": {"days": 1}, "users": SMALL | users}
    return await build_world(Wish(load_scenario("short", overrides=overrides), 3, operator), root)


async def played(world: World, *, alone: bool = False) -> Ended:
    return await supervisor(world, alone=alone).run((*cast.services(), *cast.agents(world)), print_days)


def letters(world: World) -> list[str]:
    """What customers wrote to the desk."""
    with sqlite3.connect(world.root / "desk" / "desk.db") as desk:
        found = [body for (body,) in desk.execute("SELECT body FROM notes WHERE author = 'customer'")]
    desk.close()
    assert found
    return found


@asynccontextmanager
async def model() -> AsyncGenerator[tuple[str, list[str]]]:
    """An OpenAI-compatible endpoint that puts two words before everything, and what it was given."""
    given: list[str] = []

    async def complete(request: web.Request) -> web.Response:
        text = (await request.json())["messages"][-1]["content"]
        given.append(text)
        message = {"role": "assistant", "content": f"In short: {text}"}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        about = {"id": "c", "object": "chat.completion", "created": 0, "model": "m"}
        return web.json_response(about | {"choices": [choice]})

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    async with TestServer(app) as server:
        yield str(server.make_url("/v1")), given


async def test_a_small_world_settles_verifies_and_repeats_on_any_bus_whoever_words_its_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    hashes: list[str] = []
    for name in ("grammar", "alone", "llm"):
        async with model() as (address, given):
            monkeypatch.setenv(cast.MODEL_VARIABLE, address)
            world = await built(tmp_path / name, "reactive", voices="llm" if name == "llm" else "grammar")
            ended = await played(world, alone=name == "alone")
        assert (world.root / "trainer.json").exists() is (name != "alone")
        assert bool(given) is (name == "llm")
        assert all(body.startswith("In short: ") is (name == "llm") for body in letters(world))
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
    assert len(set(hashes)) == 1


async def test_nothing_of_the_catalog_reaches_the_operator(tmp_path: Path) -> None:
    world = await built(tmp_path / "world", "noop")
    text = b"\n".join(path.read_bytes() for path in sorted((world.root / "workspace").rglob("*")) if path.is_file())
    for fix in fixes_for("tracker", world.file.planted):
        assert fix.message.encode() not in text
        assert fix.defect.encode() not in text


async def _idle(ctx: Context, **_: Any) -> None:
    async for _step in ctx.steps():
        pass


async def _dies(ctx: Context, **_: Any) -> None:
    async for step in ctx.steps():
        if step.tick == 2:
            raise RuntimeError("out of paper")


@pytest.mark.parametrize("alone", [False, True])
async def test_a_service_that_dies_voids_the_episode_and_is_named(tmp_path: Path, alone: bool) -> None:
    world = await built(tmp_path / "world", "noop")
    real = {"world", "scorer"}
    declared = (*cast.services(), *cast.agents(world))
    stubs = [each if each.name in real else replace(each, run=_idle) for each in declared if each.participant]
    stubs = [replace(each, run=_dies) if each.name == "desk" else each for each in stubs]
    stubs += [each for each in declared if each.name == "world"]
    with anyio.fail_after(60):
        ended = await supervisor(world, alone=alone).run(stubs, print_days)
    assert (ended.control.outcome, ended.control.failure_kind) == ("voided", "service_died")
    assert "desk: RuntimeError: out of paper" in ended.control.reason
    assert ended.business.rewards.over is not None
    assert ended.business.rewards.over.state == "voided"
    assert ended.business.rewards.over.sum is None
