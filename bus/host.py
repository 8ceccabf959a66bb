"""Hosting one service in a process of its own: `python -m services NAME`, `python -m agents NAME`, a container."""

import logging
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from bus.context import open_context
from bus.credentials import Credentials
from bus.loop import run
from bus.service import Service
from bus.transport.nats import NatsTransport
from bus.world import load_world

WORLD_VARIABLE = "CONCERN_WORLD"
"""Environment: the world's directory."""
SHARD_VARIABLE = "CONCERN_SHARD"
"""Environment: which shard of the users this process is, from 1; if it is not set, the first that is free."""
CREDENTIALS_VARIABLE = "CONCERN_CREDENTIALS"
"""Environment: the file with this role's credentials; by default `credentials/<role>.json` in the world's directory."""


class HostingError(Exception):
    """A service cannot be hosted here; the text is one line for people."""


def log_to(stream_or_path: Path | None, *, level: int = logging.INFO) -> None:
    """Send all logs as JSON lines to a file, or to stderr if none is given."""
    target = sys.stderr if stream_or_path is None else stream_or_path.open("a", encoding="utf-8")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=target),
        cache_logger_on_first_use=False,
    )


async def host(service: Service, root: Path, credentials: Path | None = None) -> None:
    """Run a service until the episode is over. Its death is the process's: loud, and with a status that is not 0."""
    file = credentials or root / "credentials" / f"{service.name}.json"
    try:
        world, secret = load_world(root), Credentials.read(file)
    except (OSError, ValueError) as error:
        raise HostingError(f"no world to serve: {error} (set {WORLD_VARIABLE} to a world's directory)") from error
    async with NatsTransport.connect(secret) as transport, open_context(service, world, transport) as context:
        context.log.info("hosting")
        await service.run(context)


def main(
    services: Mapping[str, Callable[[], Service]], arguments: list[str], environment: Mapping[str, str] = os.environ
) -> int:
    """The command `python -m services NAME`: 0 at the end of the episode, 2 for a wrong call."""
    if len(arguments) != 1 or arguments[0] not in services:
        sys.stderr.write(f"say which one: {', '.join(sorted(services))}\n")
        return 2
    log_to(None)
    root = Path(environment.get(WORLD_VARIABLE, "."))
    file = environment.get(CREDENTIALS_VARIABLE)
    try:
        run(host(services[arguments[0]](), root, Path(file) if file else None))
    except HostingError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0
