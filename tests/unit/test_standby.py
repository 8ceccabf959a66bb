"""Worlds made ahead, with worlds that are only made up: what is handed over, what is made when, and what goes wrong."""

import asyncio
from typing import Any

import anyio
import pytest
from made_up_standby import settle, snapshot, standby

from concern.client.episode import EpisodeEnded
from concern.client.process import NotStarted
from concern.client.reward import RewardBroken
from concern.client.standby import BUILDS, Standby
from services.world.loading import ScenarioError

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_what_was_made_ahead_is_handed_over_and_only_once() -> None:
    async with standby(keep=True) as (ahead, make):
        ahead.prepare([7, 8])
        await ahead.ready()
        assert [(world.need.seed, world.spare) for world in make.worlds] == [(7, True), (8, True)]
        assert await ahead.start(seed=8) is make.worlds[1]
        assert make.worlds[1].kept is True
        again = await ahead.start(seed=8)
        assert (again, again.spare) == (make.worlds[2], False)


async def test_only_exactly_what_is_asked_for_is_handed_over() -> None:
    async with standby() as (ahead, make):
        ahead.prepare([7])
        ahead.prepare([7], days=1)
        ahead.prepare(snapshot=snapshot(3), n=2)
        await ahead.ready()
        others = [await ahead.start(seed=1), await ahead.start(seed=7, days=5), await ahead.branch(snapshot(4))]
        assert [world.spare for world in others] == [False] * 3
        taken = [
            await ahead.start(seed=7, days=1),
            await ahead.start(seed=7, days=2),
        ]  # two days are the scenario's own
        taken += [await ahead.branch(snapshot(3)), await ahead.branch(snapshot(3))]
        assert taken == [make.worlds[1], make.worlds[0], make.worlds[2], make.worlds[3]]


async def test_whoever_wants_a_world_that_is_being_made_waits_for_it() -> None:
    async with standby(opened=False) as (ahead, make):
        ahead.prepare([7])
        waiting = asyncio.create_task(ahead.start(seed=7))
        impatient = asyncio.create_task(ahead.start(seed=7))
        await settle()
        assert make.begun == 2  # one for each: the second is no spare
        make.open.set()
        assert (await waiting).spare is True
        assert (await impatient).spare is False


async def test_a_world_that_somebody_waited_for_in_vain_is_for_the_next() -> None:
    async with standby(opened=False) as (ahead, make):
        ahead.prepare([7])
        waiting = asyncio.create_task(ahead.start(seed=7))
        await settle()
        waiting.cancel()
        await asyncio.wait([waiting])
        make.open.set()
        assert (await ahead.start(seed=7)).spare is True
        assert make.begun == 1


async def test_there_is_room_for_so_many_and_so_many_are_built_at_once() -> None:
    async with standby(most=3, opened=False) as (ahead, make):
        ahead.prepare([1, 2, 3, 4, 5])
        await settle()
        assert make.at_once == BUILDS
        make.open.set()
        await ahead.ready()
        await settle()
        assert [world.need.seed for world in make.worlds] == [1, 2, 3]
        assert (await ahead.start(seed=5)).spare is False
        await ahead.start(seed=2)
        await ahead.ready()
        assert [world.need.seed for world in make.worlds] == [1, 2, 3, 5, 4]


async def test_a_world_that_dies_while_it_stands_ready_is_replaced() -> None:
    async with standby() as (ahead, make):
        ahead.prepare([7])
        await ahead.ready()
        make.worlds[0].kill()
        await settle()
        assert (len(make.worlds), make.worlds[0].closed) == (2, True)
        assert await ahead.start(seed=7) is make.worlds[1]


async def test_a_world_that_has_just_died_is_not_handed_over() -> None:
    async with standby() as (ahead, make):
        ahead.prepare([7])
        await ahead.ready()
        make.worlds[0].kill()
        taken = await ahead.start(seed=7)
        assert not taken.dead.is_set()
        await settle()
        assert make.worlds[0].closed


async def test_a_world_whose_reward_is_not_genuine_is_ended_and_that_is_said() -> None:
    async with standby() as (ahead, make):
        ahead.prepare([7])
        await ahead.ready()
        make.worlds[0].broken = True
        with pytest.raises(RewardBroken):
            await ahead.start(seed=7)
    assert make.worlds[0].closed


async def test_what_goes_wrong_is_told_to_whoever_takes_it_and_tried_anew_after_that() -> None:
    async with standby(most=1) as (ahead, make):
        make.error = NotStarted("no sandbox here")
        ahead.prepare([7, 8])
        await ahead.ready()
        assert make.begun == 1
        with pytest.raises(NotStarted, match="no sandbox"):
            await ahead.start(seed=7)
        make.error = None
        assert (await ahead.start(seed=7)).spare is False


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({}, "either seeds or a snapshot"),
        ({"seeds": [1], "snapshot": snapshot(1)}, "either seeds or a snapshot"),
        ({"seeds": [1], "n": 0}, "0 worlds of each"),
        ({"snapshot": snapshot(1), "days": 2}, "leave days out"),
        ({"seeds": ["1"]}, "'1' is no seed"),
        ({"seeds": [1], "days": 0}, "days: "),
    ],
)
async def test_what_cannot_be_made_is_said_at_once(arguments: dict[str, Any], told: str) -> None:
    async with standby() as (ahead, make):
        with pytest.raises(ValueError, match=told):
            ahead.prepare(**arguments)
        assert make.begun == 0


async def test_a_scenario_that_is_none_and_no_room() -> None:
    with pytest.raises(ScenarioError, match="no scenario"):
        Standby("nowhere").prepare([1])
    with pytest.raises(ValueError, match="room for 0"):
        Standby(most=0)


async def test_the_end_ends_all_that_waits_and_tells_whoever_waits_for_it() -> None:
    async with standby(most=3) as (ahead, make):
        ahead.prepare([1, 2])
        await ahead.ready()
        make.open.clear()
        ahead.prepare([3])
        waiting = asyncio.create_task(ahead.start(seed=3))
        await settle()
        await ahead.close()
        assert all(world.closed for world in make.worlds)
        assert make.at_once == 0
        with pytest.raises(EpisodeEnded, match="were ended"):
            await waiting
        with pytest.raises(EpisodeEnded, match="closed"):
            ahead.prepare([4])
        await ahead.close()


async def test_a_business_ends_beside_the_next_but_only_one_at_a_time() -> None:
    async with standby() as (ahead, _):
        first, second = await ahead.start(seed=1), await ahead.start(seed=2)
        await ahead.retire(first)
        assert not first.closed
        later = asyncio.create_task(ahead.retire(second))
        await settle()
        assert not later.done()
        first.ending.set()
        with anyio.fail_after(10):
            await later
        assert (first.closed, second.closed) == (True, False)
        second.ending.set()
    assert second.closed
