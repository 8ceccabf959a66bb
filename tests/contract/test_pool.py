"""The pool with worlds that are only processes: leases, what ends them, and the seeds in their order."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.abc import SocketStream

from concern.client.episode import Episode
from concern.client.hold import WorldGone
from concern.client.order import POOL_SOCKET, Order
from concern.client.process import NotStarted, WorldProcess
from concern.pool import Pool, Wishes
from services.world.loading import load_scenario

pytestmark = pytest.mark.anyio


@dataclass
class Builder:
    """Starts processes that live until they are killed."""

    made: list[WorldProcess] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)

    async def __call__(self, order: Order, *, with_us: bool) -> WorldProcess:
        assert with_us
        assert order.leaf == "nats-leaf://hub"
        order.write()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "import sys; sys.stdin.read()", stdin=asyncio.subprocess.PIPE, start_new_session=True
        )
        world = WorldProcess(order.root, process)
        self.made.append(world)
        self.seeds.append(order.seed)
        return world


@asynccontextmanager
async def running(root: Path, build: Any, *, worlds: int = 2, group: int = 1) -> AsyncGenerator[Pool]:
    pool = Pool(Wishes(load_scenario("short"), worlds, 7, group, "full", root), "nats-leaf://hub", build)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pool.run, tasks)
        with anyio.fail_after(30):
            while not await anyio.Path(root / POOL_SOCKET).exists() or len(pool._ready) < worlds:
                await anyio.lowlevel.checkpoint()
        yield pool
        tasks.cancel_scope.cancel()
    await pool.end_all()


async def told(stream: SocketStream) -> Path:
    with anyio.fail_after(30):
        return Path((await stream.receive()).decode().strip())


async def test_a_lease_ends_with_its_connection_and_the_world_with_the_lease(tmp_path: Path) -> None:
    build = Builder()
    async with running(tmp_path, build) as pool:
        async with await anyio.connect_unix(tmp_path / POOL_SOCKET) as lease:
            root = await told(lease)
            assert root == build.made[0].root
            assert root.exists()
            assert build.made[0].process.returncode is None
        with anyio.fail_after(30):
            await build.made[0].process.wait()
            while len(pool._ready) < 2:
                await anyio.lowlevel.checkpoint()
        assert not root.exists()
        assert build.seeds == [7, 8, 9]
    assert all(world.process.returncode is not None for world in build.made)


async def test_whoever_comes_when_all_are_lent_waits_for_the_next(tmp_path: Path) -> None:
    build = Builder()
    async with running(tmp_path, build, worlds=1, group=2):
        first = await anyio.connect_unix(tmp_path / POOL_SOCKET)
        gone = await told(first)
        impatient = await anyio.connect_unix(tmp_path / POOL_SOCKET)
        await impatient.aclose()
        async with await anyio.connect_unix(tmp_path / POOL_SOCKET) as second:
            await first.aclose()
            assert await told(second) == build.made[1].root != gone
        assert build.seeds[:2] == [7, 7]


async def test_a_world_that_dies_while_it_stands_ready_is_replaced(tmp_path: Path) -> None:
    build = Builder()
    async with running(tmp_path, build, worlds=1) as pool:
        build.made[0].kill()
        with anyio.fail_after(30):
            while len(build.made) < 2 or pool._ready != [build.made[1]]:
                await anyio.lowlevel.checkpoint()


async def test_a_pool_that_cannot_build_says_why(tmp_path: Path) -> None:
    async def fails(order: Order, *, with_us: bool) -> WorldProcess:
        raise NotStarted("no sandbox here")

    pool = Pool(Wishes(load_scenario("short"), 1, 7, 1, "full", tmp_path), "nats-leaf://hub", fails)
    with pytest.RaisesGroup(pytest.RaisesExc(NotStarted, match="no sandbox here"), flatten_subgroups=True):
        async with anyio.create_task_group() as tasks:
            await pool.run(tasks)


async def test_there_is_no_lease_without_a_pool(tmp_path: Path) -> None:
    with pytest.raises(WorldGone, match="no pool that runs"):
        await Episode.lease(tmp_path)
