"""`concern ladder`: operators on the same worlds, compared in pairs."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import orjson
import typer

from bus.ids import new_episode_id
from bus.money import Micros, dollars
from bus.scenario import Scenario


@dataclass(frozen=True)
class Rung:
    """One run."""

    operator: str
    seed: int
    reward: Micros | None
    """None for a voided run."""
    told: str
    """What it printed, for a run that failed."""


def climb(
    name: str, scenario: Scenario, operators: list[str], seeds: int, runs: Path, jobs: int, days: int | None
) -> int:
    """Run everything and print the table; returns 0 if every seed orders the operators as they were named."""
    typer.echo(f"{scenario.world.name}, {scenario.world.days} days, {seeds} seeds: {' < '.join(operators)}")
    calls = [(operator, seed) for seed in range(1, seeds + 1) for operator in operators]
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        runs_begun = [pool.submit(_run, name, operator, seed, runs, days) for operator, seed in calls]
        rungs = [_told(begun.result()) for begun in runs_begun]
    for rung in rungs:
        if rung.reward is None:
            typer.echo(f"{rung.operator}, seed {rung.seed}, was voided:\n{rung.told}", err=True)
    return _table(operators, rungs)


def _run(name: str, operator: str, seed: int, runs: Path, days: int | None) -> Rung:
    argv = [sys.executable, "-m", "concern", "run", name, "--operator", operator, "--seed", str(seed), "--headless"]
    root = runs / new_episode_id()
    argv += ["--out", str(root), *(["--days", str(days)] if days else [])]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        return Rung(operator, seed, None, (done.stdout + done.stderr)[-2000:])
    episode = orjson.loads((root / "recorder" / "episode.json").read_bytes())
    return Rung(operator, seed, Micros(episode["reward"]["sum"]), "")


def _told(rung: Rung) -> Rung:
    """Say that one more run is through: a ladder takes a while."""
    typer.echo(
        f"  seed {rung.seed}  {rung.operator:<10} {dollars(rung.reward) if rung.reward is not None else 'voided'}"
    )
    return rung


def _table(operators: list[str], rungs: list[Rung]) -> int:
    rewards = {(rung.seed, rung.operator): rung.reward for rung in rungs}
    seeds = sorted({rung.seed for rung in rungs})
    typer.echo("seed  " + "  ".join(f"{operator:>14}" for operator in operators) + "  ordered")
    ordered = True
    for seed in seeds:
        row = [rewards[seed, operator] for operator in operators]
        good = all(low is not None and high is not None and low < high for low, high in pairwise(row))
        ordered = ordered and good
        cells = [dollars(reward) if reward is not None else "voided" for reward in row]
        typer.echo(f"{seed:>4}  " + "  ".join(f"{cell:>14}" for cell in cells) + f"  {'yes' if good else 'NO'}")
    return 0 if ordered else 1
