"""Services' connections to a broker of their own, for what messages cost."""

import secrets
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
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


@asynccontextmanager
async def contexts(services: Sequence[Service]) -> AsyncGenerator[dict[str, Context]]:
    """A context for each service by its name, in a world of a million over a real broker that goes with them."""
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
        granted = grants(services, world.episode)
        passwords = {role.name: secrets.token_hex(16) for role in granted.roles}
        async with nats_server(granted, passwords, world.directory("nats")) as server, AsyncExitStack() as stack:
            keys = credentials(granted, passwords, server.url)
            await create_streams(keys["admin"], granted)
            held: dict[str, Context] = {}
            for one in services:
                transport = await stack.enter_async_context(NatsTransport.connect(keys[one.name]))
                held[one.name] = await stack.enter_async_context(open_context(one, world, transport))
            yield held
