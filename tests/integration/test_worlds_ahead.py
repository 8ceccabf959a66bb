"""Worlds made ahead, for real: equal states either way, a dead one never handed over, nothing left when a trainer is killed."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path

import anyio
import pytest
from anyio.lowlevel import checkpoint

from bus.scenario import Scenario
from concern import BusinessEnv, Episode, Standby
from concern.client.hold import Hold
from services.world.loading import load_scenario

pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.usefixtures("shared_cache")]
SMALL = {"customers": 3, "panel": 1, "agents": 1, "history_tasks": 20, "inherited_tickets": 0}
WAIT = {"tool": "wait", "usage": {"prompt_tokens": 1000, "completion_tokens": 100}}
GONE_WITHIN_S = 120.0
"""Real seconds for whatever was killed to be no more, at most."""
TRAINER = """
import sys
from pathlib import Path
from bus.scenario import Scenario
from concern import BusinessEnv
runs = Path(sys.argv[1])
with BusinessEnv(Scenario.model_validate_json(sys.argv[2]), runs=runs) as env:
    env.prepare([3, 3])
    env.ready()
    env.reset(seed=3)
    env.prepare([3])
    while len(list(runs.glob("*/order.json"))) < 3:
        pass
    print(env.episode.root.name, flush=True)
    sys.stdin.read()
"""
"""It plays one world, a second one stands ready, and a third one is being built."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def small() -> Scenario:
    return load_scenario("short", overrides={"world": {"days": 1, "defects": 0}, "users": SMALL})


def processes(episode: str) -> dict[int, str]:
    """What runs of a world, by process: its own by its name, its broker and sandboxes by the run's directory."""
    found: dict[int, str] = {}
    for each in Path("/proc").iterdir():
        try:
            name, line = (each / "comm").read_text().strip(), (each / "cmdline").read_bytes().decode(errors="replace")
        except OSError:  # no process, or none any more
            continue
        if name == episode[:15] or episode in line:
            found[int(each.name)] = name
    return found


def main_process(episode: str) -> int:
    (pid,) = [pid for pid, name in processes(episode).items() if name == episode[:15]]
    return pid


async def no_more(episodes: Iterable[str], runs: Path) -> None:
    """Return when nothing is left of these worlds."""
    with anyio.fail_after(GONE_WITHIN_S):
        for episode in episodes:
            while processes(episode) or (runs / episode).exists():
                await checkpoint()


async def state(episode: Episode) -> tuple[int, str]:
    """Length and digest of what was said until now, after some acts."""
    await episode.step({"tool": "bash", "arguments": {"command": "git log --oneline | wc -l"}})
    await episode.step({"tool": "wait", "arguments": {"hours": 2}})
    taken = await episode.snapshot()
    assert taken.tick == 3
    return taken.events, taken.digest


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when a world is asked whether it lives."""
    event, answers = asyncio.Event(), Hold.answers

    async def noticed(hold: Hold) -> bool:
        event.set()
        return await answers(hold)

    monkeypatch.setattr(Hold, "answers", noticed)
    return event


async def test_branches_made_ahead_are_equal_and_a_dead_one_is_never_handed_over(
    tmp_path: Path, asked: asyncio.Event
) -> None:
    async with AsyncExitStack() as held:  # of a failed test nothing must stay, too
        ahead = await held.enter_async_context(Standby(small(), tmp_path))
        trunk = await held.enter_async_context(await ahead.start(seed=3))
        await trunk.step(WAIT)
        taken = await trunk.snapshot()
        ahead.prepare(snapshot=taken, n=2)
        await ahead.ready()
        standing = {path.name for path in tmp_path.iterdir()} - {trunk.id}
        good = await held.enter_async_context(await ahead.branch(taken))
        (dead,) = standing - {good.id}
        pid = main_process(dead)
        os.kill(pid, signal.SIGSTOP)  # it does nothing any more, as if killed, and the kernel calls it alive
        asked.clear()
        waiting = asyncio.create_task(ahead.branch(taken))
        await asked.wait()
        os.kill(pid, signal.SIGKILL)
        other = await held.enter_async_context(await waiting)
        assert other.id not in standing
        assert await state(good) == await state(trunk)
        other.kill()
        void = await other.step(WAIT)
        assert (void.reward, void.truncated, void.info["voided"].failure_kind) == (None, True, "world_gone")
    assert list(tmp_path.iterdir()) == []
    await no_more([dead, other.id, good.id, trunk.id], tmp_path)


def test_an_environment_begins_with_what_was_made_ahead_and_it_is_as_one_made_now(tmp_path: Path) -> None:
    with BusinessEnv(small(), runs=tmp_path, most_ahead=2) as env:
        with pytest.raises(ValueError, match="either seeds or a snapshot"):
            env.prepare()
        env.prepare([3])
        env.ready()
        standing = {path.name for path in tmp_path.iterdir()}
        first, info = env.reset(seed=3, options={"segment_hours": 1})
        assert {info["episode"]} == standing
        done = env.step({"tool": "wait", "arguments": {"hours": 9}})
        assert done[3]
        taken = env.snapshot()
        env.prepare(snapshot=taken)
        env.ready()
        (branch,) = env.fork(1)
        with branch:
            assert branch.step({"tool": "wait"})[0]["tick"] == 2
        again, other = env.reset(seed=3)
        assert (again, other["episode"] in standing) == (first, False)
        assert env.step({"tool": "wait", "arguments": {"hours": 1}})[:2] == done[:2]
        assert env.snapshot().digest == taken.digest
    assert list(tmp_path.iterdir()) == []


async def test_of_worlds_that_nobody_has_taken_nothing_stays_when_the_trainer_is_killed(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    argv = [sys.executable, "-c", TRAINER, str(runs), small().model_dump_json()]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as trainer:
        assert trainer.stdout is not None
        played = trainer.stdout.readline().strip()
        assert played
        ahead = {path.name for path in runs.iterdir()} - {played}
        assert len(ahead) == 2
        trainer.kill()
    try:
        await no_more(ahead, runs)
    finally:  # whoever is played waits for another handle
        os.kill(main_process(played), signal.SIGKILL)
