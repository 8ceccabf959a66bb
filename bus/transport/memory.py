"""The in-memory twin of the NATS transport: same promises, one process, no broker."""

from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import anyio
from anyio.lowlevel import checkpoint
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from bus.subjects import dead_letter_subject, family_of, matches
from bus.transport.protocol import BusError, Call, Letter

_UNBOUNDED = float("inf")


@dataclass
class _MemoryCall:
    subject: str
    data: bytes
    replies: MemoryObjectSendStream[bytes]

    async def answer(self, data: bytes) -> None:
        with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):  # the asker has given up
            await self.replies.send(data)


@dataclass
class MemoryBroker:
    """What all transports of one world share: subscribers, servers and the stored streams."""

    streams: dict[str, list[Letter]] = field(default_factory=lambda: defaultdict(list))
    dead_letters: list[tuple[str, Letter, str]] = field(default_factory=list[tuple[str, Letter, str]])
    """Role, message and reason of everything rejected."""
    _seen: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    _subscribers: list[tuple[str, MemoryObjectSendStream[Letter]]] = field(
        default_factory=list[tuple[str, MemoryObjectSendStream[Letter]]]
    )
    _servers: list[tuple[str, MemoryObjectSendStream[Call]]] = field(
        default_factory=list[tuple[str, MemoryObjectSendStream[Call]]]
    )
    _served: anyio.Event = field(default_factory=anyio.Event)

    def store(self, subject: str, data: bytes, message_id: str) -> None:
        """Append to the family's stream and hand out, unless the family has that id already."""
        family = family_of(subject)
        if (family, message_id) in self._seen:
            return
        self._seen.add((family, message_id))
        letter = Letter(subject, data)
        self.streams[family].append(letter)
        self.hand_out(letter)

    def hand_out(self, letter: Letter) -> None:
        """Deliver to the live subscribers only."""
        for pattern, stream in list(self._subscribers):
            if matches(pattern, letter.subject):
                stream.send_nowait(letter)

    async def server_for(self, subject: str) -> MemoryObjectSendStream[Call]:
        """The stream of a server of that subject, waiting for one to appear."""
        while True:
            for pattern, stream in self._servers:
                if matches(pattern, subject):
                    return stream
            await self._served.wait()

    @asynccontextmanager
    async def subscribed(self, pattern: str) -> AsyncGenerator[MemoryObjectReceiveStream[Letter]]:
        """Register a subscriber for as long as the context lasts."""
        send, receive = anyio.create_memory_object_stream[Letter](_UNBOUNDED)
        entry = (pattern, send)
        self._subscribers.append(entry)
        try:
            with send, receive:
                yield receive
        finally:
            self._subscribers.remove(entry)

    @asynccontextmanager
    async def served(self, pattern: str) -> AsyncGenerator[MemoryObjectReceiveStream[Call]]:
        """Register a server for as long as the context lasts."""
        send, receive = anyio.create_memory_object_stream[Call](_UNBOUNDED)
        entry = (pattern, send)
        self._servers.append(entry)
        self._served.set()
        self._served = anyio.Event()
        try:
            with send, receive:
                yield receive
        finally:
            self._servers.remove(entry)


@dataclass
class MemoryTransport:
    """One role's connection to a `MemoryBroker`."""

    broker: MemoryBroker
    role: str

    async def publish(self, subject: str, data: bytes, *, message_id: str) -> None:
        self.broker.store(subject, data, message_id)

    async def flush(self) -> None:
        await checkpoint()

    @asynccontextmanager
    async def subscribe(self, pattern: str) -> AsyncGenerator[AsyncIterator[Letter]]:
        async with self.broker.subscribed(pattern) as receive:
            yield receive

    async def fetch(self, family: str, seq: int) -> Letter:
        letter = await self.look(family, seq)
        if letter is None:
            raise BusError(f"stream {family!r} holds {len(self.broker.streams[family])} messages; none at {seq}")
        return letter

    async def look(self, family: str, seq: int) -> Letter | None:
        if seq < 1:
            raise BusError(f"stream {family!r}: positions count from 1, asked for {seq}")
        stored = self.broker.streams[family]
        return stored[seq - 1] if seq <= len(stored) else None

    async def request(self, subject: str, data: bytes, *, deadline_s: float) -> bytes:
        with anyio.move_on_after(deadline_s):
            server = await self.broker.server_for(subject)
            send, receive = anyio.create_memory_object_stream[bytes](1)
            with send, receive:
                server.send_nowait(_MemoryCall(subject, data, send))
                return await receive.receive()
        raise BusError(f"no answer on {subject!r} within {deadline_s:g} s")

    @asynccontextmanager
    async def serve(self, pattern: str) -> AsyncGenerator[AsyncIterator[Call]]:
        async with self.broker.served(pattern) as receive:
            yield receive

    async def reject(self, letter: Letter, reason: str) -> None:
        self.broker.dead_letters.append((self.role, letter, reason))
        self.broker.hand_out(Letter(dead_letter_subject(self.role), letter.data))
