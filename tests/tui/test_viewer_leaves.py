"""A viewer's source: what is on its way when the viewer leaves hurts nobody."""

from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from tui.feed import listening

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Late:
    """A context in which every family has one event, which comes when it is let go."""

    def __init__(self) -> None:
        self.go = anyio.Event()

    async def hear(self, family: str) -> AsyncIterator[Any]:
        await self.go.wait()
        yield family


async def test_what_was_on_its_way_when_the_viewer_left_is_dropped() -> None:
    late: Any = Late()
    async with listening(late):
        await anyio.wait_all_tasks_blocked()
        late.go.set()  # everybody who waits is about to pass something on


async def test_what_came_before_is_there_in_any_order_of_families() -> None:
    late: Any = Late()
    async with listening(late) as source:
        late.go.set()
        found = {await anext(source) for _ in range(2)}
    assert len(found) == 2
