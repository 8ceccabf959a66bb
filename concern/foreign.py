"""`concern serve` and `--operator mcp`: the operator's tools for an agent that is not ours."""

import re
from dataclasses import dataclass
from pathlib import Path

import typer

from bus.credentials import Credentials
from bus.host import HostingError, host, log_to
from bus.loop import run as run_here
from bus.service import Service
from bus.transport.protocol import BusError
from bus.world import load_world
from concern.cast import MCP

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,200}")
"""What a secret may look like that somebody chooses."""


class DoorError(Exception):
    """The tools cannot be offered as asked; the text is one line for people."""


@dataclass(frozen=True)
class Door:
    """How a foreign agent reaches its tools over HTTP."""

    port: int
    host: str = "127.0.0.1"
    hosts: tuple[str, ...] = ()
    """Names under which it may be addressed, beside the usual ones."""
    token: str | None = None
    """The secret in its path; None makes a fresh one."""


def open_door(door: Door) -> Service:
    """Listen, tell where, and give the operator's role that is played there. `DoorError` if the place is taken."""
    from services.gateway.mcp.service import operator_at
    from services.gateway.mcp.web import Place, listen

    if door.token is not None and not TOKEN.fullmatch(door.token):
        raise DoorError("the token must be 16 to 200 letters, digits, - or _")
    try:
        listener = listen(door.host, door.port)
    except OSError as error:
        raise DoorError(f"cannot listen on {door.host}:{door.port}: {error.strerror}; say another --port") from None
    place = Place(listener, door.hosts) if door.token is None else Place(listener, door.hosts, door.token)
    typer.echo(f"operator over MCP: {place.url}")
    return operator_at(place)


def serve_run(run: Path, door: Door | None) -> int:
    """Offer the tools of a running world, at a door or on standard input and output; returns the exit status.

    This process holds the operator's key to the world's broker, and no other.
    """
    try:
        world, key = load_world(run), run / "credentials" / "operator.json"
        if world.file.operator != MCP:
            raise DoorError(f"{run} has the operator {world.file.operator}; begin one with --operator {MCP}")
        Credentials.read(key)
        played = _played(door)
        log_to(None)
        run_here(host(played, run, key))
    except (OSError, ValueError) as error:
        typer.echo(f"concern: {run} is no running world: {error}", err=True)
        return 2
    except (DoorError, HostingError) as error:
        typer.echo(f"concern: {error}", err=True)
        return 2
    except BusError as error:
        typer.echo(f"concern: its broker does not answer: {error}", err=True)
        return 1
    return 0


def _played(door: Door | None) -> Service:
    from services.gateway.mcp.service import operator_on_stdio

    return operator_on_stdio() if door is None else open_door(door)
