"""The commands that compare operators: `concern ladder`, `concern taste` and `concern maintain`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bus.scenario import Scenario
from concern.choosing import Model, ScenarioName, chosen_model, chosen_operator, chosen_scenario, fail

if TYPE_CHECKING:
    from concern.measuring.gathering import Batch

app = typer.Typer()
Runs = Annotated[Path, typer.Option(help="Where runs are kept.")]
Jobs = Annotated[
    int | None, typer.Option(help="Worlds at the same time; by default one more than there are processors.", min=1)
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Take the worlds that have ended in --runs before, under the same code.")
]


def _batch(runs: Path, jobs: int | None, *, resume: bool = False) -> "Batch":
    from concern.measuring.gathering import Batch
    from concern.measuring.trials import worlds_at_once

    return Batch(runs, jobs or worlds_at_once(), resume)


@app.command()
def ladder(
    scenario: ScenarioName = "default",
    *,
    seeds: Annotated[int, typer.Option(help="Paired seeds.", min=1)] = 5,
    first_seed: Annotated[int, typer.Option(help="The first of them.", min=1)] = 1,
    days: Annotated[int | None, typer.Option(help="Simulated days, if not the scenario's.", min=1)] = None,
    operators: Annotated[
        str, typer.Option(help="From worst to best, separated by commas.")
    ] = "noop,restarter,reactive,oracle",
    model: Model = None,
    runs: Runs = Path("runs"),
    jobs: Jobs = None,
    resume: Resume = False,
    report: Annotated[
        Path | None, typer.Option(help="Folder for a report (Markdown) with a plot (PNG, SVG).", metavar="DIR")
    ] = None,
) -> None:
    """Run operators on the same seeds and compare the money in pairs. Exit status 1 if they are not ordered.

    With five seeds or more, ordered means: the 95 % interval of each paired difference of neighbours lies above zero.
    """
    from concern.cast import LLM, MCP
    from concern.measuring.ladder import Climb, climb

    names = tuple(chosen_operator(name.strip()) for name in operators.split(","))
    if MCP in names:
        fail(f"{MCP} is no operator to compare: it needs an agent at hand")
    model = chosen_model(LLM if LLM in names else "", model)
    chosen = chosen_scenario(scenario, days)
    if model is not None:
        _reachable(model, chosen)
    raise typer.Exit(
        climb(
            Climb(
                scenario,
                chosen,
                names,
                range(first_seed, first_seed + seeds),
                days,
                _batch(runs, jobs, resume=resume),
                report,
                model,
            )
        )
    )


def _reachable(model: str, scenario: Scenario) -> None:
    """One clear line if nothing says where the model is, before any world is built."""
    from agents.operator.hosting import hosted
    from bus.host import HostingError

    try:
        hosted(model, scenario.operator, os.environ)
    except HostingError as error:
        fail(str(error))


@app.command()
def taste(
    only: Annotated[
        str, typer.Option("--questions", help="Some of the questions, separated by commas; by default all.")
    ] = "",
    seeds: Annotated[int, typer.Option(help="Paired seeds.", min=1)] = 5,
    first_seed: Annotated[int, typer.Option(help="The first of them.", min=1)] = 1,
    days: Annotated[int | None, typer.Option(help="Simulated days, if not each context's own.", min=1)] = None,
    runs: Runs = Path("runs"),
    jobs: Jobs = None,
    resume: Resume = False,
    report: Annotated[Path | None, typer.Option(help="Folder for a report (Markdown).", metavar="DIR")] = None,
) -> None:
    """Compare two correct decisions in two contexts each: does the money tell which is right where?

    Exit status 1 if fewer than three quarters of the questions are ordered as expected in both contexts.
    """
    from concern.measuring.questions import QUESTIONS, questions_named
    from concern.measuring.taste import Tasting, savour

    asked = questions_named([name.strip() for name in only.split(",") if name.strip()])
    if asked is None:
        fail(f"no such question; choose from: {', '.join(one.name for one in QUESTIONS)}")
    raise typer.Exit(
        savour(Tasting(asked, range(first_seed, first_seed + seeds), days, _batch(runs, jobs, resume=resume), report))
    )


@app.command()
def maintain(
    scenario: ScenarioName = "enterprise",
    arc: Annotated[str, typer.Option(help="Chain of requests, each built on those before.")] = "time-tracking",
    seeds: Annotated[int, typer.Option(help="Paired seeds.", min=1)] = 5,
    first_seed: Annotated[int, typer.Option(help="The first of them.", min=1)] = 1,
    days: Annotated[int, typer.Option(help="Simulated days.", min=1)] = 90,
    runs: Runs = Path("runs"),
    jobs: Jobs = None,
    resume: Resume = False,
    report: Annotated[Path | None, typer.Option(help="Folder for a report (Markdown).", metavar="DIR")] = None,
) -> None:
    """Build one chain of requests quickly or to last, and compare the money: what does it cost to go on?

    Exit status 1 if building to last does not earn a fifth more, with the 95 % interval of the difference above zero.
    """
    from catalog.reading import CatalogError
    from catalog.requests import chain
    from concern.measuring.maintain import Upkeep, keep_up

    product = chosen_scenario(scenario, days).world.product
    try:
        wishes = chain(product, arc)
    except CatalogError as error:
        fail(str(error))
    asked = range(first_seed, first_seed + seeds)
    raise typer.Exit(keep_up(Upkeep(scenario, product, wishes, asked, days, _batch(runs, jobs, resume=resume), report)))


@app.command()
def repeat(
    scenario: ScenarioName = "short",
    operator: Annotated[str, typer.Option(help="Who runs the company.")] = "reactive",
    seeds: Annotated[int, typer.Option(help="How many.", min=1)] = 3,
    first_seed: Annotated[int, typer.Option(help="The first of them.", min=1)] = 1,
    days: Annotated[int | None, typer.Option(help="Simulated days, if not the scenario's.", min=1)] = None,
    shards: Annotated[str, typer.Option(help="Numbers of shards, separated by commas.")] = "1,2",
    times: Annotated[int, typer.Option(help="Runs that differ in nothing.", min=1)] = 2,
    runs: Runs = Path("runs"),
    jobs: Jobs = None,
) -> None:
    """Run the same seeds again, with other hash seeds and in shards. Exit status 1 if any seed has two ledgers."""
    from concern.measuring.repeat import Repetition
    from concern.measuring.repeat import repeat as run_again

    product = chosen_scenario(scenario, days).world.product
    among = [word.strip() for word in shards.split(",")]
    if not all(word.isdigit() and int(word) for word in among):
        fail(f"no numbers of shards: {shards!r}; say for example 1,2")
    asked = range(first_seed, first_seed + seeds)
    numbers = tuple(map(int, among))
    who = chosen_operator(operator, product)
    raise typer.Exit(run_again(Repetition(scenario, who, asked, days, numbers, times, _batch(runs, jobs))))


@app.command()
def calm(
    scenario: ScenarioName = "default",
    seeds: Annotated[int, typer.Option(help="How many worlds.", min=1)] = 2,
    first_seed: Annotated[int, typer.Option(help="The first of their seeds.", min=1)] = 1,
    days: Annotated[int, typer.Option(help="Simulated days.", min=1)] = 30,
    runs: Runs = Path("runs"),
    jobs: Jobs = None,
    resume: Resume = False,
) -> None:
    """Run the good product without enemies: exit status 1 if anybody suffers unshown, or leaves more or less than ordinarily."""
    from concern.measuring.calm import SETTINGS, Calm, stay_calm

    chosen = chosen_scenario(scenario, days, settings=SETTINGS)
    asked = range(first_seed, first_seed + seeds)
    raise typer.Exit(stay_calm(Calm(scenario, chosen, asked, days, _batch(runs, jobs, resume=resume))))
