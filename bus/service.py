"""The contract that every service and agent fulfils, whatever hosts it.

A service is a frozen declaration (what it says, hears, answers and asks) and one coroutine. NATS permissions, JetStream
streams and the lockstep barrier are all generated from the declaration; it is written once, here, per service.
"""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from anyio.abc import TaskStatus

from bus.messages.base import Command, Event
from bus.messages.clock import Ready, StageDone

if TYPE_CHECKING:
    from bus.context import Context

Account = Literal["SIM", "OPERATOR", "TRAIN", "VIEW"]
"""NATS accounts. Only SIM holds the streams; the others see what SIM exports to them, and nothing else."""


class Run(Protocol):
    """A service's life: it calls `task_status.started()` when it listens, and returns when the episode is over."""

    def __call__(self, ctx: "Context", *, task_status: TaskStatus[None] = ...) -> Awaitable[None]: ...


@dataclass(frozen=True)
class Service:
    """One service or agent."""

    name: str
    """Role on the bus, participant of the barrier, and name for `python -m services NAME`."""
    run: Run
    publishes: tuple[type[Event], ...] = ()
    """Events it says. A family has one owner; its stream is written by that role alone."""
    subscribes: tuple[str, ...] = ()
    """Families it hears, whole."""
    serves: tuple[type[Command[Any]], ...] = ()
    """Commands it answers."""
    asks: tuple[type[Command[Any]], ...] = ()
    """Commands it may send; a participant's barrier commands are added."""
    account: Account = "SIM"
    participant: bool = True
    """Whether it takes part in the lockstep barrier (the operator's loop does so through the gateway)."""
    families: frozenset[str] = field(init=False)
    """The families it owns."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "families", frozenset(event.family() for event in self.publishes))
        if self.participant:
            object.__setattr__(self, "asks", tuple(dict.fromkeys((*self.asks, Ready, StageDone))))
        for command in self.serves:
            if command.service() != self.name:
                raise ValueError(f"{self.name} cannot serve {command.type_name()}: it belongs to {command.service()}")
