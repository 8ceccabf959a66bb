"""What a handle has of a world: the connections to it, its process or a pool's lease of it; and how that ends."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio

from bus.messages.base import Refused
from bus.messages.gateway import AwaitEnd
from concern.client.hold import Hold, WorldGone
from concern.client.order import POOL_SOCKET, Order
from concern.client.process import END_WITHIN_S, WorldProcess, remove, start_world


class Tenure:
    """One handle's world. Made by `found`, `attach` and `lease`; ended by `detach`, `close` or `abandon`."""

    def __init__(self, hold: Hold, process: WorldProcess | None, *, keep: bool) -> None:
        self.hold, self.process, self.keep = hold, process, keep
        self._lease: asyncio.StreamWriter | None = None
        self._closed = False

    @classmethod
    async def found(cls, order: Order, *, keep: bool, spare: bool) -> "Tenure":
        """Of a new world. `NotStarted` or `WorldGone` if there is none in the end; then nothing is left of it."""
        process = await start_world(order, spare=spare)
        tenure = cls(Hold(order.root), process, keep=keep)
        async with tenure.or_nothing():
            await tenure.hold.take()
        return tenure

    @classmethod
    async def attach(cls, root: Path, *, keep: bool) -> "Tenure":
        """Of a world that runs already. `WorldGone` if it does not run."""
        tenure = cls(Hold(root), None, keep=keep)
        await tenure.hold.take()
        return tenure

    @classmethod
    async def lease(cls, pool: Path) -> "Tenure":
        """Of the next world of a pool; waits while all are lent. `WorldGone` if there is no pool, or not any more."""
        try:
            told, lease = await asyncio.open_unix_connection(pool / POOL_SOCKET)
            line = await told.readline()
        except OSError as error:
            raise WorldGone(f"{pool} is no pool that runs: {error}") from error
        try:
            if not line:
                raise WorldGone(f"the pool in {pool} has ended")
            tenure = await cls.attach(Path(line.decode().rstrip("\n")), keep=True)
        except BaseException:  # the boundary to the pool: whoever is not taken on gives the lease back
            lease.close()
            raise
        tenure._lease = lease
        return tenure

    async def detach(self) -> None:
        """Let go of a world that goes on, unless it is leased: a pool ends what it has back."""
        self._closed = True
        await self.hold.leave()
        self.hold.forget()
        await self._give_back()

    async def close(self, *, over: bool) -> None:
        """End the world, void if it is not `over`, with all that belongs to it; harmless if that is done."""
        if self._closed:
            return
        self._closed = True
        if over:
            await self.hold.done()
        else:
            await self.hold.stop()
            await self._take_leave()
        await self.hold.leave()
        if self._lease is not None:
            await self._give_back()
        elif self.process is not None:
            await self.process.ended()
        else:
            await self.hold.ended()
        self.hold.forget()
        if self._lease is None and not self.keep:
            await remove(self.hold.root)

    @asynccontextmanager
    async def or_nothing(self) -> AsyncGenerator[None]:
        """What fails in here leaves nothing of a world of ours."""
        try:
            yield
        except BaseException:  # the boundary to a world of ours: none is left that nobody holds
            await self.abandon()
            raise

    async def abandon(self) -> None:
        """End a world of ours of which nothing came, and remove what is there of it."""
        self._closed = True
        self.kill()
        await self.hold.leave()
        self.hold.forget()
        if self.process is not None:
            await self.process.ended()
        await remove(self.hold.root)

    def kill(self) -> None:
        """End a world of ours at once, as a crash would."""
        if self.process is not None:
            self.process.kill()

    async def _give_back(self) -> None:
        if self._lease is not None:
            self._lease.close()
            await self._lease.wait_closed()

    async def _take_leave(self) -> None:
        """Hear the end, so that the gateway need not wait for us."""
        with suppress(WorldGone), anyio.move_on_after(END_WITHIN_S):
            while isinstance(answer := await self.hold.ask(AwaitEnd()), Refused) and answer.code == "not_yet":
                pass
