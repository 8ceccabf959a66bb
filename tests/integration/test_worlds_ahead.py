"""Worlds made ahead, for real: equal ledgers either way, equal branches, a dead one replaced, nothing left of any."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from bus.journal import JOURNAL, comparable_digest
from bus.scenario import Scenario
from concern import BusinessEnv, Episode, Standby
from concern.history import CACHE_VARIABLE
from services.world.loading import load_scenario

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
SMALL = {"customers": 8, "panel": 4, "agents": 1, "history_tasks": 200, "inherited_tickets": 3}
BRANCHES = 8
LOOKS = 2000
"""At the processes there are, until those of a killed trainer must be gone: some ten seconds."""
TRAINER = """
import sys
from pathlib import Path
from bus.scenario import Scenario
from concern import BusinessEnv
with BusinessEnv(Scenario.model_validate_json(sys.argv[2]), runs=Path(sys.argv[1])) as env:
    env.prepare([3, 4])
    if sys.argv[3] == "ready":
        env.ready()
        env.reset(seed=3)
        print(env.episode.root.name, flush=True)
    else:
        while not list(Path(sys.argv[1]).glob("*/order.json")):
            pass
        print("-", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path_factory.getbasetemp() / "cache"))


def small() -> Scenario:
    return load_scenario("short", overrides={"world": {"days": 1}, "users": SMALL})


def processes(episode: str) -> list[str]:
    """What runs of a world: its own process by its name, its broker and sandboxes by the run's directory."""
    found: list[str] = []
    for each in Path("/proc").iterdir():
        try:
            name, line = (each / "comm").read_text(), (each / "cmdline").read_bytes().decode(errors="replace")
        except OSError:  # no process, or none any more
            continue
        if name.rstrip("\n") == episode[:15] or episode in line:
            found.append(f"{each.name} {name.strip()} {line[:80]}")
    return found


async def life(episode: Episode) -> str:
    """A whole life with a few acts; returns the digest of its journal."""
    async with episode:
        await episode.step({"tool": "wait"})
        await episode.step({"tool": "bash", "arguments": {"command": "git log --oneline | wc -l"}})
        while not (done := await episode.step({"tool": "wait", "arguments": {"hours": 12}})).truncated:
            pass
        assert done.info["settled"].sum == episode.reward.total
        return comparable_digest(episode.root / JOURNAL)


async def test_a_world_made_ahead_has_the_ledger_of_one_made_when_it_is_wanted(tmp_path: Path) -> None:
    async with Standby(small(), tmp_path, most=2) as ahead:
        ahead.prepare([3])
        await ahead.ready()
        taken = await ahead.start(seed=3)
        root = taken.root
        digests = [await life(taken), await life(await ahead.start(seed=3))]
        assert digests[0] == digests[1]
        assert not root.exists()
    assert list(tmp_path.iterdir()) == []


async def test_branches_made_ahead_are_equal_and_a_killed_one_is_void_and_leaves_nothing(tmp_path: Path) -> None:
    async with Standby(small(), tmp_path) as ahead, await ahead.start(seed=3) as trunk:
        await trunk.step({"tool": "wait", "usage": {"prompt_tokens": 1000, "completion_tokens": 100}})
        ahead.prepare(snapshot=await trunk.snapshot(), n=BRANCHES + 1)
        await ahead.ready()
        dead, *_ = {path.name for path in tmp_path.iterdir()} - {trunk.id}
        for line in processes(dead):
            if line.split()[1] == dead[:15]:  # a world that dies while it stands ready is not handed over
                subprocess.run(["kill", "-KILL", line.split()[0]], check=True)
        branches = await trunk.fork(BRANCHES, ahead.branch)
        assert dead not in {branch.id for branch in branches}
        lost = branches.pop(0)
        lost.kill()
        void = await lost.step({"tool": "wait"})
        assert (void.reward, void.truncated, void.info["voided"].failure_kind) == (None, True, "world_gone")
        await lost.close()
        assert not lost.root.exists()
        digests = await asyncio.gather(*(life(branch) for branch in branches))
        assert len(set(digests)) == 1
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(life_of_trunk, trunk, digests[0])
    assert list(tmp_path.iterdir()) == []
    assert processes(lost.id) + processes(dead) == []


async def life_of_trunk(trunk: Episode, digest: str) -> None:
    assert await life(trunk) == digest


def test_an_environment_begins_with_what_was_made_ahead(tmp_path: Path) -> None:
    with BusinessEnv(small(), runs=tmp_path, most_ahead=2) as env:
        with pytest.raises(ValueError, match="either seeds or a snapshot"):
            env.prepare()
        env.prepare([5, 6], days=2)
        env.ready()
        standing = {path.name for path in tmp_path.iterdir()}
        first, info = env.reset(seed=5, options={"days": 2})
        assert info["episode"] in standing
        _, later = env.reset(seed=6, options={"days": 2, "segment_hours": 1})
        assert {info["episode"], later["episode"]} == standing
        assert env.step({"tool": "wait", "arguments": {"hours": 9}})[3]
        env.prepare(snapshot=env.snapshot(), n=2)
        env.ready()
        (branch,) = env.fork(1)
        with branch:
            assert branch.step({"tool": "wait"})[0]["tick"] == 2
        again, _ = env.reset(seed=5)
        assert again == first
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("moment", ["building", "ready"])
def test_of_worlds_that_nobody_has_taken_nothing_stays_when_the_trainer_is_killed(tmp_path: Path, moment: str) -> None:
    runs = tmp_path / "runs"
    argv = [sys.executable, "-c", TRAINER, str(runs), small().model_dump_json(), moment]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as trainer:
        assert trainer.stdout is not None
        played = trainer.stdout.readline().strip()
        standing = {path.name for path in runs.iterdir()} - {played}
        assert standing
        trainer.send_signal(signal.SIGKILL)
    for _ in range(LOOKS):  # the hatchery sees the end and cleans up
        left = {episode for episode in standing if processes(episode) or (runs / episode).exists()}
        if not left:
            break
    assert left == set()
    if moment == "ready":  # whoever is played waits for another handle
        mains = [line.split()[0] for line in processes(played) if line.split()[1] == played[:15]]
        assert len(mains) == 1
        subprocess.run(["kill", "-KILL", *mains], check=True)
