"""The process that forks worlds: what it forks, how we hear of the end, and what becomes of worlds without it.

The worlds here stop at reading their order, which is a pipe without a writer: whoever opens it knows that they live.
"""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from io import FileIO
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from anyio.lowlevel import checkpoint

from bus.ids import new_episode_id
from concern.client.hatchery import Hatched, Hatchery, HatcheryLost
from concern.client.order import Order
from concern.client.process import NotStarted, start_world
from services.world.loading import load_scenario

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def hatchery() -> Hatchery:
    return Hatchery()


def parent(hatched: Hatched) -> int:
    return int(Path(f"/proc/{hatched.pid}/stat").read_text().rpartition(")")[2].split()[1])


def children(of: int) -> set[int]:
    """Processes that live and were forked by one."""
    found: set[int] = set()
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, forked_by = each.read_text().rpartition(")")[2].split()[:2]
        except OSError:  # it has just ended
            continue
        if int(forked_by) == of and state != "Z":
            found.add(int(each.parent.name))
    return found


@asynccontextmanager
async def living(
    hatchery: Hatchery, folder: Path, *, with_us: bool = False, spare: bool = False
) -> AsyncGenerator[tuple[Hatched, FileIO]]:
    """A world that waits for its order, and the pipe that gives it; its log is `folder/log`."""
    order = folder / f"{with_us}.order"
    os.mkfifo(order)
    with (folder / "log").open("ab") as log:
        hatched = await hatchery.hatch(order, log.fileno(), with_us=with_us, spare=spare)
    pipe = await anyio.to_thread.run_sync(lambda: FileIO(order, "w"))
    try:
        yield hatched, pipe
    finally:
        pipe.close()
        with anyio.fail_after(60):
            await hatched.wait()


async def test_a_world_says_which_it_is_and_how_it_died(hatchery: Hatchery, tmp_path: Path) -> None:
    async with living(hatchery, tmp_path) as (hatched, pipe):
        assert Path(f"/proc/{hatched.pid}/comm").read_text().rstrip("\n") == tmp_path.name[:15]
        assert os.getsid(hatched.pid) == hatched.pid
        assert Path(f"/proc/{hatched.pid}/cwd").resolve() == Path.cwd()
        pipe.write(b"no order")
        pipe.close()
        assert await hatched.first_line() == b""
    assert "ValidationError" in (tmp_path / "log").read_text()
    assert not Path(f"/proc/{hatched.pid}/cwd").exists()


async def test_one_hatchery_forks_all_and_is_replaced_when_it_is_gone(hatchery: Hatchery, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    async with living(hatchery, tmp_path / "a", with_us=True) as (bound, _):
        async with living(hatchery, tmp_path / "a") as (free, _):
            first = parent(free)
            assert parent(bound) == first
            process = hatchery._process
            assert process is not None
            process.kill()
            with anyio.fail_after(60):
                await bound.wait()
            process.wait()
            assert Path(f"/proc/{free.pid}/cwd").exists()
        async with living(hatchery, tmp_path / "b") as (next_one, _):
            assert parent(next_one) != first


async def test_spare_worlds_that_nobody_has_taken_go_with_whoever_asked_and_leave_no_directory(tmp_path: Path) -> None:
    ours, folders = Hatchery(), [tmp_path / name for name in ("spare", "taken", "other", "to come")]
    for folder in folders:
        folder.mkdir()
    async with (
        living(ours, folders[1], spare=True) as (taken, _),
        living(ours, folders[2]) as (other, _),
        living(ours, folders[0], spare=True) as (spare, _),
    ):
        ours.taken(folders[1])
        await ours.expect(folders[3])
        assert (ours._process, ours._control) != (None, None)
        ours._control.close()  # as our end would
        with anyio.fail_after(60):
            await spare.wait()
            await anyio.to_thread.run_sync(ours._process.wait)
        assert [folder.exists() for folder in folders] == [False, True, True, False]
        assert all(Path(f"/proc/{each.pid}/cwd").exists() for each in (taken, other))
        assert ours._process.returncode == 0
    ours.taken(folders[2])  # nobody hears it, and nothing depends on it


async def test_of_a_spare_world_that_has_ended_the_directory_goes_all_the_same(tmp_path: Path) -> None:
    ours, folder = Hatchery(), tmp_path / "spare"
    folder.mkdir()
    async with living(ours, folder, spare=True):
        pass
    async with living(ours, tmp_path, with_us=True):
        assert (ours._process, ours._control) != (None, None)
        ours._control.close()
        await anyio.to_thread.run_sync(ours._process.wait)
    assert (folder.exists(), ours._process.returncode) == (False, 0)


async def test_a_world_that_nobody_wants_any_more_when_it_is_forked_is_ended(tmp_path: Path) -> None:
    ours, order = Hatchery(), tmp_path / "a.order"
    os.mkfifo(order)
    with (tmp_path / "log").open("ab") as log:
        asking = asyncio.create_task(ours.hatch(order, log.fileno(), with_us=False, spare=True))
        while ours._process is None:  # until it is asked, which takes until it has loaded everything
            await checkpoint()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    async with living(ours, tmp_path) as (wanted, _):
        assert children(ours._process.pid) == {wanted.pid}


async def test_without_a_hatchery_no_world_is_started_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with (tmp_path / "log").open("ab") as log, pytest.raises(HatcheryLost):
        await Hatchery().hatch(tmp_path / "order", log.fileno(), with_us=False)
    monkeypatch.setattr("concern.client.process.hatchery", Hatchery())
    episode = new_episode_id()
    order = Order(root=tmp_path / episode, episode=episode, scenario=load_scenario("short"), seed=1)
    with pytest.raises(NotStarted, match="forks worlds"):
        await start_world(order)
    assert not order.root.exists()
