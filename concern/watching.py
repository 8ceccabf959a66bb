"""The screen over a live world or a finished one."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import typer
import uvloop

from bus.context import Context, open_context
from bus.credentials import Credentials
from bus.journal import read_journal
from bus.messages.base import Delivered
from bus.messages.clock import Regulate, Tick, WorldStatus
from bus.simtime import HOUR, SECOND
from bus.transport.nats import NatsTransport
from bus.transport.protocol import BusError
from bus.world import World, load_world
from concern.daily import print_days
from concern.summary import summary_text
from services.world.clock import Clock, Regulated
from tui.app import watch
from tui.feed import listening
from tui.playbill import Playbill
from tui.remote import Remote
from tui.state import Business
from tui.viewer import viewer


async def on_screen(ctx: Context, remote: Remote | None = None) -> Business:
    """Show a live world until the person leaves."""
    async with listening(ctx) as source:
        return await watch(source, Playbill.of_world(ctx.world.file), remote=remote)


def watch_world(run: Path, *, server: str | None, screen: bool) -> int:
    """Watch a world that runs elsewhere; returns the exit status.

    `run` has its `world.json` and the viewer's key; `server` is where its broker is reached from here, if not where
    the key says.
    """
    file = run / "credentials" / "viewer.json"
    try:
        world, key = load_world(run), Credentials.read(file)
    except (OSError, ValueError) as error:
        typer.echo(f"concern: {run} is no running world: {error}", err=True)
        return 2
    if server is not None:
        key = key.model_copy(update={"url": server})
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
    uvloop.run(_replay(journal, Playbill.of_world(world.file, clock_mode="replay"), hours_per_second))
    return 0


async def _replay(journal: Path, playbill: Playbill, hours_per_second: float) -> None:
    clock = Regulated(hours_per_second * HOUR / SECOND)

    async def remote(command: Regulate) -> WorldStatus:
        clock.obey(command)
        state = "paused" if clock.held else "running"
        return WorldStatus(state=state, tick=0, of=0, outcome=None, failure_kind=None, reason="", rate=clock.rate)

    await watch(_paced(journal, clock), replace(playbill, rate=clock.rate), remote=remote)


async def _paced(journal: Path, clock: Clock) -> AsyncIterator[Delivered]:
    """The journal's events, each tick's when the clock lets it begin."""
    for delivered in read_journal(journal):
        if isinstance(delivered.event, Tick):
            await clock.tick_may_begin(delivered.event.tick)
        yield delivered
