"""The hub that many worlds join: trainers hear every world's reward there, and read it by position.

The hub keeps nothing. Each world's broker is a leaf of it and holds its own streams, so a hub that is restarted has lost
nothing: whoever missed something asks for it by position, and the question travels to the world.
"""

import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio

from bus.credentials import Credentials
from bus.permissions import inbox_prefix
from bus.server import Leaf, NatsServer, configured_server
from bus.transport.protocol import BusError

TRAINER, LEAF = "trainer", "leaf"
_LEAVES = re.compile(r"Listening for leafnode connections on \S+:(\d+)")


@dataclass(frozen=True)
class Secrets:
    """The hub's two passwords: trainers only read; leaves bring in what is read."""

    trainer: str
    leaf: str


@dataclass(frozen=True)
class Hub:
    """A running hub. Made by `hub_server`."""

    server: NatsServer
    secrets: Secrets
    leaf_port: int

    @property
    def leaf(self) -> Leaf:
        """What a world's broker is told, to join."""
        return Leaf(f"nats-leaf://{LEAF}:{self.secrets.leaf}@127.0.0.1:{self.leaf_port}")

    @property
    def trainer(self) -> Credentials:
        """A trainer's key."""
        return Credentials(
            url=self.server.url, account="TRAIN", user=TRAINER, password=self.secrets.trainer,
            inbox_prefix=inbox_prefix(TRAINER),
        )  # fmt: skip


def render_hub(secrets: Secrets, *, listen: str, leaves: str) -> str:
    """The hub's configuration as JSON: one account, whose trainers hear rewards and ask for positions, and no more."""
    inbox = f"{inbox_prefix(TRAINER)}.>"
    trainer = {"publish": {"allow": ["reward_at.*"]}, "subscribe": {"allow": ["reward.>", inbox]}}
    leaf = {"publish": {"allow": ["reward.>", inbox]}, "subscribe": {"allow": ["reward_at.*"]}}
    users = [
        {"user": TRAINER, "password": secrets.trainer, "permissions": trainer},
        {"user": LEAF, "password": secrets.leaf, "permissions": leaf},
    ]
    return json.dumps(
        {
            "server_name": "hub",
            "listen": listen,
            "leafnodes": {"listen": leaves},
            "accounts": {"TRAIN": {"users": users}},
        },
        indent=2,
    )


@asynccontextmanager
async def hub_server(secrets: Secrets, directory: Path, *, port: int = -1, leaf_port: int = -1) -> AsyncGenerator[Hub]:
    """Run a hub on 127.0.0.1 while the context lasts. The same ports give a restarted hub. `BusError` if it cannot be."""
    log = directory / "nats.log"
    log.unlink(missing_ok=True)
    config = render_hub(secrets, listen=f"127.0.0.1:{port}", leaves=f"127.0.0.1:{leaf_port}")
    async with configured_server(config, directory) as server:
        found = _LEAVES.search(await anyio.Path(log).read_text())
        if found is None:
            raise BusError(f"the hub does not listen for leaves; log {log}")
        yield Hub(server, secrets, int(found[1]))
