"""The in-memory twin of the NATS transport: same promises, one process, no broker."""

from collections import defaultdict, deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, Self, TypeVar

import anyio
from anyio.lowlevel import checkpoint

from bus.subjects import dead_letter_subject, family_of, matches
from bus.transport.protocol import BusError, Call, Letter

T = TypeVar("T")


class _Queue(Generic[T]):
    """What one reader has not read yet, without a bound.

    Cheaper than a stream of anyio's, which lets everybody else run between any two letters: here a reader goes on until
    there is nothing left.
    """

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        self._waiting: anyio.Event | None = None
        self._take: Callable[[T], bool] | None = None

    def put(self, item: T) -> None:
        """Add something, and wake the reader."""
        if self._take is not None and self._take(item):
            return
        self._items.append(item)
        if self._waiting is not None:
            self._waiting.set()

    def forward(self, take: Callable[[T], bool]) -> None:
        """Offer each later item to `take` first: a reader on the spot need not be woken."""
        self._take = take

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while not self._items:
            self._waiting = anyio.Event()
            await self._waiting.wait()
            self._waiting = None
        return self._items.popleft()


@dataclass
class _MemoryCall:
    subject: str
    data: bytes
    answered: anyio.Event = field(default_factory=anyio.Event)
    reply: bytes = b""

    async def answer(self, data: bytes) -> None:
        self.reply = data
        self.answered.set()


@dataclass
class MemoryBroker:
    """What all transports of one world share: subscribers, servers and the stored streams."""

    streams: dict[str, list[Letter]] = field(default_factory=lambda: defaultdict(list))
    dead_letters: list[tuple[str, Letter, str]] = field(default_factory=list[tuple[str, Letter, str]])
    """Role, message and reason of everything rejected."""
    _seen: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    _subscribers: list[tuple[str, _Queue[Letter]]] = field(default_factory=list[tuple[str, _Queue[Letter]]])
    _servers: list[tuple[str, _Queue[Call]]] = field(default_factory=list[tuple[str, _Queue[Call]]])
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
        for pattern, queue in self._subscribers:
            if matches(pattern, letter.subject):
                queue.put(letter)

    async def server_for(self, subject: str) -> _Queue[Call]:
        """The queue of a server of that subject, waiting for one to appear."""
        while True:
            for pattern, queue in self._servers:
                if matches(pattern, subject):
                    return queue
            await self._served.wait()

    @asynccontextmanager
    async def subscribed(self, pattern: str) -> AsyncGenerator[_Queue[Letter]]:
        """Register a subscriber for as long as the context lasts."""
        entry = (pattern, _Queue[Letter]())
        self._subscribers.append(entry)
        try:
            yield entry[1]
        finally:
            self._subscribers.remove(entry)

    @asynccontextmanager
    async def served(self, pattern: str) -> AsyncGenerator[_Queue[Call]]:
        """Register a server for as long as the context lasts."""
        entry = (pattern, _Queue[Call]())
        self._servers.append(entry)
        self._served.set()
        self._served = anyio.Event()
        try:
            yield entry[1]
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
            call = _MemoryCall(subject, data)
            server.put(call)
            await call.answered.wait()
            return call.reply
        raise BusError(f"no answer on {subject!r} within {deadline_s:g} s")

    @asynccontextmanager
    async def serve(self, pattern: str) -> AsyncGenerator[AsyncIterator[Call]]:
        async with self.broker.served(pattern) as receive:
            yield receive

    async def reject(self, letter: Letter, reason: str) -> None:
        self.broker.dead_letters.append((self.role, letter, reason))
        self.broker.hand_out(Letter(dead_letter_subject(self.role), letter.data))
