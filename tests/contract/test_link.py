"""A connection whose broker is away, or whose owner has gone: nothing of it goes on trying, or is heard of later."""

import asyncio
import gc
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint
from made_up_world import nats_bus
from nats.errors import NoRespondersError

from bus.transport.link import Link
from bus.transport.protocol import BusError

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def nothing() -> None:
    """No work is sent again here."""


async def test_a_reconnection_that_swallows_its_cancellation_ends_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with nats_bus(tmp_path) as bus:
        link, before = Link(bus.credentials("alpha"), nothing), asyncio.all_tasks()
        await link.open(10)
        trying = asyncio.Event()

        async def refused(_: Any) -> None:
            """As `asyncio.wait_for` of Python 3.11, if the refusal comes together with the cancellation."""
            trying.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise ConnectionRefusedError from None

        monkeypatch.setattr(link.client, "_connect_to_server", refused)
        bus.server.kill()
        await trying.wait()
        monkeypatch.setattr(link.client, "_connect_to_server", refuse)
        await link.close()
        with anyio.fail_after(30):
            while asyncio.all_tasks() - before:
                await checkpoint()


async def refuse(_: Any) -> None:
    """There is no broker any more."""
    raise ConnectionRefusedError


async def test_a_failure_that_swallows_the_cancellation_is_nobodys(tmp_path: Path) -> None:
    async with nats_bus(tmp_path) as bus:
        link, told = Link(bus.credentials("alpha"), nothing), list[dict[str, Any]]()
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))

        ended = asyncio.Event()

        async def work() -> None:
            """As a request in Python 3.11, if its answer comes together with the cancellation."""
            try:
                scope.cancel()
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                ended.set()
                raise NoRespondersError from None

        with anyio.CancelScope() as scope:
            await link.unless_broken(work())
        assert scope.cancelled_caught
        await ended.wait()
        await checkpoint()
        gc.collect()
        assert told == []


@pytest.mark.parametrize("steps", range(4))
async def test_closing_while_the_loss_of_the_broker_is_noticed_cancels_nobody(tmp_path: Path, steps: int) -> None:
    async with nats_bus(tmp_path) as bus:
        link, before = Link(bus.credentials("alpha"), nothing), asyncio.all_tasks()
        await link.open(10)
        bus.server.kill()
        while not link.client.is_reconnecting:
            await checkpoint()
        # In one of these nats-py's task that reconnects waits for the old socket's end, as closing does.
        for _ in range(steps):
            await checkpoint()
        await link.close()
        with pytest.raises(BusError):
            await link.subscribe("any.thing")
        with anyio.fail_after(30):
            while asyncio.all_tasks() - before:
                await checkpoint()
