"""The gateway on a bus: turns, calls and waits of an operator in a scripted world."""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest
from scripted_world import ScriptedWorld, make_world, player

from agents.operator.service import operator_service
from bus.codec import RequestHead
from bus.context import Context
from bus.messages.base import Done, Refused
from bus.messages.billing import Refund, Refunded
from bus.messages.cloud import AlertRaised, AskInstances, Deploy, FailedLogins, InstanceList, JobTicket, TopRefused
from bus.messages.desk import Inbox, InboxPage, TicketOpened
from bus.messages.gateway import (
    ActionEnded,
    AskTools,
    BeginTurn,
    CallTool,
    EndTurn,
    ToolAnswer,
    ToolList,
    Turn,
    TurnEnded,
)
from bus.messages.reward import Usage
from bus.money import Micros
from bus.simtime import HOUR, MINUTE, SimTime
from services.gateway.service import gateway_service

pytestmark = pytest.mark.anyio

CLOUD = player("cloud", publishes=(AlertRaised,), serves=(Deploy,))
DESK = player("desk", publishes=(TicketOpened,))
BILLING = player("billing", serves=(Refund,))
OPERATOR = player("operator", asks=(AskTools, BeginTurn, CallTool, EndTurn))
ALERT = AlertRaised(alert="al_1", kind="errors", detail="5xx")


@dataclass
class Fixture:
    """A world with a gateway, an operator to play, and a cloud and a billing that note what they are asked."""

    world: ScriptedWorld
    operator: Context
    cloud: Context
    asked: list[tuple[SimTime, Any]] = field(default_factory=list[tuple[SimTime, Any]])
    refuse: bool = False

    async def on_deploy(self, head: RequestHead, command: Deploy) -> JobTicket | Refused:
        self.asked.append((head.sim_time, command))
        if self.refuse:
            return Refused(code="busy", detail="another deploy is under way")
        return JobTicket(job="j_1", ready_at=SimTime(head.sim_time + 6 * MINUTE))

    async def on_refund(self, head: RequestHead, command: Refund) -> Refunded:
        self.asked.append((head.sim_time, command))
        return Refunded(invoice=command.invoice, refunded=command.amount, remaining=Micros(0))

    async def operate(self, tick: int) -> None:
        await self.world.open("gateway", tick, 8, "operate")

    async def turn(self) -> Turn:
        turn = await self.operator.ask(BeginTurn())
        assert isinstance(turn, Turn)
        return turn

    async def call(self, tool: str, **arguments: Any) -> ToolAnswer:
        answer = await self.operator.ask(CallTool(tool=tool, arguments=arguments))
        assert isinstance(answer, ToolAnswer), answer
        return answer


@asynccontextmanager
async def fixture(folder: Path, **sections: dict[str, Any]) -> AsyncGenerator[Fixture]:
    (folder / "workspace").mkdir()
    world = make_world(folder, **sections)
    seconds = iter(range(1000))
    gateway = gateway_service(lambda: float(next(seconds)))
    async with (
        world.role(OPERATOR) as operator,
        world.role(CLOUD) as cloud,
        world.role(BILLING) as billing,
        anyio.create_task_group() as tasks,
    ):
        made = Fixture(world, operator, cloud)
        tasks.start_soon(cloud.serve, {Deploy: made.on_deploy})
        tasks.start_soon(billing.serve, {Refund: made.on_refund})
        async with world.running(gateway):
            yield made
        tasks.cancel_scope.cancel()


async def settled(condition: Callable[[], bool]) -> None:
    """Let the other tasks run until something holds."""
    with anyio.fail_after(10):
        while not condition():
            await anyio.lowlevel.checkpoint()


async def test_a_turn_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it:
        await it.operate(0)
        turn = await it.turn()
        assert (turn.tick, turn.wake, turn.seconds_left) == (0, ("tick",), 3600)
        assert await it.turn() == turn
        answer = await it.call("deploy", ref="main")
        assert (answer.ok, answer.turn_id, answer.sim_time) == (True, turn.turn_id, MINUTE)
        assert json.loads(answer.content) == {"job": "j_1", "ready_at": 7 * MINUTE}
        assert it.asked == [(MINUTE, Deploy(ref="main"))]
        assert it.world.stage_is_open
        usage = Usage(prompt_tokens=1500, completion_tokens=500)
        assert await it.operator.ask(EndTurn(usage=usage, harness_ref="h_1")) == Done()
        await it.world.closed()
    action, ended = it.world.said("gateway")
    assert isinstance(action, ActionEnded)
    assert isinstance(ended, TurnEnded)
    assert (action.tool, action.summary, action.ok) == ("deploy", 'ref="main"', True)
    assert (action.sim_time0, action.sim_time1) == (0, MINUTE)
    assert ended.action_ids == (answer.action_id,)
    assert (ended.sim_time0, ended.sim_time1) == (0, MINUTE + 40_000)
    assert ended.wall0 < ended.wall1
    assert ended.usage == usage.model_copy(update={"cost": 20_000})
    assert ended.harness_ref == "h_1"


