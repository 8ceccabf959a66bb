"""The operator's harness through the gateway and in the real sandbox: edits, fallbacks, own tools, charges and outages."""

import json
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest
from scripted_world import ScriptedWorld, make_world

from agents.operator.service import model_operator
from bus.codec import RequestHead
from bus.context import Context
from bus.messages.base import Done, Refused
from bus.messages.clock import AskStatus, Regulate, Void, WorldStatus
from bus.messages.gateway import (
    ActionEnded,
    BeginTurn,
    CallTool,
    Charge,
    EndTurn,
    HarnessAnswer,
    Outage,
    RunHarness,
    ToolAnswer,
    TurnEnded,
)
from bus.messages.reward import Usage
from bus.simtime import HOUR
from bus.world import World
from concern.harness import place_harness
from services.gateway.service import gateway_service

pytestmark = pytest.mark.anyio
HARNESS = "/home/operator/harness"
BUDGET = {"context_tokens": 100_000, "reply_tokens": 8_000, "used_tokens": 100, "tokens_left": None}
NEXT = {"task": "next", "budget": BUDGET}


async def _nothing(ctx: Context, *, task_status: Any = None) -> None:
    """The test speaks for this role."""


OPERATOR = model_operator(_nothing)


@dataclass
class Fixture:
    """A scripted world with a gateway, whose operator has a harness."""

    world: ScriptedWorld
    operator: Context
    asked: list[Any] = field(default_factory=list[Any])
    held: bool = False
    history: tuple[str, ...] = ()

    async def bash(self, command: str) -> dict[str, Any]:
        answer = await self.operator.ask(CallTool(tool="bash", arguments={"command": command}))
        assert isinstance(answer, ToolAnswer), answer
        return json.loads(answer.content)

    async def commit(self, command: str) -> str:
        """Change the harness, commit, and return the commit."""
        done = await self.bash(f"cd {HARNESS} && {command}; git add -A; git commit -qm change; git rev-parse HEAD")
        return done["output"].split()[-1]

    async def run(self, reject: str | None = None, why: str = "", **request: Any) -> HarnessAnswer:
        command = RunHarness(
            request=NEXT | request, history_from=0, history=self.history, reject=reject, reject_why=why
        )
        answer = await self.operator.ask(command)
        assert isinstance(answer, HarnessAnswer), answer
        return answer

    async def begin(self) -> HarnessAnswer:
        """The first request of a world: the shipped harness answers."""
        answer = await self.run(task="begin", summary=None)
        self.history = tuple(map(json.dumps, json.loads(answer.output)["messages"]))
        return answer

    async def on_status(self, head: RequestHead, command: AskStatus) -> WorldStatus:
        return WorldStatus(
            state="paused" if self.held else "running", tick=0, of=2, outcome=None, failure_kind=None, reason=""
        )

    async def on_regulate(self, head: RequestHead, command: Regulate) -> WorldStatus:
        self.asked.append(command.action)
        self.held = command.action == "pause"
        return await self.on_status(head, AskStatus())

    async def on_void(self, head: RequestHead, command: Void) -> Done:
        self.asked.append((command.failure_kind, command.reason))
        return Done()


@asynccontextmanager
async def fixture(folder: Path, **sections: dict[str, Any]) -> AsyncGenerator[Fixture]:
    (folder / "workspace").mkdir()
    world = make_world(folder, **sections)
    world.world = World(world.world.file.model_copy(update={"model": "m"}), folder)
    harness = place_harness(world.world)
    git = ["git", "-c", "user.name=maker", "-c", "user.email=maker@localhost"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "As it comes"]):
        subprocess.run([*git, *words], cwd=harness, check=True)
    async with world.role(OPERATOR) as operator:
        made = Fixture(world, operator)
        world.also = {AskStatus: made.on_status, Regulate: made.on_regulate, Void: made.on_void}
        async with world.running(gateway_service(lambda: 0.0)):
            await world.open("gateway", 0, 8, "operate")
            yield made


