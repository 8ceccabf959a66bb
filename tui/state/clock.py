"""Where the episode stands."""

from dataclasses import dataclass, replace
from typing import Literal

from bus.messages.base import Event
from bus.messages.clock import Control, Outcome, Phase, Tick

EpisodeState = Literal["waiting", "running", "paused", "ending", "ended"]


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock as last heard; `waiting` until something was heard."""

    state: EpisodeState = "waiting"
    tick: int = 0
    of: int | None = None
    """Ticks in the whole episode; unknown until the first tick is heard."""
    phase: str | None = None
    outcome: Outcome | None = None
    failure_kind: str | None = None
    reason: str = ""

    @property
    def progress(self) -> float | None:
        """Share of the episode that is over, 0 to 1."""
        return min(1.0, self.tick / self.of) if self.of else None


_STATES: dict[str, EpisodeState] = {
    "started": "running",
    "resumed": "running",
    "paused": "paused",
    "ending": "ending",
    "ended": "ended",
}


def heard(clock: Clock, event: Event) -> Clock:
    """The clock after one more event."""
    match event:
        case Tick():
            # Who comes late missed `started`; that time passes says as much.
            state = "running" if clock.state == "waiting" else clock.state
            return replace(clock, state=state, tick=max(clock.tick, event.tick), of=event.of)
        case Phase():
            return replace(clock, tick=max(clock.tick, event.tick), phase=event.phase)
        case Control():
            return replace(
                clock,
                state=_STATES[event.state],
                outcome=event.outcome or clock.outcome,
                failure_kind=event.failure_kind or clock.failure_kind,
                reason=event.reason or clock.reason,
            )
        case _:
            return clock
