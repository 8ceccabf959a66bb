"""Many worlds side by side, each in a process of its own, and what each of them earned."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import orjson

from bus.ids import new_episode_id
from bus.money import Micros
from concern.measuring.resuming import note

LAST_WORDS = 2_000
"""Characters of what a failed run printed that are kept."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One world to run."""

    scenario: str
    """Name, or path of a TOML file."""
    operator: str
    seed: int
    days: int | None = None
    """None for the scenario's own."""
    settings: tuple[str, ...] = ()
    """Keys of the scenario with other values, as `--set` takes them."""
    shards: int = 1
    model: str | None = None
    """With the operator `llm`: the model's name at its endpoint."""
    hash_seed: int | None = None
    """Of Python's hashes in the world's processes; None for what is in the environment."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one."""

    trial: Trial
    reward: Micros | None
    """None for a voided run, which is not zero."""
    root: Path
    told: str = ""
    """The end of what a failed run printed."""
    ledger: str = ""
    """Head of the ledger's chain of hashes."""


def told_seeds(seeds: range) -> str:
    """Which seeds, in words."""
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"{len(seeds)} seeds, {seeds[0]} to {seeds[-1]}"


def worlds_at_once() -> int:
    """How many worlds keep the processors busy: one more than there are, since a world waits for its own parts a quarter of the
    time (of two cores, two worlds of `enterprise` used 74 %, three 99 %; docs/adr/0019)."""
    return len(os.sched_getaffinity(0)) + 1


def run_all(
    trials: Sequence[Trial], runs: Path, jobs: int, *, run: Callable[[Trial, Path], Result] | None = None
) -> Iterator[Result]:
    """Run all trials, `jobs` at a time, each in a new directory below `runs`; results come as they are ready.

    Whoever stops listening, by an exception or a signal too, ends those that run.
    """
    running: set[subprocess.Popen[str]] = set()
    play = run or partial(run_trial, running=running)
    with _ended_politely(), ThreadPoolExecutor(max_workers=jobs) as pool:
        begun = [pool.submit(play, trial, runs / new_episode_id()) for trial in trials]
        try:
            for done in as_completed(begun):
                yield done.result()
        finally:
            for each in begun:
                each.cancel()
            for process in list(running):
                process.terminate()


@contextmanager
def _ended_politely() -> Generator[None]:
    """A request to end (SIGTERM) is an exception in here, so that what was begun is ended."""

    def leave(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run_trial(trial: Trial, root: Path, running: set[subprocess.Popen[str]]) -> Result:
    """Run one world to its end with `concern run`; in `running` while it does."""
    argv = [sys.executable, "-m", "concern", "run", trial.scenario, "--operator", trial.operator]
    argv += ["--seed", str(trial.seed), "--headless", "--out", str(root)]
    argv += ["--model", trial.model] if trial.model else []
    argv += ["--days", str(trial.days)] if trial.days else []
    argv += [word for setting in trial.settings for word in ("--set", setting)]
    argv += ["--shards", str(trial.shards)] if trial.shards > 1 else ["--alone"]
    env = os.environ | ({} if trial.hash_seed is None else {"PYTHONHASHSEED": str(trial.hash_seed)})
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env) as process:
        running.add(process)
        told, _ = process.communicate()
    running.discard(process)
    if process.returncode:
        return Result(trial, None, root, told[-LAST_WORDS:])
    note(trial, root)
    return result_of(trial, root)


def result_of(trial: Trial, root: Path) -> Result:
    """What a run that ended well has earned."""
    episode = orjson.loads((root / "recorder" / "episode.json").read_bytes())
    return Result(trial, Micros(episode["reward"]["sum"]), root, ledger=episode["digests"]["ledger"])
