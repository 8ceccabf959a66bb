"""What the model's host says to the gateway, at its largest, over both transports."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import anyio
import pytest
from made_up_world import EPISODE, Bus, MemoryBus, nats_bus
from scripted_world import scripted_world_file

from agents.operator.model.composer import MOST_HISTORY
from agents.operator.service import model_operator
from bus.codec import RequestHead
from bus.context import Context, open_context
from bus.messages.base import Done
from bus.messages.gateway import Charge, HarnessAnswer, Outage, RunHarness
from bus.messages.reward import Usage
from bus.service import Service
from bus.world import World
from services.gateway.workspace import COMPOSED

pytestmark = pytest.mark.anyio


async def _nothing(ctx: Context, *, task_status: Any = None) -> None:
    """These roles are declared; the test speaks for them."""


GATEWAY = Service("gateway", _nothing, serves=(Charge, Outage, RunHarness), participant=False)
OPERATOR = model_operator(_nothing)


@pytest.fixture(params=["memory", "nats"])
async def bus(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Bus]:
    if request.param == "memory":
        yield MemoryBus()
        return
    async with nats_bus(tmp_path / "broker", (GATEWAY, OPERATOR)) as made:
        yield made


async def test_the_largest_words_of_both_sides_arrive(bus: Bus, tmp_path: Path) -> None:
    world = World(scripted_world_file().model_copy(update={"episode": EPISODE}), tmp_path)
    heard: list[Any] = []
    output = "x" * (COMPOSED - 2)

    async def on_harness(head: RequestHead, command: RunHarness) -> HarnessAnswer:
        heard.append(command)
        return HarnessAnswer(ref="r", output=output, tools=(), notices=("n" * 1_100,) * 8)

    async def on_other(head: RequestHead, command: Any) -> Done:
        heard.append(command)
        return Done()

    asked = (
        RunHarness(request={"task": "next"}, history_from=3, history=("h" * MOST_HISTORY,), reject="r", reject_why="w"),
        Charge(usage=Usage(prompt_tokens=5, completion_tokens=6), read_before=4, harness_ref="h"),
        Outage(state="down", reason="500"),
    )
    async with bus.connect("gateway") as one, bus.connect("operator") as two:
        async with (
            open_context(GATEWAY, world, one) as gateway,
            open_context(OPERATOR, world, two) as operator,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(gateway.serve, {RunHarness: on_harness, Charge: on_other, Outage: on_other})
            await anyio.wait_all_tasks_blocked()
            answers = [await operator.ask(command) for command in asked]
            tasks.cancel_scope.cancel()
    assert tuple(heard) == asked
    assert answers[0] == HarnessAnswer(ref="r", output=output, tools=(), notices=("n" * 1_100,) * 8)
    assert answers[1:] == [Done(), Done()]
