"""Running many worlds in front of somebody: a line for each, and the last words of those that failed."""

from collections.abc import Callable, Sequence
from pathlib import Path

import typer

from bus.money import dollars
from concern.measuring.progress import following
from concern.measuring.trials import Result, Trial, run_all


def gather(trials: Sequence[Trial], runs: Path, jobs: int, line: Callable[[Result], str]) -> list[Result]:
    """Run all trials and return what came of them, as they ended; `line` says what is printed of each."""
    results: list[Result] = []
    with following(len(trials)) as step:
        for result in run_all(trials, runs, jobs):
            results.append(result)
            step(line(result))
    for each in results:
        if each.reward is None:
            typer.echo(f"{line(each)}:\n{each.told}", err=True)
    return results


def earned(result: Result) -> str:
    """The money, or that there is none."""
    return dollars(result.reward) if result.reward is not None else "voided"
