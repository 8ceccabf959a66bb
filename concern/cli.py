"""The command `concern`."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bus.scenario import Scenario
from services.world.loading import ScenarioError, load_scenario, scenario_names

app = typer.Typer(
    name="concern",
    help="A business in a box for one coding agent: a running SaaS, simulated customers, a reward in money.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ScenarioName = Annotated[str, typer.Argument(help="Name of a scenario, or the path of a TOML file.")]
RunPath = Annotated[Path, typer.Argument(help="Directory of a run.", metavar="RUN")]


def fail(message: str, code: int = 2) -> NoReturn:
    """End with one clear line."""
    typer.echo(f"concern: {message}", err=True)
    raise typer.Exit(code)


def chosen_scenario(name: str, days: int | None = None, live_rate: float | None = None) -> Scenario:
    """The scenario of a command line, with its few overrides."""
    overrides: dict[str, dict[str, object]] = {}
    if days is not None:
        overrides["world"] = {"days": days}
    if live_rate is not None:
        overrides["clock"] = {"mode": "live", "rate": live_rate}
    try:
        return load_scenario(name, overrides=overrides)
    except ScenarioError as error:
        fail(str(error))


def chosen_operator(name: str) -> str:
    """A known operator, or one clear line with the choices."""
    from agents.operator.policies import POLICIES

    if name not in POLICIES:
        fail(f"no operator {name!r}; choose one of: {', '.join(sorted(POLICIES))}")
    return name


@app.command()
def run(
    scenario: ScenarioName = "default",
    operator: Annotated[str, typer.Option(help="Who runs the company.")] = "reactive",
    seed: Annotated[int, typer.Option(help="Decides everything that is left to chance.")] = 1,
    days: Annotated[int | None, typer.Option(help="Simulated days, if not the scenario's.", min=1)] = None,
    headless: Annotated[
        bool, typer.Option("--headless", help="No screen: a line a day, and a table at the end.")
    ] = False,
    live: Annotated[float | None, typer.Option(help="Live clock: simulated seconds for each second.", min=1)] = None,
    isolation: Annotated[str, typer.Option(help="Sandbox to insist on: full, partial or none.")] = "full",
    runs: Annotated[Path, typer.Option(help="Where runs are kept.")] = Path("runs"),
) -> None:
    """Run a world to its end. Exit status 0 if it settled, 1 if it was voided, 2 for a wrong call."""
    from concern.running import RunRequest, run_world

    if isolation not in ("full", "partial", "none"):
        fail(f"no isolation {isolation!r}; choose one of: full, partial, none")
    request = RunRequest(
        scenario=chosen_scenario(scenario, days, live),
        seed=seed,
        operator=chosen_operator(operator),
        isolation=isolation,
        runs=runs,
        screen=not headless and sys.stdout.isatty(),
    )
    raise typer.Exit(run_world(request))


@app.command()
def scenarios() -> None:
    """List the scenarios that come with the project."""
    for name in scenario_names():
        scenario = load_scenario(name)
        typer.echo(
            f"{name:<14} {scenario.world.days:>4} days  {scenario.users.customers:>7,} customers  {scenario.world.title}"
        )


@app.command()
def verify(run: RunPath) -> None:
    """Recompute a run's ledger, chain and reward from its journal. Exit status 1 names the place that differs."""
    from concern.verify import render, verify_run

    if not (run / "world.json").exists():
        fail(f"{run} is no run (there is no world.json in it)")
    report = verify_run(run)
    typer.echo(render(report))
    raise typer.Exit(0 if report.ok else 1)


@app.command()
def watch(
    run: RunPath,
    headless: Annotated[bool, typer.Option("--headless", help="No screen: a line a day.")] = False,
) -> None:
    """Watch a running world from another terminal. Exit status 0 if it settled, 1 if it was voided."""
    from concern.watching import watch_world

    raise typer.Exit(watch_world(run, screen=not headless and sys.stdout.isatty()))


@app.command()
def replay(
    run: RunPath, speed: Annotated[float, typer.Option(help="Simulated hours for each second.", min=0.1)] = 12.0
) -> None:
    """Show a finished run again, from its journal."""
    from concern.watching import replay_world

    raise typer.Exit(replay_world(run, speed))


@app.command()
def ladder(
    scenario: ScenarioName = "default",
    seeds: Annotated[int, typer.Option(help="Paired seeds, from 1.", min=1)] = 5,
    days: Annotated[int | None, typer.Option(help="Simulated days, if not the scenario's.", min=1)] = None,
    operators: Annotated[str, typer.Option(help="From worst to best, separated by commas.")] = "noop,reactive,oracle",
    runs: Annotated[Path, typer.Option(help="Where runs are kept.")] = Path("runs"),
    jobs: Annotated[int, typer.Option(help="Worlds at the same time.", min=1)] = 1,
) -> None:
    """Run operators on the same seeds and compare the money. Exit status 1 if they are not ordered on every seed."""
    from concern.ladder import climb

    names = [chosen_operator(name.strip()) for name in operators.split(",")]
    raise typer.Exit(climb(scenario, chosen_scenario(scenario, days), names, seeds, runs, jobs, days))


@app.command()
def init(
    root: Annotated[Path, typer.Argument(help="New directory for the world.")],
    scenario: Annotated[str, typer.Option(help="Name of a scenario, or the path of a TOML file.")] = "default",
    operator: Annotated[str, typer.Option(help="Who runs the company.")] = "reactive",
    seed: Annotated[int, typer.Option(help="Decides everything that is left to chance.")] = 1,
    days: Annotated[int | None, typer.Option(help="Simulated days, if not the scenario's.", min=1)] = None,
    isolation: Annotated[str, typer.Option(help="Sandbox to insist on: full, partial or none.")] = "full",
    broker: Annotated[str, typer.Option(help="Where the broker will listen, host:port.")] = "nats:4222",
    aside: Annotated[bool, typer.Option("--aside", help="Put a world that is there already aside, by its id.")] = False,
) -> None:
    """Build a world for services in processes or containers of their own: its directory, keys and broker configuration."""
    from concern.running import RunRequest, init_world

    request = RunRequest(
        scenario=chosen_scenario(scenario, days),
        seed=seed,
        operator=chosen_operator(operator),
        isolation=isolation,
        runs=root,
        screen=False,
    )
    raise typer.Exit(init_world(request, broker, aside=aside))


@app.command()
def prepare(root: Annotated[Path, typer.Argument(help="Directory of a world built by `init`.")]) -> None:
    """Make the broker's streams for a world in containers."""
    from concern.running import prepare_streams

    raise typer.Exit(prepare_streams(root))


def _subcommands() -> None:
    from concern.catalog.cli import app as catalog

    app.add_typer(catalog)


def main() -> None:
    """Entry point."""
    _subcommands()
    app()