async def test_the_61st_call_is_answered_in_the_next_turn(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it, anyio.create_task_group() as tasks:
        await it.operate(0)
        first = [await it.call("deploy") for _ in range(60)]
        assert it.world.stage_is_open
        late: list[ToolAnswer] = []

        async def one_more() -> None:
            late.append(await it.call("deploy"))

        tasks.start_soon(one_more)
        await it.world.closed()
        assert late == []
        assert len(it.asked) == 60
        await it.operate(1)
        await settled(lambda: bool(late))
        assert late[0].turn_id != first[0].turn_id
        assert (late[0].sim_time, late[0].seconds_left) == (HOUR + MINUTE, 59 * 60)
        assert it.asked[60][0] == HOUR + MINUTE
        await it.operator.ask(EndTurn())
        await it.world.closed()
    ended = [event for event in it.world.said("gateway") if isinstance(event, TurnEnded)]
    assert [len(turn.action_ids) for turn in ended] == [60, 1]
    assert (ended[0].sim_time1, ended[1].sim_time0) == (HOUR, HOUR + MINUTE)


async def test_ids_follow_from_what_was_done(tmp_path: Path) -> None:
    seen: list[list[str]] = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        async with fixture(folder) as it:
            await it.operate(0)
            seen.append([(await it.turn()).turn_id or "", (await it.call("deploy")).action_id])
    assert seen[0] == seen[1]
    assert seen[0][1].startswith("a_")


async def test_wrong_calls_cost_time_and_say_what_is_right(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it:
        await it.operate(0)
        unknown = await it.call("launch", ref="HEAD")
        wrong = await it.call("deploy", reff="HEAD")
        it.refuse = True
        refused = await it.call("deploy")
    assert [unknown.ok, wrong.ok, refused.ok] == [False, False, False]
    assert refused.sim_time == 3 * MINUTE
    assert "deploy" in json.loads(unknown.content)["detail"]
    assert json.loads(wrong.content)["code"] == "bad_arguments"
    assert json.loads(refused.content) == {"code": "busy", "detail": "another deploy is under way"}
    actions = [event for event in it.world.said("gateway") if isinstance(event, ActionEnded)]
    assert [action.ok for action in actions] == [False, False, False]


async def test_the_action_goes_along_with_a_refund(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it:
        await it.operate(0)
        answer = await it.call("refund", invoice="i_1", amount=5_000_000, reason="charged twice")
    (_, command), *_ = it.asked
    assert (command.action, command.amount) == (answer.action_id, 5_000_000)


async def test_waiting_for_an_alert(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it, it.world.role(DESK) as desk:
        await it.operate(0)
        await it.turn()
        assert await it.operator.ask(EndTurn(wake_on=("alert",))) == Done()
        await it.world.closed()
        opened = TicketOpened(
            ticket="t_1", customer="c", customer_name="C", topic="billing", subject="s", body="b", at=SimTime(0)
        )
        await desk.say(opened)
        await it.world.stage("gateway", 1, 8, "operate")
        await it.cloud.say(ALERT)
        await it.operate(2)
        turn = await it.turn()
        assert (turn.tick, turn.wake) == (2, ("alert", "inbox"))
        assert [alert.kind for alert in turn.alerts] == ["errors"]
        assert turn.news == ("ticket t_1 opened (billing)", "alert errors: 5xx")


async def test_waiting_until_a_time_by_tool(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it, anyio.create_task_group() as tasks:
        await it.operate(0)
        woken: list[ToolAnswer] = []

        async def wait() -> None:
            woken.append(await it.call("wait", hours=2.5))

        tasks.start_soon(wait)
        await it.world.closed()
        await it.world.stage("gateway", 1, 8, "operate")
        assert woken == []
        await it.operate(2)
        await settled(lambda: bool(woken))
        turn = Turn.model_validate_json(woken[0].content)
        assert (turn.wake, turn.sim_time, turn.seconds_left) == (("time",), 2.5 * HOUR, 1800)
        assert woken[0].turn_id == turn.turn_id
        bad = await it.call("wait", hours=-1)
        assert not bad.ok
        assert bad.sim_time == turn.sim_time
        assert it.world.stage_is_open


async def test_a_long_wait_answers_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.gateway.door.PATIENCE_S", 0.01)
    async with fixture(tmp_path) as it:
        await it.operate(0)
        first = await it.call("wait", wake_on=["alert"])
        assert json.loads(first.content)["waiting"] is True
        again = await it.call("wait")
        assert (again.action_id, again.turn_id) == (first.action_id, None)
        refused = await it.operator.ask(BeginTurn())
        assert isinstance(refused, Refused)
        assert refused.code == "not_yet"
        await it.world.stage("gateway", 1, 8, "operate")
        await it.cloud.say(ALERT)
        await it.operate(2)
        last = await it.call("wait")
        assert last.action_id == first.action_id
        assert json.loads(last.content)["wake"] == ["alert"]
        await it.operator.ask(EndTurn())
        await it.world.closed()
    assert [event.tool for event in it.world.said("gateway") if isinstance(event, ActionEnded)] == ["wait"]


async def test_what_cannot_be_ended(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it:
        early = await it.operator.ask(EndTurn())
        await it.operate(0)
        await it.turn()
        forged = await it.operator.ask(EndTurn(usage=Usage(prompt_tokens=-(10**6))))
        huge = await it.operator.ask(EndTurn(usage=Usage(completion_tokens=10**12)))
        assert it.world.stage_is_open
    codes = [answer.code for answer in (early, forged, huge) if isinstance(answer, Refused)]
    assert codes == ["no_turn", "bad_usage", "bad_usage"]


async def test_the_end_between_turns(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it, anyio.create_task_group() as tasks:
        await it.operate(0)
        await it.turn()
        await it.operator.ask(EndTurn())
        await it.world.closed()
        answers: list[Turn] = []

        async def begin() -> None:
            answers.append(await it.turn())

        tasks.start_soon(begin)
        await it.world.end()
        await settled(lambda: bool(answers))
        assert answers[0].turn_id is None


async def test_the_end_within_a_turn(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it:
        await it.operate(0)
        await it.turn()
        await it.world.end("voided")
        with anyio.fail_after(10):
            answer: Any = None
            while not isinstance(answer, Refused):
                answer = await it.operator.ask(CallTool(tool="nonsense", arguments={}))
        assert answer.code == "episode_over"


async def test_the_end_while_a_call_is_held_back(tmp_path: Path) -> None:
    async with (
        fixture(tmp_path, operator={"seconds_per_call": 3601}) as it,
        anyio.create_task_group() as tasks,
    ):
        await it.operate(0)
        answers: list[Any] = []

        async def call() -> None:
            answers.append(await it.operator.ask(CallTool(tool="deploy", arguments={})))

        tasks.start_soon(call)
        await it.world.closed()
        await it.world.end()
        await settled(lambda: bool(answers))
        assert isinstance(answers[0], Refused)
        assert answers[0].code == "episode_over"
    assert it.asked == []


async def test_live_worlds_do_not_wait_for_the_operator(tmp_path: Path) -> None:
    async with fixture(tmp_path, clock={"mode": "live"}) as it:
        await it.world.stage("gateway", 0, 8, "operate")
        turn = await it.turn()
        assert turn.tick == 0
        await it.world.stage("gateway", 1, 8, "operate")
        assert await it.turn() == turn.model_copy(update={"sim_time": HOUR, "seconds_left": 3600})
        answer = await it.call("deploy")
        assert (answer.ok, answer.sim_time) == (True, HOUR)
        await it.operator.ask(EndTurn())
        await it.world.stage("gateway", 2, 8, "operate")
        assert (await it.turn()).tick == 2


async def test_nothing_hidden_is_told(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it:
        tools = await it.operator.ask(AskTools())
        assert isinstance(tools, ToolList)
        await it.operate(0)
        answers = [await it.call("bash", command="cat /proc/*/environ; env; ls -R /workspace /home; git log 2>&1")]
        answers += [await it.call("search", pattern="secret_defect", path="/")]
        text = tools.model_dump_json() + "".join(answer.content for answer in answers)
        assert "secret_defect" not in text
        assert str(tmp_path) not in text


@pytest.mark.parametrize("policy", ["noop", "reactive"])
async def test_a_scripted_operator_works_through_the_gateway(tmp_path: Path, policy: str) -> None:
    """Over the real gateway, with a desk and a cloud that the test plays; the tools that nobody serves are not used."""
    (tmp_path / "workspace").mkdir()
    world = make_world(tmp_path)
    asked: list[str] = []

    async def on_instances(head: RequestHead, command: AskInstances) -> InstanceList:
        return InstanceList(instances=(), release="r_1", commit="c", previous=None, utilisation=0.1)

    async def on_refused(head: RequestHead, command: TopRefused) -> FailedLogins:
        return FailedLogins(address=(), refused=(), answered=())

    async def on_inbox(head: RequestHead, command: Inbox) -> InboxPage:
        asked.append(f"inbox {command.cursor}")
        return InboxPage(tickets=(), next_cursor=0, open=0)

    cloud = player("cloud", serves=(AskInstances, TopRefused))
    desk = player("desk", serves=(Inbox,))
    operator = operator_service(policy)
    async with world.role(cloud) as at_cloud, world.role(desk) as at_desk, anyio.create_task_group() as tasks:
        tasks.start_soon(at_cloud.serve, {AskInstances: on_instances, TopRefused: on_refused})
        tasks.start_soon(at_desk.serve, {Inbox: on_inbox})
        async with world.running(gateway_service(lambda: 0.0)), world.role(operator) as at_gateway:
            async with anyio.create_task_group() as operating:
                operating.start_soon(operator.run, at_gateway)
                for tick in range(3):
                    await world.stage("gateway", tick, 8, "operate")
                await world.end()
        tasks.cancel_scope.cancel()
    ended = [event for event in world.said("gateway") if isinstance(event, TurnEnded)]
    calls = [len(turn.action_ids) for turn in ended]
    assert calls == ([3, 3, 3] if policy == "reactive" else [0])
    assert asked == (["inbox 0"] * 3 if policy == "reactive" else [])
