"""Who holds a world: it is waited for once, not again for its last word."""

import math

import anyio
import pytest

from concern.client.holders import Holders

pytestmark = pytest.mark.anyio


async def test_where_nobody_came_back_nobody_is_waited_for_again() -> None:
    holders = Holders(orphan_s=0.0)
    await holders.unwanted()
    holders.orphan_s = math.inf
    with anyio.fail_after(30):
        await holders.read()
