"""The commands that the operator's loop, MCP and the episode client send: tools, turns and calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
import orjson

from bus.codec import RequestHead
from bus.context import EpisodeOver
from bus.ids import derive_id
from bus.messages.base import Done, Part, Refused
from bus.messages.gateway import (
    ActionEnded,
    AskTools,
    AwaitEnd,
    BeginTurn,
    CallTool,
    Charge,
    EndTurn,
    HarnessAnswer,
    RunHarness,
    ToolAnswer,
    ToolList,
    Turn,
)
from bus.messages.reward import Usage
from bus.simtime import SimTime, calendar
from services.gateway.calls import Call, Calls, Reply, StillRunning
from services.gateway.harness import Harness
from services.gateway.model import Wish
from services.gateway.pages import Pages
from services.gateway.registry import Hand
from services.gateway.tools import BY_NAME, TOOLS
from services.gateway.tools.life import Waiting
from services.gateway.transcript import Transcript
from services.gateway.turns import OpenTurn, Turns
from services.gateway.workspace import Workspace

PATIENCE_S = 15.0
"""Real seconds after which a question for the next turn is answered with "not yet"; nothing in the world depends on it."""
OPENING_S = 4.0
"""Real seconds that a `wait` which began before its turn waits for that: together with `PATIENCE_S`, below 20."""
OWN_TOOL_S = 120.0
"""Generous cap, in real seconds, on a tool of the operator's own."""
MAX_TOKENS = 10**9
"""Of one turn: far above any model's, so that no number can overflow the clock."""
_SUMMARY = 200
_BAD_USAGE = Refused(code="bad_usage", detail=f"tokens must be between 0 and {MAX_TOKENS}")
_OVER = Refused(code="episode_over", detail="the episode is over: nothing can be done any more")


class StillWaiting(Part):
    """Nothing has come yet of what `wait` waits for."""

    waiting: bool = True
    detail: str = "nothing yet; call wait again (without arguments) to go on waiting"


