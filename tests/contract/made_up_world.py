"""A world of made-up services, and the buses that carry it."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from bus.context import Context
from bus.credentials import Credentials, credentials
from bus.ids import EpisodeId
from bus.messages.base import Command, Done, Event
from bus.permissions import Grants, grants
from bus.server import NatsServer, nats_server
from bus.service import Service
from bus.transport.memory import MemoryBroker, MemoryTransport
from bus.transport.nats import NatsTransport
from bus.transport.protocol import Transport
from bus.transport.streams import create_streams

EPISODE = EpisodeId("e_contracttest")


class ThingHappened(Event):
    type: Literal["alpha.thing.happened/1"] = "alpha.thing.happened/1"


class OtherHappened(Event):
    type: Literal["alpha.other.happened/1"] = "alpha.other.happened/1"


class NoteMade(Event):
    type: Literal["beta.note.made/1"] = "beta.note.made/1"


class Double(Command[Done]):
    type: Literal["beta.double/1"] = "beta.double/1"


async def _nothing(ctx: Context, *, task_status: Any = None) -> None:
    """These services only declare; the tests speak for them."""


SERVICES = (
    Service("alpha", _nothing, publishes=(ThingHappened, OtherHappened), asks=(Double,), participant=False),
    Service("beta", _nothing, publishes=(NoteMade,), subscribes=("alpha",), serves=(Double,), participant=False),
    Service("watcher", _nothing, subscribes=("alpha", "beta", "dead"), participant=False),
)


class Bus(Protocol):
    """Where the roles of the made-up world connect."""

    def connect(self, role: str) -> AbstractAsyncContextManager[Transport]: ...


@dataclass
class MemoryBus:
    broker: MemoryBroker = field(default_factory=MemoryBroker)

    @asynccontextmanager
    async def connect(self, role: str) -> AsyncGenerator[Transport]:
        yield MemoryTransport(self.broker, role)


@dataclass
class NatsBus:
    granted: Grants
    passwords: dict[str, str]
    directory: Path
    server: NatsServer

    def credentials(self, role: str) -> Credentials:
        return credentials(self.granted, self.passwords, self.server.url)[role]

    @asynccontextmanager
    async def connect(self, role: str) -> AsyncGenerator[Transport]:
        async with NatsTransport.connect(self.credentials(role)) as transport:
            yield transport

    def restarted(self) -> AbstractAsyncContextManager[NatsServer]:
        """The broker again, on the same port and streams; the first one must be dead."""
        return nats_server(self.granted, self.passwords, self.directory, port=self.server.port)


@asynccontextmanager
async def nats_bus(directory: Path, services: Sequence[Service] = SERVICES) -> AsyncGenerator[NatsBus]:
    granted = grants(services, EPISODE)
    passwords = {role.name: f"password of {role.name}" for role in granted.roles}
    async with nats_server(granted, passwords, directory) as server:
        made = NatsBus(granted, passwords, directory, server)
        await create_streams(made.credentials("admin"), granted)
        yield made
