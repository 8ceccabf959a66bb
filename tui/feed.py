"""Where events come from: the live bus, or any other source such as a journal's replay."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from math import inf

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from bus.context import Context
from bus.messages import PUBLIC_FAMILIES
from bus.messages.base import Delivered
from bus.transport.protocol import BusError

Source = AsyncIterator[Delivered]
"""Events of one episode; each family's in the order of its positions, families mixed in any way."""


@asynccontextmanager
async def listening(ctx: Context) -> AsyncGenerator[Source]:
    """All public families of a live world as one source, from each stream's start.

    Nothing is lost and nothing waits for the screen: what was not yet read stays here. The source
    has no end of its own, leaving the context stops it; it raises `BusError` where the bus fails.
    """
    send, receive = anyio.create_memory_object_stream[Delivered | BusError](inf)
    async with anyio.create_task_group() as tasks:
        for family in PUBLIC_FAMILIES:
            tasks.start_soon(_pass_on, ctx, family, send.clone(), name=f"viewer hears {family}")
        send.close()
        with receive:
            yield _unwrapped(receive)
            tasks.cancel_scope.cancel()


async def _pass_on(ctx: Context, family: str, send: MemoryObjectSendStream[Delivered | BusError]) -> None:
    with send:
        try:
            async for delivered in ctx.hear(family):
                send.send_nowait(delivered)
        except anyio.BrokenResourceError:
            return  # what was on its way when the last reader left
        except BusError as error:
            # The screen must say so and stay, rather than be torn down with this task.
            send.send_nowait(error)


async def _unwrapped(receive: MemoryObjectReceiveStream[Delivered | BusError]) -> AsyncIterator[Delivered]:
    async for item in receive:
        if isinstance(item, BusError):
            raise item
        yield item
