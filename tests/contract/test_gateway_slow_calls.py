"""Slow calls: answered in bounded time with a job id, going on by themselves, and asked for later."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest
from scripted_world import ScriptedWorld, make_world, player

from bus.codec import RequestHead
from bus.context import Context
from bus.messages.base import Done, Refused
from bus.messages.cloud import Deploy, JobTicket, SecretNames, Secrets
from bus.messages.gateway import ActionEnded, AskTools, AwaitEnd, BeginTurn, CallTool, EndTurn, ToolAnswer, TurnEnded
from bus.simtime import HOUR, MINUTE, SimTime
from services.gateway.calls import MOST
from services.gateway.service import gateway_service

pytestmark = pytest.mark.anyio
CLOUD = player("cloud", serves=(Deploy, Secrets))
OPERATOR = player("operator", asks=(AskTools, AwaitEnd, BeginTurn, CallTool, EndTurn))


@dataclass
class Fixture:
    """An operator that does not wait for long, and a cloud that answers when it is let."""

    world: ScriptedWorld
    operator: Context
    go: anyio.Event = field(default_factory=anyio.Event)
    deploys: int = 0

    async def on_deploy(self, head: RequestHead, command: Deploy) -> JobTicket:
        self.deploys += 1
        await self.go.wait()
        return JobTicket(job="j_1", ready_at=SimTime(head.sim_time + 6 * MINUTE))

    async def on_secrets(self, head: RequestHead, command: Secrets) -> SecretNames:
        return SecretNames(names=tuple(command.keep))

    async def call(self, tool: str, patience_s: float | None = 0.01, **arguments: Any) -> ToolAnswer | Refused:
        return await self.operator.ask(CallTool(tool=tool, arguments=arguments, patience_s=patience_s))

    async def content(self, tool: str, patience_s: float | None = 0.01, **arguments: Any) -> dict[str, Any]:
        answer = await self.call(tool, patience_s, **arguments)
        assert isinstance(answer, ToolAnswer), answer
        return json.loads(answer.content)


@asynccontextmanager
async def fixture(folder: Path, **sections: dict[str, Any]) -> AsyncGenerator[Fixture]:
    (folder / "workspace").mkdir()
    world = make_world(folder, **sections)
    async with world.role(OPERATOR) as operator, world.role(CLOUD) as cloud, anyio.create_task_group() as tasks:
        made = Fixture(world, operator)
        tasks.start_soon(cloud.serve, {Deploy: made.on_deploy, Secrets: made.on_secrets})
        async with world.running(gateway_service(lambda: 0.0)):
            yield made
        tasks.cancel_scope.cancel()


async def test_a_slow_call_gives_a_job_and_its_answer_later(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it:
        await it.world.open("gateway", 0, 8, "operate")
        first = await it.content("deploy")
        assert first["running"] is True
        assert first["job"].startswith("c_")
        assert await it.content("job", job=first["job"]) == first
        it.go.set()
        answer = await it.call("job", 10, job=first["job"])
        assert isinstance(answer, ToolAnswer)
        assert json.loads(answer.content) == {"job": "j_1", "ready_at": 7 * MINUTE}
        assert (answer.ok, answer.sim_time) == (True, MINUTE)
        assert await it.call("job", 10, job=first["job"]) == answer
    assert it.deploys == 1
    actions = [event for event in it.world.said("gateway") if isinstance(event, ActionEnded)]
    assert [action.tool for action in actions] == ["deploy"], "asking for an answer is no act of its own"


async def test_without_a_limit_a_call_waits_to_its_end(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it, anyio.create_task_group() as tasks:
        await it.world.open("gateway", 0, 8, "operate")
        answers: list[dict[str, Any]] = []

        async def deploy() -> None:
            answers.append(await it.content("deploy", None))

        tasks.start_soon(deploy)
        with anyio.fail_after(10):
            while not it.deploys:
                await anyio.lowlevel.checkpoint()
        assert answers == []
        it.go.set()
    assert answers[0]["job"] == "j_1"


async def test_only_so_many_calls_at_once(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it:
        await it.world.open("gateway", 0, 8, "operate")
        jobs = [(await it.content("deploy"))["job"] for _ in range(MOST)]
        refused = await it.call("deploy")
        assert isinstance(refused, Refused)
        assert refused.code == "busy"
        assert all(job in refused.detail for job in jobs)
        it.go.set()
        for job in jobs:
            assert (await it.content("job", 10, job=job))["job"] == "j_1"
        assert (await it.content("deploy", 10))["job"] == "j_1"


async def test_a_call_that_outlasts_its_turn_is_of_the_turn_in_which_it_ends(tmp_path: Path) -> None:
    async with fixture(tmp_path, operator={"seconds_per_call": 2400}) as it:
        await it.world.open("gateway", 0, 8, "operate")
        slow = (await it.content("deploy"))["job"]
        past = (await it.content("secrets"))["job"]
        await it.world.closed()
        await it.world.open("gateway", 1, 8, "operate")
        begun = await it.operator.ask(BeginTurn())
        it.go.set()
        assert (await it.content("job", 10, job=slow))["job"] == "j_1"
        assert (await it.content("job", 10, job=past))["names"] == []
        assert not isinstance(begun, Refused)
        await it.operator.ask(EndTurn())
        await it.world.closed()
    first, second = [event for event in it.world.said("gateway") if isinstance(event, TurnEnded)]
    actions = [event for event in it.world.said("gateway") if isinstance(event, ActionEnded)]
    assert first.action_ids == ()
    assert second.action_ids == tuple(action.action_id for action in actions)
    assert {action.turn_id for action in actions} == {second.turn_id} == {begun.turn_id}


async def test_no_turn_is_ended_under_a_call(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it:
        await it.world.open("gateway", 0, 8, "operate")
        job = (await it.content("deploy"))["job"]
        refused = await it.call("wait", hours=1)
        assert isinstance(refused, Refused)
        assert (refused.code, job in refused.detail) == ("busy", True)
        assert it.world.stage_is_open
        it.go.set()
        await it.content("job", 10, job=job)
        await it.operator.ask(EndTurn())
        await it.world.closed()
    ended = [event for event in it.world.said("gateway") if isinstance(event, TurnEnded)]
    assert [len(turn.action_ids) for turn in ended] == [1]


async def test_before_the_hour_begins_nothing_is_done_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.gateway.door.OPENING_S", 0.01)
    async with fixture(tmp_path) as it:
        early = await it.call("wait")
        assert isinstance(early, Refused)
        assert early.code == "not_yet"
        job = (await it.content("deploy"))["job"]
        assert it.deploys == 0
        it.go.set()
        await it.world.open("gateway", 0, 8, "operate")
        assert (await it.content("job", 10, job=job))["job"] == "j_1"
        ongoing = await it.operator.ask(EndTurn())
        assert ongoing == Done()


async def test_a_call_past_the_hour_ends_the_turn_and_is_answered_in_the_next(tmp_path: Path) -> None:
    async with fixture(tmp_path, operator={"seconds_per_call": 2400}) as it:
        it.go.set()
        await it.world.open("gateway", 0, 8, "operate")
        assert (await it.content("deploy", 10))["job"] == "j_1"
        late = await it.content("deploy")
        assert late["running"] is True
        await it.world.closed()
        await it.world.open("gateway", 1, 8, "operate")
        answer = await it.call("job", 10, job=late["job"])
        assert isinstance(answer, ToolAnswer)
        assert answer.sim_time == 80 * MINUTE > HOUR
        woken = await it.call("wait", 0.01)
        await it.world.closed()
        assert isinstance(woken, ToolAnswer)
    ended = [event for event in it.world.said("gateway") if isinstance(event, TurnEnded)]
    assert [len(turn.action_ids) for turn in ended] == [1, 2]


async def test_what_woke_the_operator_is_told_even_if_it_asks_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.gateway.door.PATIENCE_S", 0.01)
    async with fixture(tmp_path) as it:
        await it.world.open("gateway", 0, 8, "operate")
        assert (await it.content("wait", hours=1))["waiting"] is True
        await it.world.closed()
        await it.world.open("gateway", 1, 8, "operate")
        begun = await it.operator.ask(BeginTurn())
        assert not isinstance(begun, Refused)
        told = await it.content("wait")
        assert (told["turn_id"], told["wake"]) == (begun.turn_id, ["time"])
        assert it.world.stage_is_open


async def test_the_end_is_told_to_whoever_waits_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with fixture(tmp_path) as it, anyio.create_task_group() as tasks:
        monkeypatch.setattr("services.gateway.door.PATIENCE_S", 0.01)
        still = await it.operator.ask(AwaitEnd())
        assert isinstance(still, Refused)
        assert still.code == "not_yet"
        monkeypatch.setattr("services.gateway.door.PATIENCE_S", 10)
        told: list[Any] = []

        async def wait() -> None:
            told.append(await it.operator.ask(AwaitEnd()))

        tasks.start_soon(wait)
        await it.world.open("gateway", 0, 8, "operate")
        assert (await it.content("secrets", 10, keep={"KEY": "v"}))["names"] == ["KEY"], "it holds up nobody"
        await it.world.end()
        with anyio.fail_after(10):
            while not told:
                await anyio.lowlevel.checkpoint()
    assert told == [Done()]


async def test_a_secret_is_not_written_down(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it:
        await it.world.open("gateway", 0, 8, "operate")
        await it.call("secrets", None, keep={"MAIL_KEY": "hush-hush"})
    (action,) = [event for event in it.world.said("gateway") if isinstance(event, ActionEnded)]
    assert action.tool == "secrets"
    assert "hush" not in action.model_dump_json()
