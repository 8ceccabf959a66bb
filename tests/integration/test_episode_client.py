"""The episode client over real small worlds: equal starts, equal branches, a killed one, a lost handle, a broken one."""

import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from small_world import SMALL

from bus.journal import JOURNAL, comparable_digest
from bus.scenario import Scenario
from concern import BusinessEnv, Episode, Snapshot
from concern.client.acts import Step
from concern.client.episode import EpisodeEnded
from concern.client.hold import WorldGone
from concern.client.process import NotStarted
from concern.client.snapshots import ForkDiverged
from concern.verify import verify_run
from services.world.loading import load_scenario

pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.usefixtures("shared_cache")]
BRANCHES = 8


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def small() -> Scenario:
    return load_scenario("short", overrides={"world": {"days": 1}, "users": SMALL})


@asynccontextmanager
async def started(runs: Path, **options: Any) -> AsyncGenerator[Episode]:
    async with await Episode.start(small(), seed=3, runs=runs, **options) as episode:
        yield episode


async def finish(episode: Episode) -> Step:
    while True:
        done = await episode.step({"tool": "wait", "arguments": {"hours": 12}})
        if done.terminated or done.truncated:
            return done


async def work(episode: Episode) -> None:
    """Some acts, with one that takes tokens and one that is refused."""
    await episode.step({"tool": "wait"})
    await episode.step({"tool": "bash", "arguments": {"command": "git log --oneline | wc -l"}})
    await episode.step({"tool": "reply", "arguments": {"ticket": "t_none", "body": "Hello"}})
    await episode.step({"tool": "wait", "usage": {"prompt_tokens": 1000, "completion_tokens": 100}})


def left(runs: Path) -> tuple[list[Path], bytes]:
    """Directories and processes that are still there."""
    return list(runs.iterdir()), subprocess.run(["pgrep", "-f", str(runs)], capture_output=True, check=False).stdout


async def test_equal_branches_have_equal_ledgers_and_a_killed_one_is_void(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    async with started(runs, keep=True) as trunk:
        await work(trunk)
        taken = await trunk.snapshot()
        taken.write(tmp_path / "snapshot.json")
        assert Snapshot.read(tmp_path / "snapshot.json") == taken
        branches = await trunk.fork(BRANCHES)
        lost = branches[0]
        lost.kill()
        done = {}

        async def play(number: int, episode: Episode) -> None:
            done[number] = await finish(episode)

        async with anyio.create_task_group() as tasks:
            for number, episode in enumerate([trunk, *branches]):
                tasks.start_soon(play, number, episode)
        assert done[1].reward is None
        assert done[1].info["voided"].failure_kind == "world_gone"
        assert await lost.settled() is None
        good = [episode for episode in (trunk, *branches) if episode is not lost]
        last = [await episode.settled() for episode in good]
        assert {each.sum for each in last if each} == {trunk.reward.total}
        assert all(each is not None and each.outcome == "truncated" for each in last)
        for branch in branches:
            await branch.close()
        digests = {comparable_digest(episode.root / JOURNAL) for episode in good}
        assert len(digests) == 1
        assert trunk.turn_rewards()[1].usage.prompt_tokens == 1000
    report = verify_run(branches[1].root)
    assert report.ok, report.findings
    assert left(runs)[1] == b""


async def test_a_snapshot_that_is_not_reached_is_no_branch(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    async with started(runs) as trunk:
        await trunk.step({"tool": "wait"})
        taken = await trunk.snapshot()
        for wrong in ({"digest": "0" * 64}, {"acts": ()}):
            with pytest.raises(ForkDiverged):
                await Episode.branch(taken.model_copy(update=wrong), runs=runs)
    assert left(runs) == ([], b"")


async def test_a_lost_handle_takes_the_business_up_again_and_segments_bound_it(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    async with started(runs, segment_hours=4) as first:
        assert first.observation.tick == 0
        done = await first.step({"tool": "wait", "arguments": {"hours": 200}})
        assert (done.observation.tick, done.terminated, done.truncated) == (4, False, True)
        with pytest.raises(EpisodeEnded):
            await first.step({"tool": "wait"})
        assert "bash" in {tool.name for tool in await first.tools()}
        await first.detach()
        second = await Episode.attach(first.root, keep=False)
        assert second.reward.total == first.reward.total
        assert second.observation.tick == 4
        done = await second.step({"tool": "wait", "arguments": {"hours": -1}})
        assert (done.observation.ok, done.reward) == (False, 0.0)
        second.segment(2)
        done = await second.step({"tool": "wait", "arguments": {"wake_on": ["alert"]}})
        assert done.observation.tick <= 6
        assert (await second.snapshot()).acts[0].tool == "wait"
        await second.close()
        assert first._tenure.process is not None
        await first._tenure.process.ended()
        with pytest.raises(WorldGone):
            await Episode.attach(first.root)
    assert left(runs) == ([], b"")


async def test_a_world_that_nobody_holds_ends_by_itself(tmp_path: Path) -> None:
    async with started(tmp_path / "runs", orphan_s=0.2) as episode:
        process = episode._tenure.process
        assert process is not None
        await episode.detach()
        with anyio.fail_after(60):
            await process.process.wait()
    assert left(tmp_path / "runs")[1] == b""


async def test_a_world_that_cannot_be_built_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    fields = small().model_dump()
    fields["world"]["only_defects"] = ("no-such-defect/a",)
    with pytest.raises(NotStarted, match="no-such-defect"):
        await Episode.start(Scenario.model_validate(fields), runs=tmp_path)
    assert left(tmp_path)[0] == []


def test_gymnasium_semantics_without_await(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    with BusinessEnv(small(), runs=runs, segment_hours=3) as env:
        with pytest.raises(EpisodeEnded, match="reset first"):
            env.step({"tool": "wait"})
        with pytest.raises(ValueError, match="no option"):
            env.reset(options={"weather": 1})
        first, _ = env.reset(seed=3)
        again, info = env.reset(seed=3)
        assert first == again
        seen, reward, terminated, truncated, _ = env.step({"tool": "wait", "arguments": {"hours": 2}})
        assert (seen["tick"], terminated, truncated) == (2, False, False)
        assert reward == pytest.approx(sum(entry.amount for entry in env.rewards()) / 1e6)
        (branch,) = env.fork(1)
        with branch:
            assert branch.step({"tool": "wait"})[1] == env.step({"tool": "wait"})[1]
            branched, _ = branch.reset(options={"snapshot": env.snapshot(), "segment_hours": 1})
            assert branched["tick"] == 3
        assert info["root"].exists()
    env.close()
    assert left(runs) == ([], b"")
