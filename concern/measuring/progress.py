"""How far something long has come: a bar in a terminal, a line each elsewhere."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn


@contextmanager
def following(total: int) -> Generator[Callable[[str], None]]:
    """Hand out what is called with one line of text for each part that is through."""
    if not sys.stderr.isatty():
        yield lambda line: typer.echo(f"  {line}")
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=total)

        def step(line: str) -> None:
            bar.console.print(f"  {line}", highlight=False, markup=False)
            bar.advance(task)

        yield step
