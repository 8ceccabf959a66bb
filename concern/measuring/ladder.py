"""`concern ladder`: operators on the same worlds, compared in pairs."""

from dataclasses import dataclass
from pathlib import Path

import typer

from bus.money import Micros
from bus.scenario import Scenario
from concern.cast import LLM
from concern.measuring.gathering import Batch, earned, gather
from concern.measuring.plots import PlottingUnavailable, plot_standings
from concern.measuring.standings import Standings, table
from concern.measuring.trials import Result, Trial, told_seeds


@dataclass(frozen=True)
class Climb:
    """A ladder as the command line asks for it."""

    name: str
    """The scenario, as `concern run` takes it."""
    scenario: Scenario
    operators: tuple[str, ...]
    """From worst to best."""
    seeds: range
    days: int | None
    batch: Batch
    report: Path | None
    """Folder that gets the report and the plot."""
    model: str | None = None
    """Of the operator `llm`, if it is one of them."""

    @property
    def title(self) -> str:
        days = self.days or self.scenario.world.days
        return f"{self.scenario.world.name}, {days} days, {told_seeds(self.seeds)}: {' < '.join(self.operators)}"


def climb(asked: Climb) -> int:
    """Run everything and print the table; returns 0 if the operators are ordered as they were named, else 1."""
    typer.echo(asked.title)
    trials = [
        Trial(asked.name, one, seed, asked.days, model=asked.model if one == LLM else None)
        for seed in asked.seeds
        for one in asked.operators
    ]
    results = gather(trials, asked.batch, _line)
    rewards: dict[tuple[int, str], Micros | None] = {
        (each.trial.seed, each.trial.operator): each.reward for each in results
    }
    standings = Standings(asked.operators, rewards)
    typer.echo(table(standings))
    typer.echo("ordered" if standings.ordered else "NOT ordered")
    if asked.report is not None:
        _write(asked, standings, asked.report)
    return 0 if standings.ordered else 1


def _line(result: Result) -> str:
    return f"seed {result.trial.seed:>3}  {result.trial.operator:<10} {earned(result):>14}"


def _write(asked: Climb, standings: Standings, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    verdict = "The operators are ordered." if standings.ordered else "The operators are **not** ordered."
    text = f"# {asked.title}\n\n{verdict}\n\n{table(standings)}\n\n![Rewards by operator and seed](ladder.svg)\n"
    (folder / "ladder.md").write_text(text, encoding="utf-8")
    try:
        plot_standings(standings, asked.title, folder / "ladder")
    except PlottingUnavailable as error:
        typer.echo(f"concern: no plot: {error}", err=True)
