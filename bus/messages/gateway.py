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


class Charge(Command[Done]):
    """One call of the model, as the operator's trusted host counted it: it takes time now, and money when the turn ends.

    For that host alone: no tool, and granted to no foreign agent.
    """

    type: Literal["gateway.charge/1"] = "gateway.charge/1"
    usage: Usage
    read_before: int = 0
    """Of the prompt's tokens, those that stood in the call before: reading them again takes no time."""
    harness_ref: str | None = None
    """Which harness composed the call."""


class Outage(Command[Done]):
    """The model's endpoint does not answer: nobody's fault in the world, so the world waits. For the trusted host alone."""

    type: Literal["gateway.outage/1"] = "gateway.outage/1"
    state: Literal["down", "up", "lost"]
    """`down` holds the clock, `up` lets it go on, `lost` voids the episode."""
    reason: str = ""


class HarnessAnswer(Part):
    """What the operator's harness made of a request."""

    ref: str
    """Commit and digest of the harness that answered: `<commit>:<sha256 of its files, 16 digits>`."""
    output: str
    """JSON as the harness printed it: untrusted."""
    tools: tuple[ToolSpec, ...]
    """The harness's own tools, which `CallTool` takes by name."""
    notices: tuple[str, ...]
    """Why an edit is not used; each is told once."""


class RunHarness(Command[HarnessAnswer]):
    """Let the operator's harness compose the model's next messages, in the sandbox. For the trusted host alone.

    The newest commit is tried first, then the last good ones, then the harness that the world began with. Refused as
    `no_harness` where none of them answers, `resend` when the history does not follow what was sent before.
    """

    type: Literal["gateway.harness/1"] = "gateway.harness/1"
    request: dict[str, Any]
    """What is asked, without the history."""
    history_from: int
    """Messages that were sent before and still count; 0 forgets them all."""
    history: tuple[str, ...]
    """The messages after those, each as JSON."""
    reject: str | None = None
    """Ref of an answer of before that cannot be used, and why."""
    reject_why: str = ""