async def test_the_shipped_harness_begins_a_conversation(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it:
        answer = await it.begin()
        messages = json.loads(answer.output)["messages"]
        assert [message["role"] for message in messages] == ["system", "user"]
        assert "Nothing noted yet" in messages[1]["content"]
        assert [tool.name for tool in answer.tools] == ["outline"]
        assert answer.notices == ()
        commit, digest = answer.ref.split(":")
        assert (len(commit), len(digest)) == (40, 16)
        await it.bash(f"echo 'Acme pays late.' > {HARNESS}/notes/customers.md")
        again = await it.begin()
        assert "Acme pays late." in again.output
        assert again.ref == answer.ref


async def test_an_edit_counts_from_the_next_request_on(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it:
        first = await it.begin()
        await it.bash(f"sed -i 's/^FULL, OVERFULL = .*/FULL, OVERFULL = 0.0, 0.95/' {HARNESS}/context.py")
        assert (await it.run()).output == "{}"
        commit = await it.commit("true")
        answer = await it.run()
        assert answer.ref.startswith(commit)
        assert answer.ref != first.ref
        assert "compact" in json.loads(answer.output)


async def test_an_own_tool_runs_in_the_repository_for_its_minute(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it:
        await it.begin()
        refused = await it.operator.ask(CallTool(tool="shout", arguments={"text": "hey"}))
        assert isinstance(refused, ToolAnswer)
        assert not refused.ok
        description = '{"description": "Shouts.", "parameters": {"type": "object"}}'
        script = "#!/bin/sh\\nread line; echo $line | tr a-z A-Z; pwd; echo made > made.txt"
        await it.commit(
            f"echo '{description}' > tools/shout.json; printf '{script}' > tools/shout; chmod +x tools/shout"
        )
        answer = await it.run()
        assert [tool.name for tool in answer.tools] == ["outline", "shout"]
        before = it.operator.now
        called = await it.operator.ask(CallTool(tool="shout", arguments={"text": "hey"}))
        assert isinstance(called, ToolAnswer)
        assert json.loads(called.content) == {
            "exit_code": 0,
            "output": '{"TEXT": "HEY"}\n/workspace\n',
            "timed_out": False,
            "cut": False,
        }
        assert called.sim_time > before
        assert (await it.bash("cat made.txt"))["output"] == "made\n"
        actions = [event.tool for event in it.world.said("gateway") if isinstance(event, ActionEnded)]
        assert actions[-2] == "shout"


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        ("echo 'raise SystemExit(3)' > context.py", "context.py ended with 3"),
        ("echo 'def' > context.py", "SyntaxError"),
        ("echo 'while True: pass' > context.py", "CPU time"),
        ("echo 'x = bytearray(1 << 30)' > context.py", "MemoryError"),
        ("rm context.py", "context.py ended with 2"),
        ("head -c 2000000 /dev/urandom > notes/big", "larger than 1048576 bytes"),
        ("echo 'print(\"x\" * 2_000_000)' > context.py", "answered more than 1572864 bytes"),
        ("echo '{}' > tools/lonely.json", "tools/lonely is missing or not executable"),
        ("echo '{' > tools/outline.json", "not JSON"),
        ('echo \'{"description": ""}\' > tools/outline.json', "tools.0.description"),
        ("git mv tools/outline tools/bash; git mv tools/outline.json tools/bash.json", "a tool of that name already"),
        ("for n in $(seq 20); do cp tools/outline t; mv t tools/o$n; echo '{}' > tools/o$n.json; done", "more than 16"),
    ],
)
async def test_a_broken_edit_falls_back_and_is_told_once(tmp_path: Path, edit: str, why: str) -> None:
    async with fixture(tmp_path) as it:
        first = await it.begin()
        commit = await it.commit(edit)
        answer = await it.run()
        assert answer.ref == first.ref
        (notice,) = answer.notices
        assert why in notice
        assert commit[:12] in notice
        assert (await it.run()).notices == ()
        mended = await it.commit("git revert --no-edit HEAD")
        assert (await it.run()).ref.startswith(mended)


async def test_what_the_host_cannot_use_is_fallen_back_from(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it:
        first = await it.begin()
        await it.commit("echo 'print(\"[]\")' > context.py")
        answer = await it.run()
        assert answer.output == "[]\n"
        after = await it.run(reject=answer.ref, why="no object")
        assert after.ref == first.ref
        assert "no object" in after.notices[0]
        stays = await it.run(reject=first.ref, why="not good either")
        assert stays.ref == first.ref


@pytest.mark.parametrize(
    "loss", ["rm -rf ~/harness", "rm -rf ~/harness/.git", "rm ~/harness/.git/HEAD", "chmod 0 ~/harness"]
)
async def test_a_lost_repository_takes_nothing_away(tmp_path: Path, loss: str) -> None:
    async with fixture(tmp_path) as it:
        first = await it.begin()
        await it.bash(loss)
        answer = await it.run()
        assert answer.ref == first.ref
        assert "is not used" in answer.notices[0]


async def test_the_history_is_sent_once(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it:
        await it.begin()
        await it.commit("echo 'import json, sys; print(len(json.load(sys.stdin)[\"history\"]))' > context.py")
        one = json.dumps({"role": "user", "content": "x"})
        sizes: list[Any] = []
        for start, more in ((0, (one,)), (1, (one, one)), (2, ()), (9, (one,))):
            answer = await it.operator.ask(RunHarness(request=NEXT, history_from=start, history=more))
            sizes.append(int(answer.output) if isinstance(answer, HarnessAnswer) else answer.code)
        assert sizes == [1, 3, 2, "resend"]


async def test_usage_is_kept_however_a_turn_ends(tmp_path: Path) -> None:
    """By the end of a turn, by `wait`, and by a call that runs past the hour."""
    async with fixture(tmp_path, operator={"seconds_per_call": 1200}) as it, anyio.create_task_group() as tasks:
        await it.operator.ask(BeginTurn())
        usage = Usage(prompt_tokens=1_000, completion_tokens=500)
        for read_before in (0, 1_000):
            charge = Charge(usage=usage, read_before=read_before, harness_ref="h_1")
            assert await it.operator.ask(charge) == Done()
        tasks.start_soon(it.operator.ask, CallTool(tool="wait", arguments={"hours": 0.5}))
        await it.world.closed()
        await it.world.open("gateway", 1, 8, "operate")
        await it.operator.ask(Charge(usage=usage, harness_ref="h_2"))
        for _ in range(4):
            tasks.start_soon(it.operator.ask, CallTool(tool="nonsense", arguments={}))
        await it.world.closed()
        await it.world.open("gateway", 2, 8, "operate")
        await it.operator.ask(BeginTurn())
        await it.operator.ask(EndTurn())
        await it.world.closed()
        tasks.cancel_scope.cancel()
    first, second, third = [event for event in it.world.said("gateway") if isinstance(event, TurnEnded)]
    assert first.usage == Usage(prompt_tokens=2_000, completion_tokens=1_000, cost=30_000)  # type: ignore[arg-type]
    assert (first.harness_ref, second.harness_ref, third.harness_ref) == ("h_1", "h_2", "h_2")
    assert first.sim_time1 - first.sim_time0 == 40_000
    assert second.usage.prompt_tokens == 1_000
    assert second.sim_time1 >= 2 * HOUR - 1200 * 1000
    assert third.usage == Usage()


@pytest.mark.parametrize("forged", [{"prompt_tokens": -1}, {"completion_tokens": 10**12}])
async def test_no_charge_is_negative_or_absurd(tmp_path: Path, forged: dict[str, int]) -> None:
    async with fixture(tmp_path) as it:
        answer = await it.operator.ask(Charge(usage=Usage.model_validate(forged)))
        assert isinstance(answer, Refused)
        assert answer.code == "bad_usage"
        more = await it.operator.ask(Charge(usage=Usage(prompt_tokens=5), read_before=6))
        assert isinstance(more, Refused)


async def test_an_outage_holds_the_clock_and_lets_it_go(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it:
        for state in ("down", "down", "up", "up"):
            assert await it.operator.ask(Outage(state=state, reason="500")) == Done()
        assert it.asked == ["pause", "resume"]
        it.held = True
        for state in ("down", "up"):
            await it.operator.ask(Outage(state=state, reason="500"))
        assert it.asked == ["pause", "resume"], "what somebody else has paused stays paused"
        await it.operator.ask(Outage(state="lost", reason="away for an hour"))
        assert it.asked[-1] == ("model_endpoint", "away for an hour")


async def test_a_world_without_a_model_has_no_harness(tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    world = make_world(tmp_path)
    async with world.running(gateway_service(lambda: 0.0)), world.role(OPERATOR) as operator:
        answer = await operator.ask(RunHarness(request=NEXT, history_from=0, history=()))
    assert isinstance(answer, Refused)
    assert answer.code == "no_harness"
