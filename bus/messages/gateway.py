"""The operator's door: turns, tools and actions. Owner: gateway."""

from typing import Any, Literal

from bus.messages.base import Command, Done, Event, Part
from bus.messages.reward import Usage
from bus.simtime import SimTime


class ActionEnded(Event):
    """One tool call of the operator."""

    type: Literal["gateway.action.ended/1"] = "gateway.action.ended/1"
    action_id: str
    turn_id: str
    tool: str
    summary: str
    """For people: the arguments, shortened."""
    ok: bool
    sim_time0: SimTime
    sim_time1: SimTime


class TurnEnded(Event):
    type: Literal["gateway.turn.ended/1"] = "gateway.turn.ended/1"
    turn_id: str
    tick: int
    action_ids: tuple[str, ...]
    sim_time0: SimTime
    sim_time1: SimTime
    wall0: float
    """Seconds of the host's clock; told to trainers, never booked."""
    wall1: float
    usage: Usage
    harness_ref: str | None = None


class ToolSpec(Part):
    """One tool, as the OpenAI schema and MCP both need it."""

    name: str
    description: str
    parameters: dict[str, Any]
    """JSON Schema of the arguments."""


class ToolList(Part):
    tools: tuple[ToolSpec, ...]


class AskTools(Command[ToolList]):
    type: Literal["gateway.tools/1"] = "gateway.tools/1"


class OpenAlert(Part):
    """An alert of the hosting that has not cleared."""

    alert: str
    kind: str
    detail: str
    raised_at: SimTime


class Turn(Part):
    """The operator may act."""

    turn_id: str | None
    """None when the episode is over."""
    tick: int
    sim_time: SimTime
    wake: tuple[str, ...]
    """Why: `tick`, `alert`, `inbox`, `time`."""
    seconds_left: int
    """Simulated seconds until the tick ends; a call that would run past it is answered in a later turn."""
    alerts: tuple[OpenAlert, ...] = ()
    """Open now, oldest first."""
    news: tuple[str, ...] = ()
    """What happened since the last turn, for people: releases, instances, jobs, tickets; newest last."""


class BeginTurn(Command[Turn]):
    """Wait for the next turn. Answered when the operator's phase opens, or with no turn when the episode is over.

    Refused as `not_yet` when that takes long in real time: ask again.
    """

    type: Literal["gateway.begin_turn/1"] = "gateway.begin_turn/1"


class ToolAnswer(Part):
    action_id: str
    turn_id: str | None = None
    """The turn in which the call was carried out; None when the episode is over."""
    ok: bool
    content: str
    """Text or JSON, at most 16 kB."""
    sim_time: SimTime
    seconds_left: int


class CallTool(Command[ToolAnswer]):
    type: Literal["gateway.call/1"] = "gateway.call/1"
    tool: str
    arguments: dict[str, Any]
    patience_s: float | None = None
    """Real seconds that the caller waits at most; what takes longer goes on by itself and is asked for by its job id.

    None waits to the end, so that nothing depends on how fast this machine is: for operators whose host can wait.
    """


class AwaitEnd(Command[Done]):
    """Wait for the end of the episode. Refused as `not_yet` when that takes long in real time: ask again."""

    type: Literal["gateway.await_end/1"] = "gateway.await_end/1"


class EndTurn(Command[Done]):
    """Let time pass. Without a wish the next turn comes with the next tick."""

    type: Literal["gateway.end_turn/1"] = "gateway.end_turn/1"
    wait_until: SimTime | None = None
    wake_on: tuple[Literal["alert", "inbox"], ...] = ()
    usage: Usage = Usage()
    harness_ref: str | None = None
