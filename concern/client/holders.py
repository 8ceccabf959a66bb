"""Who holds a world: each handle keeps one connection to its control socket, and the world ends when nobody does."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import anyio
from anyio.abc import ByteStream

STOP = b"stop\n"
"""What a handle says that wants the world to end."""
DONE = b"done\n"
"""What a handle says that has read the last word."""
ASK = b"there?\n"
"""What a handle says that wants to know whether the world lives."""
HERE = b"!"
"""What the world answers to each of these, and all that it ever says."""


@dataclass
class Holders:
    """The handles of one world. A lost connection frees its handle's hold, however that came."""

    orphan_s: float
    """Real seconds without any handle after which nobody is expected to come back."""
    count: int = 0
    stopping: bool = False
    """Whether a handle wants the world to end, or none came back for too long."""
    done: bool = False
    """Whether a handle has read the last word."""
    _changed: anyio.Event = field(default_factory=anyio.Event)

    async def unwanted(self) -> None:
        """Return when a handle says stop, or when there was none for too long."""
        await self._until(lambda: False)

    async def read(self) -> None:
        """Return when the last word was read and no handle is left, or when the world is unwanted."""
        await self._until(lambda: self.done and self.count == 0)

    async def serve(self, stream: ByteStream) -> None:
        """One handle, until it hangs up."""
        self._count(1)
        try:
            with suppress(anyio.BrokenResourceError):  # it hung up without a word
                async with stream:
                    async for said in stream:
                        self.stopping = self.stopping or STOP in said
                        self.done = self.done or DONE in said
                        self._count(0)
                        if asked := said.count(ASK):
                            await stream.send(HERE * asked)
        finally:
            self._count(-1)

    async def _until(self, reached: Callable[[], bool]) -> None:
        while not self.stopping and not reached():
            changed = self._changed
            with anyio.move_on_after(None if self.count else self.orphan_s) as patience:
                await changed.wait()
            if patience.cancelled_caught:
                self.stopping = True  # whoever waits next, for its last word to be read, waits for nobody

    def _count(self, difference: int) -> None:
        self.count += difference
        self._changed.set()
        self._changed = anyio.Event()
