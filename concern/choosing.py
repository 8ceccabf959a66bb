"""What commands are asked for: options that several of them take, and what a choice means, or one clear line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn, get_args

import typer

from bus.messages.cloud import Isolation
from bus.scenario import Scenario
from services.world.loading import ScenarioError, load_scenario, overrides_of

Shards = Annotated[
    int,
    typer.Option(
        help="Processes among which the user agents are shared out; nothing else depends on it.", min=1, max=64
    ),
]
ISOLATIONS: tuple[Isolation, ...] = get_args(Isolation)
Model = Annotated[
    str | None, typer.Option(help="With --operator llm: the model's name at its endpoint.", metavar="NAME")
]
MCP_PORT = 8931
"""Where a foreign operator's tools are found, if not said otherwise."""
ScenarioName = Annotated[str, typer.Argument(help="Name of a scenario, or the path of a TOML file.")]
RunPath = Annotated[Path, typer.Argument(help="Directory of a run.", metavar="RUN")]


def fail(message: str, code: int = 2) -> NoReturn:
    """End with one clear line."""
    typer.echo(f"concern: {message}", err=True)
    raise typer.Exit(code)


def chosen_scenario(
    name: str, days: int | None = None, live_rate: float | None = None, settings: Sequence[str] = ()
) -> Scenario:
    """The scenario of a command line, with its overrides; `settings` as `users.wishes=3`."""
    shown = list(settings)
    if days is not None:
        shown.append(f"world.days={days}")
    if live_rate is not None:
        shown += ['clock.mode="live"', f"clock.rate={live_rate}"]
    try:
        return load_scenario(name, overrides=overrides_of(shown))
    except ScenarioError as error:
        fail(str(error))


def chosen_operator(name: str, product: str = "tracker") -> str:
    """A known operator, or one clear line with the choices. `question/option` is one that differs in a decision only."""
    from concern import cast

    known = cast.manners(product) if "/" in name else tuple(sorted(cast.operators()))
    if name not in known:
        fail(f"no operator {name!r}; choose one of: {', '.join(known)}")
    return name


def chosen_model(operator: str, model: str | None) -> str | None:
    """The model of a command line: the operator `llm` has one, and no other."""
    from concern.cast import LLM

    if operator == LLM and not model:
        fail("say which model: --model NAME")
    if operator != LLM and model:
        fail(f"--model is for --operator {LLM}")
    return model


def chosen_isolation(level: str) -> Isolation:
    """A known level of isolation, or one clear line with the choices."""
    if level not in ISOLATIONS:
        fail(f"no isolation {level!r}; choose one of: {', '.join(ISOLATIONS)}")
    return level
