"""A connection that is closed while the broker is away: nothing of it goes on trying."""

import asyncio
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint
from made_up_world import nats_bus

from bus.transport.link import Link

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
