"""The promises every transport keeps; `tests/contract/test_transport.py` holds both of ours to them."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol


class BusError(Exception):
    """The bus failed: lost connection for good, permission refused, stream stopped, or no answer in time."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as it arrived."""

    subject: str
    data: bytes


class Call(Protocol):
    """One request, to be answered exactly once."""

    @property
    def subject(self) -> str: ...
    @property
    def data(self) -> bytes: ...
    async def answer(self, data: bytes) -> None: ...


class Transport(Protocol):
    """A connection to the bus under one role.

    Publishing is durable: the broker keeps each family's events in one stream, in order. `family` is the first token
    of the subject, and a message's position in its stream equals its `seq`.
    """

    async def publish(self, subject: str, data: bytes, *, message_id: str) -> None:
        """Hand over one event. Stored for certain only after `flush`; equal ids are stored once."""
        ...

    async def flush(self) -> None:
        """Return when everything published so far is stored. `BusError` if any was refused or not stored."""
        ...

    def subscribe(self, pattern: str) -> AbstractAsyncContextManager[AsyncIterator[Letter]]:
        """Events whose subject matches, from now on; active when the context is entered. `*` and a final `>` as in NATS."""
        ...

    async def fetch(self, family: str, seq: int) -> Letter:
        """The event at a position of a family's stream, for filling a gap. `BusError` if it is not there."""
        ...

    async def look(self, family: str, seq: int) -> Letter | None:
        """The event at a position of a family's stream, or None if nothing was stored there yet."""
        ...

    async def request(self, subject: str, data: bytes, *, deadline_s: float) -> bytes:
        """Ask, and wait for the answer; waits for a server of the subject to appear, too.

        `deadline_s` is real (monotonic) seconds: a cap on a broken peer, never an outcome of the simulation. `BusError`
        when it passes.
        """
        ...

    def serve(self, pattern: str) -> AbstractAsyncContextManager[AsyncIterator[Call]]:
        """Requests whose subject matches; active when the context is entered."""
        ...

    async def reject(self, letter: Letter, reason: str) -> None:
        """Put a message that could not be read on the dead-letter subject `dead.<role>`, with the reason."""
        ...
