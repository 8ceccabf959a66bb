"""The clock: ticks, the phases of a tick, and the barrier that every participant answers. Owner: world."""

from typing import Annotated, Literal

from pydantic import Field

from bus.messages.base import Command, Done, Event, Part

PhaseName = Literal["traffic", "settle", "operate"]
Outcome = Literal["terminated", "truncated", "voided"]


class Tick(Event):
    """A tick begins: the envelope's `sim_time` is its first moment."""

    type: Literal["clock.tick/1"] = "clock.tick/1"
    tick: int
    of: int
    """Ticks in the whole episode; the closing tick is number `of`."""


class Phase(Event):
    """A stage of a tick is open for some participants, who act and then answer `StageDone`."""

    type: Literal["clock.phase/1"] = "clock.phase/1"
    tick: int
    stage: int
    """Counted from 0 within the tick; the schedule is in `services/world/model.py`."""
    phase: PhaseName
    participants: tuple[str, ...]
    watermarks: dict[str, int]
    """By family, how far its events must be read before acting: everything that came before this stage, and no more."""
    closing: bool = False
    """The last tick, after the horizon or the company's end: books are settled, nobody works or operates."""


class Control(Event):
    """The episode's state changes."""

    type: Literal["clock.ctl/1"] = "clock.ctl/1"
    state: Literal["started", "paused", "resumed", "ending", "ended"]
    outcome: Outcome | None = None
    """Set with `ending` and `ended`."""
    failure_kind: str | None = None
    """With `voided`: which boundary failed, such as `service_died` or `barrier_timeout`."""
    reason: str = ""


class Ready(Command[Done]):
    """A participant hears everything it subscribes to and waits for the first tick."""

    type: Literal["world.ready/1"] = "world.ready/1"
    participant: str


class StageDone(Command[Done]):
    """A participant has finished its part of a stage."""

    type: Literal["world.done/1"] = "world.done/1"
    participant: str
    tick: int
    stage: int
    known: dict[str, int]
    """By family, the highest sequence number that this participant said or was told of in an answer."""


class WorldStatus(Part):
    """Where the episode stands."""

    state: Literal["waiting", "running", "paused", "ending", "ended"]
    tick: int
    of: int
    outcome: Outcome | None
    failure_kind: str | None
    reason: str
    rate: float | None = None
    """Simulated seconds for each real second at most; None for as fast as everybody is done."""


class AskStatus(Command[WorldStatus]):
    """Where does the episode stand?"""

    type: Literal["world.status/1"] = "world.status/1"


class Regulate(Command[WorldStatus]):
    """Hold the world between two ticks, let it go on, let one tick pass, or change how fast ticks follow each other.

    Real time only: what happens in a tick never depends on it. Refused with `not_running` before the first tick and
    after the last.
    """

    type: Literal["world.regulate/1"] = "world.regulate/1"
    action: Literal["pause", "resume", "step", "speed"]
    rate: Annotated[float, Field(gt=0)] | None = None
    """With `speed`: simulated seconds for each real second; None for as fast as everybody is done (lockstep)."""


class Void(Command[Done]):
    """End the episode as our failure. Said by the supervisor when a service dies."""

    type: Literal["world.void/1"] = "world.void/1"
    failure_kind: str
    reason: str
