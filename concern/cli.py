"""The command `concern`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from concern.choosing import (
    MCP_PORT,
    Model,
    RunPath,
    ScenarioName,
    Shards,
    chosen_isolation,
    chosen_model,
    chosen_operator,
    chosen_scenario,
    fail,
)
from concern.measuring.cli import app as measuring
from services.world.loading import load_scenario, scenario_names

app = typer.Typer(
    name="concern",
    help="A business in a box for one coding agent: a running SaaS, simulated customers, a reward in money.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(measuring)


@app.command()
def run(  # noqa: PLR0917 (each is an option of the command line)
    scenario: ScenarioName = "default",
    operator: Annotated[str, typer.Option(help="Who runs the company.")] = "reactive",
    model: Model = None,
    seed: Annotated[int, typer.Option(help="Decides everything that is left to chance.")] = 1,
    days: Annotated[int | None, typer.Option(help="Simulated days, if not the scenario's.", min=1)] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Another value for a key of the scenario, in TOML (again for more).", metavar="KEY=VALUE"
        ),
    ] = None,
    headless: Annotated[
        bool, typer.Option("--headless", help="No screen: a line a day, and a table at the end.")
    ] = False,
    live: Annotated[float | None, typer.Option(help="Live clock: simulated seconds for each second.", min=1)] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="No broker: a little faster, but no trainer or screen can listen.")
    ] = False,
    isolation: Annotated[str, typer.Option(help="Sandbox to insist on: full, partial or none.")] = "full",
    shards: Shards = 1,
    out: Annotated[
        Path | None, typer.Option(help="New directory for the run; by default one by its id in runs/.", metavar="DIR")
    ] = None,
    mcp_port: Annotated[
        int, typer.Option(help="With --operator mcp: where it listens on 127.0.0.1; 0: anywhere.")
    ] = MCP_PORT,
) -> None:
    """Run a world to its end. Exit status 0 if it settled, 1 if it was voided, 2 for a wrong call."""
    from concern.building import Wish
    from concern.cast import MCP
    from concern.foreign import Door
    from concern.running import RunRequest, run_world

    if alone and shards > 1:
        fail("shards are processes of their own, which reach each other by a broker: leave --alone or --shards out")
    if alone and operator == MCP:
        fail(f"{MCP} is played from outside, by a broker: leave --alone out")
    level, chosen = chosen_isolation(isolation), chosen_scenario(scenario, days, live, set_ or ())
    runner = chosen_operator(operator, chosen.world.product)
    wish = Wish(chosen, seed, runner, level, shards, chosen_model(operator, model))
    door = Door(port=mcp_port) if operator == MCP else None
    screen = not headless and sys.stdout.isatty()
    raise typer.Exit(run_world(RunRequest(wish, out, screen=screen, door=door, alone=alone)))


@app.command()
def serve(
    what: Annotated[
        str, typer.Argument(help="Directory of a running world, or a scenario to run.", metavar="RUN|SCENARIO")
    ],
    mcp: Annotated[
        bool, typer.Option("--mcp", help="Over the Model Context Protocol, which is the only way so far.")
    ] = False,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0: a free one.")] = MCP_PORT,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Name under which it may be addressed, beside the usual ones.", metavar="NAME"),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(help="Secret in the address's path; by default a fresh one.", envvar="CONCERN_MCP_TOKEN"),
    ] = None,
    stdio: Annotated[bool, typer.Option("--stdio", help="On standard input and output, to a running world.")] = False,
    seed: Annotated[int, typer.Option(help="With a scenario: decides everything that is left to chance.")] = 1,
    days: Annotated[int | None, typer.Option(help="With a scenario: simulated days.", min=1)] = None,
) -> None:
    """Offer the operator's tools to an agent of yours: those of a running world, or of a new one (docs/mcp.md)."""
    from concern.building import Wish
    from concern.cast import MCP
    from concern.foreign import Door, serve_run
    from concern.running import RunRequest, run_world

    if not mcp:
        fail("say how: --mcp")
    door = Door(port, host, tuple(allow_host or ()), token)
    if (Path(what) / "world.json").exists():
        raise typer.Exit(serve_run(Path(what), None if stdio else door))
    if stdio:
        fail(f"{what} is no run (there is no world.json in it); --stdio joins a world that runs")
    raise typer.Exit(run_world(RunRequest(Wish(chosen_scenario(what, days), seed, MCP), None, screen=False, door=door)))


@app.command()
def pool(
    scenario: ScenarioName = "short",
    worlds: Annotated[int, typer.Option(help="How many stand ready or are lent.", min=1, max=1024)] = 2,
    seed: Annotated[int, typer.Option(help="Of the first world; the next have the next.")] = 1,
    group: Annotated[int, typer.Option(help="So many worlds in a row have the same seed.", min=1)] = 1,
    days: Annotated[int | None, typer.Option(help="Simulated days, if not the scenario's.", min=1)] = None,
    isolation: Annotated[str, typer.Option(help="Sandbox to insist on: full, partial or none.")] = "full",
    out: Annotated[
        Path, typer.Option(help="New directory for the pool; it goes when the pool does.", metavar="DIR")
    ] = Path("pool"),
) -> None:
    """Keep worlds ready for trainers to lease, all heard at one hub (docs/training.md). Ends with Ctrl-C."""
    from concern.pool import Wishes, run_pool

    level = chosen_isolation(isolation)
    wishes = Wishes(chosen_scenario(scenario, days), worlds, seed, group, level, out.absolute())
    raise typer.Exit(run_pool(wishes))


