"""Who asks when the episode ends is told so, and waits for nobody."""

from pathlib import Path

import anyio
import pytest
from scripted_world import make_world, player

from bus.context import EpisodeOver
from bus.messages.desk import Inbox
from bus.service import Service
from bus.subjects import command_subject

pytestmark = pytest.mark.anyio

ASKER = player("gateway", asks=(Inbox,))
HEARER = Service(ASKER.name, ASKER.run, asks=(Inbox,), subscribes=("clock",), participant=False)


async def test_a_question_under_way_ends_with_the_episode(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    over = 0

    async def ask() -> None:
        nonlocal over
        with pytest.raises(EpisodeOver):
            await gateway.ask(Inbox())
        over += 1

    async with world.running(), world.role(HEARER) as gateway:
        with anyio.fail_after(10):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(ask)
                tasks.start_soon(ask)
                await anyio.wait_all_tasks_blocked()
                await world.end()
    assert over == 2


async def test_a_question_after_the_end_is_not_sent(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    async with world.running(), world.role(HEARER) as gateway:
        await world.end()
        await anyio.wait_all_tasks_blocked()
        async with world.transport("desk").serve(command_subject(world.world.episode, Inbox)) as calls:
            with pytest.raises(EpisodeOver):
                await gateway.ask(Inbox())
            with anyio.move_on_after(0):
                await anext(calls)
                pytest.fail("it was sent")


async def test_what_is_cancelled_from_outside_is_no_end_of_the_episode(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    async with world.running(), world.role(HEARER) as gateway:
        with anyio.move_on_after(0) as scope:
            await gateway.ask(Inbox())
        assert scope.cancelled_caught
