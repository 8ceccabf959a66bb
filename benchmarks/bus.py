"""One service's connection to a broker of its own, for what its messages cost."""

import secrets
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bus.context import Context, open_context
from bus.credentials import credentials
from bus.ids import new_episode_id
from bus.permissions import grants
from bus.server import nats_server
from bus.service import Service
from bus.transport.nats import NatsTransport
from bus.transport.streams import create_streams
from bus.world import WorldFile, save_world
from services.world.loading import load_scenario


@dataclass
class Wire:
    """What the service holds in its hand."""

    ctx: Context


@asynccontextmanager
async def wire(service: Service) -> AsyncGenerator[Wire]:
    """A service's context over a real broker, which goes when the context is left."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file = WorldFile(
            episode=new_episode_id(),
            seed=1,
            scenario=load_scenario("million"),
            operator="noop",
            isolation="none",
            planted=(),
        )
        world = save_world(file, Path(folder))
        alone = Service(service.name, service.run, service.publishes, participant=False)
        granted = grants((alone,), world.episode)
        passwords = {role.name: secrets.token_hex(16) for role in granted.roles}
        async with nats_server(granted, passwords, world.directory("nats")) as server:
            keys = credentials(granted, passwords, server.url)
            await create_streams(keys["admin"], granted)
            async with (
                NatsTransport.connect(keys[service.name]) as transport,
                open_context(alone, world, transport) as ctx,
            ):
                yield Wire(ctx)
