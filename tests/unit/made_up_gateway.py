"""A gateway made up in memory for the model's loop: turns hour by hour, tools that echo, a harness that is a function."""

import importlib.util
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from agents.operator.model.endpoint import Model, Reply, read_answer
from agents.operator.model.loop import Host, Loop, make_loop
from agents.operator.tools import Tools
from bus.context import EpisodeOver
from bus.ids import EpisodeId
from bus.messages.base import Done, Part, Refused
from bus.messages.gateway import (
    AskTools,
    BeginTurn,
    CallTool,
    Charge,
    EndTurn,
    HarnessAnswer,
    Outage,
    RunHarness,
    ToolAnswer,
    ToolList,
    ToolSpec,
    Turn,
)
from bus.simtime import HOUR, SimTime
from bus.world import World, WorldFile
from concern.harness import SHIPPED
from services.world.loading import load_scenario

SPEC = ToolSpec(name="echo", description="Says it again.", parameters={"type": "object", "properties": {}})
Compose = Callable[[dict[str, Any]], Any]


def shipped() -> Compose:
    """`answer` of the harness that worlds begin with."""
    spec = importlib.util.spec_from_file_location("shipped_context", SHIPPED / "context.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.answer


def made_up_world(folder: Path, **operator: Any) -> World:
    scenario = load_scenario("short", overrides={"operator": operator})
    file = WorldFile(
        episode=EpisodeId("e_madeupworldx"),
        seed=1,
        scenario=scenario,
        operator="llm",
        model="m",
        isolation="none",
        planted=(),
    )
    return World(file, folder)


@dataclass
class MadeUpGateway:
    """Stands where the operator's context would be."""

    world: World
    compose: list[Compose] = field(default_factory=lambda: [shipped()])
    """Harnesses, the newest last; a rejected one is gone."""
    hours: int = 10**9
    answer: Callable[[CallTool], str] = lambda call: json.dumps(call.arguments)
    hour: int = 0
    open: bool = True
    history: list[Any] = field(default_factory=list[Any])
    calls: list[CallTool] = field(default_factory=list[CallTool])
    charges: list[Charge] = field(default_factory=list[Charge])
    rejected: list[str] = field(default_factory=list[str])
    outages: list[str] = field(default_factory=list[str])
    ended: list[EndTurn] = field(default_factory=list[EndTurn])
    own: tuple[ToolSpec, ...] = ()

    log = structlog.get_logger()

    async def ask(self, command: Any, *, deadline_s: float = 0) -> Part:
        """As the gateway would."""
        if self.hour >= self.hours:
            raise EpisodeOver("over")
        return getattr(self, f"on_{command.type_name().split('.')[1].split('/')[0]}")(command)

    def on_tools(self, _: AskTools) -> ToolList:
        return ToolList(tools=(SPEC,))

    def on_begin_turn(self, _: BeginTurn) -> Turn:
        return Turn(
            turn_id=f"turn_{self.hour}",
            tick=self.hour,
            sim_time=SimTime(self.hour * HOUR),
            wake=("tick",),
            seconds_left=3600,
        )

    def on_end_turn(self, command: EndTurn) -> Done:
        self.ended.append(command)
        self.hour += 1
        return Done()

    def on_call(self, command: CallTool) -> ToolAnswer:
        self.calls.append(command)
        return ToolAnswer(
            action_id="a",
            turn_id=f"turn_{self.hour}",
            ok=True,
            content=self.answer(command),
            sim_time=SimTime(self.hour * HOUR),
            seconds_left=60,
        )

    def on_charge(self, command: Charge) -> Done:
        self.charges.append(command)
        return Done()

    def on_outage(self, command: Outage) -> Done:
        self.outages.append(command.state)
        if command.state == "lost":
            self.hours = 0
        return Done()

    def on_harness(self, command: RunHarness) -> HarnessAnswer | Refused:
        if command.history_from > len(self.history):
            return Refused(code="resend", detail="")
        self.history[command.history_from :] = map(json.loads, command.history)
        notices: tuple[str, ...] = ()
        if command.reject is not None and command.reject == f"h_{len(self.compose)}":
            self.rejected.append(command.reject_why)
            notices = (command.reject_why,)
            if len(self.compose) > 1:
                self.compose.pop()
        request = command.request | {"history": [*self.history], "home": "/nowhere"}
        output = self.compose[-1](request)
        text = output if isinstance(output, str) else json.dumps(output)
        return HarnessAnswer(ref=f"h_{len(self.compose)}", output=text, tools=self.own, notices=notices)


def completion(message: dict[str, Any], prompt: int = 100, answer: int = 10) -> bytes:
    usage = {"prompt_tokens": prompt, "completion_tokens": answer}
    return json.dumps({"choices": [{"message": message}], "usage": usage}).encode()


@dataclass
class MadeUpModel:
    """Stands where a model at its endpoint would be; says what a list holds, then ends every hour."""

    say: list[dict[str, Any] | Exception] = field(default_factory=list[dict[str, Any] | Exception])
    asked: list[tuple[list[dict[str, Any]], list[dict[str, Any]], str, int]] = field(default_factory=list)

    async def complete(self, messages: Any, tools: Any, choice: str, most: int) -> Reply:
        self.asked.append(([*messages], [*tools], choice, most))
        said = self.say.pop(0) if self.say else {"content": "done"}
        if isinstance(said, Exception):
            raise said
        return read_answer(completion(said), [])


async def operating(gateway: MadeUpGateway, model: Any) -> Loop:
    """Let a loop operate until the made-up episode is over, or its budget."""
    context: Any = gateway
    seconds = iter(range(10**6))

    async def pause(_: float) -> None:
        """Real time passes at once."""

    made: Model = model
    loop = await make_loop(context, Tools(context), made, Host(pause, lambda: float(next(seconds))))
    with suppress(EpisodeOver):
        await loop.operate()
    return loop
