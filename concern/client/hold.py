"""A handle's hold on a world: its control connection, the operator's key, and the trainer's.

Everything that must be entered and left lives in one task of its own, so that a handle may be opened and closed from any.
"""

import asyncio
import os
import socket
import struct
from collections import deque
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import anyio
import orjson
from anyio.abc import SocketAttribute, SocketStream

from bus.context import open_context
from bus.credentials import Credentials
from bus.messages.base import Command, Part, Refused
from bus.transport.nats import NatsTransport
from bus.transport.protocol import BusError, Letter
from bus.world import World, load_world
from concern.cast import PLAYER
from concern.client.holders import ASK, DONE, STOP
from concern.client.order import SOCKET
from concern.client.process import END_WITHIN_S
from concern.supervisor import first_of

DEADLINE_S = 3000.0
"""Real seconds for one answer: below the hour for which the bus lets an answer through."""

T = TypeVar("T")
R = TypeVar("R", bound=Part)


class WorldGone(Exception):
    """The world's process has ended, or cannot be reached."""


class Hold:
    """Keeps one world from being given up, and speaks with it."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._gone = asyncio.Event()
        self._leaving = asyncio.Event()
        self._news = asyncio.Event()
        self._life: asyncio.Task[None] | None = None
        self._process = -1
        self._asked: deque[asyncio.Future[None]] = deque()
        """Who waits for the world's own answer, in the order of their questions."""

    async def take(self) -> None:
        """Connect. `WorldGone` if there is no such world, or not any more."""
        held: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._life = asyncio.create_task(self._live(held), name=f"holds {self.root.name}")
        try:
            await held
        except BaseException:  # the boundary to the world: nobody holds it who does not know that
            await self.leave()
            self.forget()
            raise

    async def ask(self, command: Command[R]) -> R | Refused:
        """Ask the gateway as the operator."""
        return await self._unless_gone(self._operator.ask(command, deadline_s=DEADLINE_S))

    async def look(self, position: int) -> Letter | None:
        """The message at a position of the reward's stream, if it was said."""
        return await self._unless_gone(self._trainer.look("reward", position))

    async def news(self) -> None:
        """Wait until something was said on the reward's stream since the last time."""
        await self._unless_gone(self._news.wait())
        self._news.clear()

    async def stop(self) -> None:
        """Tell the world to end."""
        await self._say(STOP)

    async def done(self) -> None:
        """Tell the world that its last word was read."""
        await self._say(DONE)

    async def leave(self) -> None:
        """Hang up; the world goes on."""
        self._leaving.set()
        if self._life is not None:
            await self._life

    async def ended(self) -> None:
        """Wait until the world's process is no more, after hanging up."""
        with anyio.move_on_after(END_WITHIN_S):
            await anyio.wait_readable(self._process)

    def forget(self) -> None:
        """Let go of what is left of a hold that was given up."""
        if self._process >= 0:
            os.close(self._process)
            self._process = -1

    async def answers(self) -> bool:
        """Ask the world's own process whether it lives; False if it has ended. Waits for a slow one.

        Neither the kernel, which ends a killed process when it comes to it, nor the broker, which dies after its world,
        can tell that.
        """
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        try:
            await self._say(ASK)
        except BaseException:  # the boundary to the world: what was not said has no answer
            self._asked.remove(answer)
            raise
        try:
            await self._unless_gone(answer)
        except WorldGone:
            return False
        return True

    async def lost(self) -> None:
        """Return when the world's process has ended."""
        await self._gone.wait()

    @property
    def world(self) -> World:
        return self._operator.world

    async def _live(self, held: asyncio.Future[None]) -> None:
        try:
            world, operator, trainer = _keys(self.root)
            async with (
                await anyio.connect_unix(self.root / SOCKET) as self._control,
                NatsTransport.connect(operator) as line,
                NatsTransport.connect(trainer) as self._trainer,
                open_context(PLAYER, world, line) as self._operator,
                self._trainer.subscribe(f"reward.{world.episode}.>") as letters,
            ):
                self._process = _peer(self._control)
                watching = [asyncio.create_task(self._watch()), asyncio.create_task(self._hear(letters))]
                if not held.done():  # else whoever wanted it has given up meanwhile
                    held.set_result(None)
                await self._leaving.wait()
                for task in watching:
                    task.cancel()
                await asyncio.gather(*watching, return_exceptions=True)
        except* (OSError, ValueError, BusError) as group:
            self._gone.set()
            if not held.done():
                held.set_exception(WorldGone(f"{self.root} is no running world: {first_of(group)}"))
        finally:
            held.cancel()  # where something else broke, nobody waits for ever

    async def _watch(self) -> None:
        """The control connection says one byte for each question; its end is the world's."""
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            async for said in self._control:
                for _ in said:
                    answer = self._asked.popleft()
                    if not answer.done():
                        answer.set_result(None)
        self._gone.set()
        self._leaving.set()

    async def _say(self, word: bytes) -> None:
        try:
            await self._control.send(word)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            self._gone.set()

    async def _hear(self, letters: Any) -> None:
        async for _ in letters:
            self._news.set()

    async def _unless_gone(self, work: Awaitable[T]) -> T:
        task, gone = asyncio.ensure_future(work), asyncio.ensure_future(self._gone.wait())
        try:
            await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
        except (BusError, ExceptionGroup) as error:
            if not isinstance(first_of(error), BusError):
                raise
            raise WorldGone(f"the world in {self.root} does not answer: {first_of(error)}") from error
        finally:
            for each in (task, gone):
                each.cancel()
        raise WorldGone(f"the world in {self.root} has ended")


def _peer(control: SocketStream) -> int:
    """A descriptor of the process at the other end, which becomes readable when that has ended."""
    raw = control.extra(SocketAttribute.raw_socket)  # noqa: S610 (no Django here)
    (pid,) = struct.unpack("i", raw.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("i")))
    return os.pidfd_open(pid)


def _keys(root: Path) -> tuple[World, Credentials, Credentials]:
    """The world's file, the operator's key and the trainer's."""
    fields = cast("dict[str, Any]", orjson.loads((root / "trainer.json").read_bytes()))
    fields.pop("episode")
    operator = Credentials.read(root / "credentials" / "operator.json")
    return load_world(root), operator, Credentials.model_validate(fields)
