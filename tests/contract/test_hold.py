"""A handle's hold on a world, which is here as much of one as a handle sees: a broker, and somebody at its control socket."""

import asyncio
import math
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint
from made_up_world import EPISODE, nats_bus

from concern.cast import PLAYER, TRAINER
from concern.client import hold
from concern.client.hold import Hold, WorldGone
from concern.client.holders import Holders
from concern.client.order import SOCKET
from services.scorer.service import service as scorer

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def world(root: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[tuple[Holders, anyio.CancelScope]]:
    """Who holds it, and what ends it; its broker stays, as that of a killed world does for a while."""
    holders = Holders(orphan_s=math.inf)
    async with (
        nats_bus(root, (scorer, PLAYER, TRAINER)) as bus,
        await anyio.create_unix_listener(root / SOCKET) as listener,
        anyio.create_task_group() as tasks,
    ):

        def keys(_: Path) -> Any:
            return SimpleNamespace(episode=EPISODE), bus.credentials("operator"), bus.credentials("trainer")

        monkeypatch.setattr(hold, "_keys", keys)
        tasks.start_soon(listener.serve, holders.serve)
        yield holders, tasks.cancel_scope
        tasks.cancel_scope.cancel()


async def until(reached: Any) -> None:
    with anyio.fail_after(30):
        while not reached():
            await checkpoint()


async def test_a_world_that_lives_says_so_whenever_it_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with world(tmp_path, monkeypatch) as (holders, _):
        held = Hold(tmp_path)
        await held.take()
        for patience in range(4):
            impatient = asyncio.create_task(held.answers())
            for _ in range(patience):
                await checkpoint()
            impatient.cancel()
            await asyncio.wait([impatient])
            with anyio.fail_after(30):  # the answer to the question before is none to this one
                assert await held.answers()
        assert (len(held._asked), holders.stopping) == (0, False)
        await held.leave()
        held.forget()
        await until(lambda: holders.count == 0)


async def test_of_a_world_that_has_ended_nobody_answers_though_its_broker_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path, monkeypatch) as (_, end):
        held = Hold(tmp_path)
        await held.take()
        monkeypatch.setattr(hold, "ASK", b"")  # nobody answers to nothing: it is dead, and the kernel has not told yet
        answer = asyncio.create_task(held.answers())
        await checkpoint()
        assert await held.look(1) is None
        assert not answer.done()
        end.cancel()
        with anyio.fail_after(30):
            assert await answer is False
            await held.lost()
            assert not await held.answers()
        await held.leave()
        held.forget()


async def test_whoever_gives_up_while_it_connects_holds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path, monkeypatch) as (holders, _):
        open_before = set(os.listdir("/proc/self/fd"))
        held = Hold(tmp_path)
        taking = asyncio.create_task(held.take())
        await until(lambda: holders.count)
        taking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await taking
        await until(lambda: holders.count == 0)
        assert set(os.listdir("/proc/self/fd")) <= open_before


async def test_there_is_no_hold_on_a_world_that_does_not_run(tmp_path: Path) -> None:
    with pytest.raises(WorldGone, match="no running world"):
        await Hold(tmp_path).take()
