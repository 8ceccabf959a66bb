"""Running many worlds in front of somebody: a line for each, and the last words of those that failed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, starmap
from pathlib import Path

import typer

from bus.money import dollars
from concern.measuring.progress import following
from concern.measuring.resuming import code_digest, ended_before
from concern.measuring.trials import Result, Trial, result_of, run_all


@dataclass(frozen=True, slots=True)
class Batch:
    """Where and how many worlds are run."""

    runs: Path
    """Directory in which each gets one of its own."""
    jobs: int
    """At the same time."""
    resume: bool = False
    """Whether runs that ended there before, under the same code, are taken for what they earned."""


def gather(trials: Sequence[Trial], batch: Batch, line: Callable[[Result], str]) -> list[Result]:
    """Run all trials and return what came of them, as they ended; `line` says what is printed of each."""
    code_digest()  # as it is now: an edit while they run must not pass for what ran
    before = ended_before(trials, batch.runs) if batch.resume else {}
    if batch.resume:
        typer.echo(f"{len(before)} of {len(trials)} worlds have ended before.")
    left = [trial for trial in trials if trial not in before]
    results: list[Result] = []
    with following(len(trials)) as step:
        for result in chain(starmap(result_of, before.items()), run_all(left, batch.runs, batch.jobs)):
            results.append(result)
            step(line(result))
    for each in results:
        if each.reward is None:
            typer.echo(f"{line(each)}:\n{each.told}", err=True)
    return results


def earned(result: Result) -> str:
    """The money, or that there is none."""
    return dollars(result.reward) if result.reward is not None else "voided"