@app.command()
def scenarios() -> None:
    """List the scenarios that come with the project."""
    for name in scenario_names():
        scenario = load_scenario(name)
        typer.echo(
            f"{name:<14} {scenario.world.days:>4} days  {scenario.users.customers:>7,} customers  {scenario.world.title}"
        )


@app.command()
def operators() -> None:
    """List the operators that can run the company."""
    from concern import cast

    for name, does in cast.operators().items():
        typer.echo(f"{name:<14} {does}")


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
def tickets(
    run: RunPath,
    most: Annotated[int, typer.Option("--most", help="At most so many threads, from all over the run.", min=1)] = 20,
    longest: Annotated[bool, typer.Option("--longest", help="Those in which most was said, first.")] = False,
) -> None:
    """Print what customers and company wrote to each other, as a person would read it."""
    from bus.journal import JOURNAL, read_journal
    from bus.world import load_world
    from concern.tickets import spread, threads_of, told

    if not (run / "world.json").exists() or not (run / JOURNAL).exists():
        fail(f"{run} is no run with a journal (world.json and {JOURNAL} must be in it)")
    threads = threads_of(read_journal(run / JOURNAL))
    shown = sorted(threads, key=lambda thread: -len(thread.notes))[:most] if longest else spread(threads, most)
    for line in told(shown, load_world(run).scenario.world.start):
        typer.echo(line)
    typer.echo(f"{len(shown)} of {len(threads)} threads")


@app.command()
def watch(
    run: RunPath,
    server: Annotated[
        str | None,
        typer.Option(help="Where its broker is reached from here, nats://host:port, if not as the run says."),
    ] = None,
    headless: Annotated[bool, typer.Option("--headless", help="No screen: a line a day.")] = False,
) -> None:
    """Watch a running world from another terminal. Exit status 0 if it settled, 1 if it was voided."""
    from concern.watching import watch_world

    raise typer.Exit(watch_world(run, server=server, screen=not headless and sys.stdout.isatty()))


@app.command()
def replay(
    run: RunPath, speed: Annotated[float, typer.Option(help="Simulated hours for each second.", min=0.1)] = 12.0
) -> None:
    """Show a finished run again, from its journal."""
    from concern.watching import replay_world

    raise typer.Exit(replay_world(run, speed))


@app.command()
def export(
    run: RunPath,
    atif: Annotated[bool, typer.Option("--atif", help="Trajectories in ATIF 1.8, one file a context epoch.")] = False,
    parquet: Annotated[bool, typer.Option("--parquet", help="A row for each call (needs pyarrow).")] = False,
    messages: Annotated[bool, typer.Option("--messages", help="Chat messages, a line for each context epoch.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the files; by default `export` in the run.", metavar="DIR")
    ] = None,
) -> None:
    """Write what the operator did and earned, turn by turn: turns.jsonl, if no other form is asked for."""
    from concern.export.story import ExportError, read_story
    from concern.export.writing import Form
    from concern.export.writing import export as write

    asked: dict[Form, bool] = {"atif": atif, "parquet": parquet, "messages": messages}
    asked["turns"] = not any(asked.values())
    try:
        story = read_story(run)
        for form, wanted in asked.items():
            for path in write(story, form, out or run / "export") if wanted else ():
                typer.echo(path)
    except ExportError as error:
        fail(str(error))


@app.command()
def init(  # noqa: PLR0917 (each is an option of the command line)
    root: Annotated[Path, typer.Argument(help="New directory for the world.")],
    scenario: Annotated[str, typer.Option(help="Name of a scenario, or the path of a TOML file.")] = "default",
    operator: Annotated[str, typer.Option(help="Who runs the company.")] = "reactive",
    model: Model = None,
    seed: Annotated[int, typer.Option(help="Decides everything that is left to chance.")] = 1,
    days: Annotated[int | None, typer.Option(help="Simulated days, if not the scenario's.", min=1)] = None,
    isolation: Annotated[str, typer.Option(help="Sandbox to insist on: full, partial or none.")] = "full",
    shards: Shards = 1,
    broker: Annotated[str, typer.Option(help="Where the broker will listen, host:port.")] = "nats:4222",
    aside: Annotated[bool, typer.Option("--aside", help="Put a world that is there already aside, by its id.")] = False,
) -> None:
    """Build a world for services in processes or containers of their own: its directory, keys and broker configuration."""
    from concern.building import Wish
    from concern.running import init_world

    level = chosen_isolation(isolation)
    wish = Wish(
        chosen_scenario(scenario, days), seed, chosen_operator(operator), level, shards, chosen_model(operator, model)
    )
    raise typer.Exit(init_world(wish, root, broker, aside=aside))


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