@dataclass
class Door:
    """Answers the operator."""

    turns: Turns
    workspace: Workspace
    calls: Calls
    harness: Harness | None = None
    """The operator's, in a world whose operator is a model."""
    pages: Pages = field(default_factory=Pages)
    told_end: anyio.Event = field(default_factory=anyio.Event)
    """Set when the operator was told that the episode is over."""
    _actions: int = 0
    _in_order: anyio.Lock = field(default_factory=anyio.Lock)
    """Who waits to the end gets calls carried out one after the other, as they came."""
    _waiting: str = ""
    """Action id of the `wait` whose end was not told."""
    _transcript: Transcript = field(init=False)

    def __post_init__(self) -> None:
        self._transcript = Transcript(self.turns.ctx.world.root)

    async def on_tools(self, head: RequestHead, command: AskTools) -> ToolList:
        return ToolList(tools=tuple(tool.spec for tool in TOOLS))

    async def on_begin(self, head: RequestHead, command: BeginTurn) -> Turn | Refused:
        with anyio.move_on_after(PATIENCE_S):
            turn = await self.turns.opened()
            if turn is None:
                self.told_end.set()
            return self.turns.describe(turn)
        return Refused(code="not_yet", detail="the next turn is not open yet: ask again")

    async def on_end(self, head: RequestHead, command: EndTurn) -> Done | Refused:
        if self.turns.over:
            return self._over()
        turn = self.turns.turn
        if turn is None:
            return Refused(code="no_turn", detail="no turn is open: begin one first")
        if not _possible(command.usage):
            return _BAD_USAGE
        wish = Wish(until=command.wait_until, wake_on=frozenset(command.wake_on))
        await self.turns.end(turn, wish, command.usage, command.harness_ref)
        return Done()

    async def on_charge(self, head: RequestHead, command: Charge) -> Done | Refused:
        if self.turns.over:
            return self._over()
        if not _possible(command.usage) or not 0 <= command.read_before <= command.usage.prompt_tokens:
            return _BAD_USAGE
        self.turns.charge(command.usage, command.read_before, command.harness_ref)
        return Done()

    async def on_harness(self, head: RequestHead, command: RunHarness) -> HarnessAnswer | Refused:
        if self.harness is None:
            return Refused(code="no_harness", detail="this world's operator has no harness")
        return await self.harness.answer(command)

    async def on_end_of_episode(self, head: RequestHead, command: AwaitEnd) -> Done | Refused:
        with anyio.move_on_after(PATIENCE_S):
            await self.turns.finished()
            self.told_end.set()
            return Done()
        return Refused(code="not_yet", detail="the episode goes on: ask again")

    async def on_call(self, head: RequestHead, command: CallTool) -> Reply:
        """Carry out a call; with a limit to the caller's patience, perhaps answer that it is still under way."""
        if command.tool == "wait" and command.patience_s is not None:
            return await self._wait_or_not_yet(command)
        earlier = self.calls.find(command.arguments.get("job")) if command.tool == "job" else None
        if earlier is None and command.patience_s is None:
            async with self._in_order:
                return await self._call(command)
        call = earlier or self.calls.start(command.tool, lambda: self._call(command))
        if isinstance(call, Refused):
            return call
        patience = PATIENCE_S if command.patience_s is None else min(max(command.patience_s, 0.0), PATIENCE_S)
        with anyio.move_on_after(patience):
            await call.ended.wait()
        return call.reply or self._still_running(call)

    async def _wait_or_not_yet(self, command: CallTool) -> Reply:
        """A `wait` is bounded by itself, once a turn is open and nothing else is under way in it."""
        if not self._waiting:
            if self.calls.under_way:
                jobs = ", ".join(f"{call.job} ({call.tool})" for call in self.calls.under_way)
                return Refused(code="busy", detail=f"calls of yours are under way: {jobs}. Ask for them with job first")
            with anyio.move_on_after(OPENING_S) as opening:
                await self.turns.opened()
            if opening.cancelled_caught:
                return Refused(code="not_yet", detail="your hour has not begun; nothing was done: call wait again")
        return await self._call(command)

    async def _call(self, command: CallTool) -> Reply:
        """In this turn or, if the hour is used up, in the one in which it ends."""
        if command.tool == "wait" and self._waiting:  # also when the turn has opened meanwhile: it is to be told
            return await self._wait()
        tool = BY_NAME.get(command.tool)
        began = self.turns.agenda.at
        turn = await (self.turns.opened() if tool and tool.free else self.turns.spend_call())
        if turn is None:
            return self._over()
        self._actions += 1
        action = derive_id("a", "operator", self._actions)
        try:
            reply = await self._carry_out(action, command)
        except EpisodeOver:
            return self._over()
        await self._record(turn, action, command, began, ok=not isinstance(reply, Refused))
        if isinstance(reply, Waiting):
            self._waiting = action
            wish = Wish(until=reply.until, wake_on=frozenset(reply.wake_on))
            self._write(command, self._answer(action, turn, reply))
            await self.turns.end(turn, wish, Usage(), None)
            return await self._wait()
        answer = self._answer(action, turn, reply)
        self._write(command, answer)
        return answer

    async def _carry_out(self, action: str, command: CallTool) -> Part | Refused:
        tool = BY_NAME.get(command.tool)
        if tool is None:
            own = await self._own_tool(command)
            if own is not None:
                return own
            names = ", ".join(sorted(BY_NAME))
            return Refused(code="no_tool", detail=f"there is no tool {command.tool[:80]!r}; there are: {names}")
        hand = Hand(self.turns.ctx, self.workspace, self.pages, action, self.turns.agenda.at)
        return await tool.call(hand, command.arguments)

    async def _own_tool(self, command: CallTool) -> Part | None:
        """A tool of the harness, if it has one of that name: run at the operator's time, as any other."""
        if self.harness is None:
            return None
        start = self.turns.ctx.world.scenario.world.start
        self.workspace.set_clock(calendar(start, self.turns.agenda.at))
        return await self.harness.call(command.tool, command.arguments, OWN_TOOL_S)

    async def _wait(self) -> ToolAnswer | Refused:
        """The answer of `wait`: the next turn, or that it is still to come."""
        turn: OpenTurn | None = None
        action = self._waiting
        with anyio.move_on_after(PATIENCE_S):
            turn = await self.turns.opened()
            if turn is None:
                return self._over()
        if turn is None:
            return self._answer(action, None, StillWaiting())
        self._waiting = ""
        return self._answer(action, turn, self.turns.describe(turn))

    async def _record(self, turn: OpenTurn, action: str, command: CallTool, began: SimTime, *, ok: bool) -> None:
        turn = self.turns.turn or turn  # while it was under way, another call may have run past the hour
        turn.action_ids.append(action)
        await self.turns.ctx.say(
            ActionEnded(
                action_id=action,
                turn_id=turn.turn_id,
                tool=command.tool[:80],
                summary=summary(self._shown(command)),
                ok=ok,
                sim_time0=max(began, turn.began),
                sim_time1=self.turns.agenda.at,
            )
        )

    def _write(self, command: CallTool, answer: ToolAnswer) -> None:
        self._transcript.add(command.tool, self._shown(command), answer)

    def _shown(self, command: CallTool) -> Mapping[str, Any]:
        """The arguments, without those that nobody is to read again."""
        tool = BY_NAME.get(command.tool)
        private = tool.private if tool else frozenset[str]()
        return {name: "…" if name in private else value for name, value in command.arguments.items()}

    def _still_running(self, call: Call) -> ToolAnswer:
        turn = self.turns.turn
        return self._answer(call.job, turn, StillRunning(job=call.job))

    def _answer(self, action: str, turn: OpenTurn | None, reply: Part | Refused) -> ToolAnswer:
        return ToolAnswer(
            action_id=action,
            turn_id=turn.turn_id if turn else None,
            ok=not isinstance(reply, Refused),
            content=self.pages.content(action, reply),
            sim_time=self.turns.agenda.at,
            seconds_left=self.turns.agenda.seconds_left,
        )

    def _over(self) -> Refused:
        self.told_end.set()
        return _OVER


def summary(arguments: Mapping[str, Any]) -> str:
    """The arguments in short, for people who watch."""
    parts = [f"{name}={orjson.dumps(value).decode()[:80]}" for name, value in arguments.items()]
    text = ", ".join(parts)
    return text if len(text) <= _SUMMARY else text[: _SUMMARY - 1] + "…"


def _possible(usage: Usage) -> bool:
    return all(0 <= tokens <= MAX_TOKENS for tokens in (usage.prompt_tokens, usage.completion_tokens))
