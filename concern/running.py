"""`concern run` and `concern init`: build a world, host it, tell what came of it."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import typer

from bus.credentials import Credentials, credentials
from bus.host import HostingError, log_to
from bus.ids import new_episode_id
from bus.loop import run
from bus.permissions import grants
from bus.server import render_config
from bus.service import Service
from bus.transport.protocol import BusError
from bus.transport.streams import create_streams
from bus.world import World, load_world
from catalog.reading import CatalogError
from concern import cast
from concern.building import Wish, build_world
from concern.daily import print_days
from concern.foreign import Door, DoorError, open_door
from concern.history import HistoryError
from concern.summary import summary_text
from concern.supervisor import LOG, Ended, Interrupted, Watcher, first_of, supervisor
from services.sandbox.errors import SandboxError

SETTLED, VOIDED, WRONG_CALL = 0, 1, 2
RUNS = Path("runs")
"""Where runs are kept by their ids, in the working directory."""


@dataclass(frozen=True)
class RunRequest:
    """A run as the command line asks for it."""

    wish: Wish
    root: Path | None
    """The run's directory; if None, one by the episode's id below `runs`."""
    screen: bool
    door: Door | None = None
    """Where a foreign operator finds its tools."""
    alone: bool = False
    """Without a broker: nobody else can listen."""


def run_world(request: RunRequest) -> int:
    """Build and run a world; returns the exit status."""
    episode = new_episode_id()
    root = request.root or RUNS / episode
    try:
        played = _played(request)
    except (DoorError, HostingError) as error:
        typer.echo(f"concern: {error}", err=True)
        return WRONG_CALL
    try:
        root.mkdir(parents=True)
    except FileExistsError:
        typer.echo(f"concern: {root} is there already; say a new directory with --out", err=True)
        return WRONG_CALL
    log_to(root / LOG)
    wish = request.wish
    typer.echo(f"run {root}  scenario {wish.scenario.world.name}  seed {wish.seed}  operator {wish.operator}")
    try:
        world = run(build_world(wish, root, episode))
    except (SandboxError, CatalogError, HistoryError) as error:
        typer.echo(f"concern: {error}", err=True)
        return WRONG_CALL
    try:
        ended = run(_host(world, request, played))
    except BusError as error:
        typer.echo(f"concern: {error}", err=True)
        return VOIDED
    except ExceptionGroup as group:
        if not isinstance(first_of(group), Interrupted):
            raise
        typer.echo(f"concern: {first_of(group)}, again; {root} holds what was said until then", err=True)
        return VOIDED
    return tell(world, ended)


def _played(request: RunRequest) -> Service | None:
    """An operator that is not played by its declaration: an agent at a door, or a model at its endpoint."""
    if request.wish.model is not None:
        from agents.operator.hosting import hosted  # here, so that only worlds with a model load its library

        return hosted(request.wish.model, request.wish.scenario.operator, os.environ)
    return open_door(request.door) if request.door else None


def tell(world: World, ended: Ended) -> int:
    """Print the closing table; returns the exit status."""
    for failure in ended.failures:
        typer.echo(f"concern: {failure}", err=True)
    if ended.control.outcome == "voided":
        typer.echo(f"voided: {ended.control.failure_kind}: {ended.control.reason}", err=True)
        return VOIDED
    typer.echo(summary_text(world.file, world.root, ended.business))
    return SETTLED


def init_world(wish: Wish, root: Path, broker: str, *, aside: bool) -> int:
    """Build a world for services elsewhere; returns the exit status. `aside` renames a world that is there already."""
    log_to(None)
    if aside and (root / "world.json").exists():
        root.rename(root.with_name(load_world(root).episode))
    if (root / "world.json").exists():
        typer.echo(f"concern: there is a world in {root} already; an episode starts once", err=True)
        return WRONG_CALL
    try:
        world = run(build_world(wish, root))
    except (SandboxError, CatalogError, HistoryError) as error:
        typer.echo(f"concern: {error}", err=True)
        return WRONG_CALL
    write_keys(world, broker)
    typer.echo(f"built {world.episode}: isolation {world.file.isolation}, broker {broker}")
    return SETTLED


def write_keys(world: World, broker: str) -> None:
    """One closed file of credentials for each role, and the broker's configuration with the same passwords."""
    granted = grants(cast.everybody(world), world.episode)
    passwords = {role.name: secrets.token_hex(16) for role in granted.roles}
    folder = world.directory("credentials")
    for role, key in credentials(granted, passwords, f"nats://{broker}").items():
        key.write(folder / f"{role}.json")
    store = world.directory("nats")
    config = store / "nats.conf"
    config.touch(mode=0o600)
    port = broker.rsplit(":", 1)[-1]
    config.write_text(render_config(granted, passwords, listen=f"0.0.0.0:{port}", store=store / "jetstream"))


def prepare_streams(root: Path) -> int:
    """Make the broker's streams for a world that was built by `init`, waiting for the broker to answer."""
    log_to(None)
    world = load_world(root)
    admin = Credentials.read(world.directory("credentials") / "admin.json")
    run(create_streams(admin, grants(cast.everybody(world), world.episode)))
    return SETTLED


def _screen() -> Watcher:
    from concern.watching import on_screen  # here, since most worlds run without

    return on_screen


async def _host(world: World, request: RunRequest, played: Service | None) -> Ended:
    watcher = _screen() if request.screen else print_days
    cast_here = [played if played and each.name == played.name else each for each in cast.agents(world)]
    host = supervisor(world, alone=request.alone)
    return await host.run((*cast.services(), *cast_here), watcher, cast.shards(world))
