"""What the operator does."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bus.messages.base import Event
from bus.messages.gateway import ActionEnded, TurnEnded
from bus.money import Micros
from bus.simtime import SimTime
from tui.state.bounded import added, newest_first

ACTIONS_KEPT = 300


@dataclass(frozen=True, slots=True)
class Action:
    """One tool call."""

    at: SimTime
    tool: str
    summary: str
    ok: bool
    took: int
    """Simulated milliseconds."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Its calls and turns so far."""

    actions: tuple[Action, ...] = ()
    """Newest first."""
    calls: int = 0
    failed: int = 0
    tools: Mapping[str, int] = field(default_factory=dict[str, int])
    turns: int = 0
    tokens: int = 0
    cost: Micros = field(default=Micros(0))
    """Of its tokens."""


def heard(operator: Operator, event: Event) -> Operator:
    """The operator after one more event."""
    match event:
        case ActionEnded():
            took = event.sim_time1 - event.sim_time0
            action = Action(event.sim_time0, event.tool, event.summary, event.ok, took)
            return replace(
                operator,
                actions=newest_first(operator.actions, action, ACTIONS_KEPT),
                calls=operator.calls + 1,
                failed=operator.failed + (not event.ok),
                tools=added(operator.tools, event.tool),
            )
        case TurnEnded():
            usage = event.usage
            return replace(
                operator,
                turns=operator.turns + 1,
                tokens=operator.tokens + usage.prompt_tokens + usage.completion_tokens,
                cost=Micros(operator.cost + usage.cost),
            )
        case _:
            return operator
