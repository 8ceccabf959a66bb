"""One family's events in order: without gaps, doubles or foreign messages, whatever the transport delivers."""

from collections.abc import AsyncIterator, Callable
from typing import Protocol, runtime_checkable

import anyio

from bus import codec
from bus.ids import EpisodeId
from bus.messages.base import Delivered, Event
from bus.messages.clock import Control
from bus.transport.protocol import BusError, Letter, Transport

REPAIR_AFTER_S = 2.0
"""Real seconds to wait for an event that is known to have been said before it is fetched from the stream."""


@runtime_checkable
class Forwarding(Protocol):
    """Letters of a transport within this process, which can be handed over where they are said."""

    def forward(self, take: Callable[[Letter], bool]) -> None:
        """Give `take` each letter from now on; those that it does not take are iterated as before."""
        ...


class Feed:
    """Collects one family and hands it out by position.

    Events come by live delivery; what is missing when somebody waits for it is fetched from the stream, which is also
    how a late subscriber gets what was said before it came.
    """

    def __init__(
        self, family: str, episode: EpisodeId, transport: Transport, on_arrival: Callable[[Event], None]
    ) -> None:
        self._family = family
        self._episode = episode
        self._transport = transport
        self._on_arrival = on_arrival
        self._held: dict[int, Delivered] = {}
        self._given = 0
        self._arrived = anyio.Event()
        self._matters: Callable[[Event], bool] | None = None
        """What whoever waits is woken for; None: for everything."""

    async def fill(self, letters: AsyncIterator[Letter]) -> None:
        """Take in what the transport delivers, for ever. Unreadable messages go to the dead-letter subject."""
        if isinstance(letters, Forwarding):
            letters.forward(self._take_readable)
        async for letter in letters:
            await self._take(letter)

    async def next(self, matters: Callable[[Event], bool] | None = None) -> Delivered:
        """The next event in order, waiting for it as long as it takes; with `matters`, the next one that does.

        A gap (something later has come) is filled from the stream.
        """
        while True:
            wanted = self._given + 1
            while wanted not in self._held:
                if self._held:  # live delivery is in order: what is not here by now will not come by itself
                    await self._fetch(wanted)
                else:
                    await self._wait(matters)
            self._given = wanted
            delivered = self._held.pop(wanted)
            if matters is None or matters(delivered.event):
                return delivered

    async def up_to(self, seq: int) -> list[Delivered]:
        """Everything not yet handed out, up to and including a position that is known to have been said."""
        taken: list[Delivered] = []
        while self._given < seq:
            wanted = self._given + 1
            if wanted not in self._held:
                await self._repair(wanted)
                continue
            self._given = wanted
            taken.append(self._held.pop(wanted))
        return taken

    async def _wait(self, matters: Callable[[Event], bool] | None = None) -> None:
        self._arrived, self._matters = anyio.Event(), matters
        await self._arrived.wait()

    async def _repair(self, wanted: int) -> None:
        with anyio.move_on_after(REPAIR_AFTER_S):
            while wanted not in self._held:
                await self._wait()
            return
        await self._fetch(wanted)

    async def _fetch(self, wanted: int) -> None:
        await self._take(await self._transport.fetch(self._family, wanted))
        if wanted not in self._held:
            raise BusError(f"position {wanted} of stream {self._family!r} holds no readable {self._family} event")

    async def _take(self, letter: Letter) -> None:
        try:
            self._hold(self._read(letter))
        except codec.MalformedMessage as error:
            await self._transport.reject(letter, str(error))

    def _take_readable(self, letter: Letter) -> bool:
        """Take in a letter at once; False if it cannot be read, and has to be rejected, or has to queue.

        The episode's state does: its end breaks off questions, and an answer that is on its way is to come first.
        """
        try:
            delivered = self._read(letter)
        except codec.MalformedMessage:
            return False
        if isinstance(delivered.event, Control):
            return False
        self._hold(delivered)
        return True

    def _read(self, letter: Letter) -> Delivered:
        delivered = codec.decode_event(letter.data)
        if delivered.envelope.episode != self._episode:
            raise codec.MalformedMessage(f"of episode {delivered.envelope.episode}")
        if delivered.event.family() != self._family:
            raise codec.MalformedMessage(f"{delivered.event.type_name()} among {self._family} events")
        return delivered

    def _hold(self, delivered: Delivered) -> None:
        if delivered.envelope.seq > self._given:
            self._held.setdefault(delivered.envelope.seq, delivered)
            self._on_arrival(delivered.event)
        if self._matters is None or self._matters(delivered.event):
            self._arrived.set()
