"""Who holds a world: it is waited for once, not again for its last word; and it answers whoever asks whether it lives."""

import math
from typing import Any, cast

import anyio
import pytest
from anyio.streams.stapled import StapledObjectStream

from concern.client.holders import ASK, HERE, STOP, Holders

pytestmark = pytest.mark.anyio


async def test_where_nobody_came_back_nobody_is_waited_for_again() -> None:
    holders = Holders(orphan_s=0.0)
    await holders.unwanted()
    holders.orphan_s = math.inf
    with anyio.fail_after(30):
        await holders.read()


async def test_each_question_has_its_answer_and_other_words_have_none() -> None:
    holders = Holders(orphan_s=math.inf)
    said, hears = anyio.create_memory_object_stream[bytes](9)
    answers, heard = anyio.create_memory_object_stream[bytes](9)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(holders.serve, cast("Any", StapledObjectStream(answers, hears)))
        with anyio.fail_after(30):
            await said.send(ASK)
            assert await heard.receive() == HERE
            await said.send(ASK + ASK + STOP)
            assert await heard.receive() == HERE * 2
            await said.aclose()
            assert [more async for more in heard] == []
    assert (holders.stopping, holders.count) == (True, 0)
    heard.close()
