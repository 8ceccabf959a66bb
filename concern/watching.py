"""The screen over a live world or a finished one."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import typer
import uvloop

from bus.context import Context, open_context
from bus.credentials import Credentials
from bus.journal import read_journal
from bus.messages.base import Delivered
from bus.simtime import HOUR
from bus.transport.nats import NatsTransport
from bus.transport.protocol import BusError
from bus.world import World, load_world
from concern.daily import print_days
from concern.summary import summary_text
from tui.app import watch
from tui.feed import listening, viewer
from tui.playbill import Playbill
from tui.state import Business


async def on_screen(ctx: Context) -> Business:
    """Show a live world until the person leaves."""
    async with listening(ctx) as source:
        return await watch(source, Playbill.of_world(ctx.world.file))


def watch_world(run: Path, *, screen: bool) -> int:
    """Watch a world that runs elsewhere; returns the exit status."""
    file = run / "credentials" / "viewer.json"
    try:
        world, key = load_world(run), Credentials.read(file)
    except OSError as error:
        typer.echo(f"concern: {run} is no running world: {error}", err=True)
        return 2
    try:
        business = uvloop.run(_watch(world, key, screen))
    except BusError as error:
        typer.echo(f"concern: its broker does not answer: {error}", err=True)
        return 1
    settled = business.rewards.over is not None and business.rewards.over.state == "settled"
    typer.echo(summary_text(world.file, world.root, business))
    return 0 if settled else 1


async def _watch(world: World, key: Credentials, screen: bool) -> Business:
    async with NatsTransport.connect(key) as transport, open_context(viewer, world, transport) as ctx:
        return await (on_screen(ctx) if screen else print_days(ctx))


def replay_world(run: Path, hours_per_second: float) -> int:
    """Show a finished run again; returns the exit status."""
    journal = run / "recorder" / "journal.db"
    if not journal.exists():
        typer.echo(f"concern: {run} is no run with a journal", err=True)
        return 2
    world = load_world(run)
    playbill = Playbill.of_world(world.file, clock_mode=f"replay, {hours_per_second:g} h/s")
    uvloop.run(watch(_paced(journal, hours_per_second), playbill))
    return 0


async def _paced(journal: Path, hours_per_second: float) -> AsyncIterator[Delivered]:
    """The journal's events, each when its simulated time has come at this pace."""
    began = anyio.current_time()
    for delivered in read_journal(journal):
        due = began + delivered.envelope.sim_time / HOUR / hours_per_second
        if due > anyio.current_time():
            await anyio.sleep_until(due)  # noqa: TID251 (a replay has a clock of its own)
        yield delivered
