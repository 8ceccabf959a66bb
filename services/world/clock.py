"""How time passes: lockstep as fast as everybody is done, or live at a rate. Both drive the same ticks and phases."""

from typing import Protocol

import anyio

from bus.scenario import ClockSection
from bus.simtime import HOUR, SECOND


class Clock(Protocol):
    """Decides when a tick may begin. Nothing else in a world knows how fast real time goes."""

    async def tick_may_begin(self, tick: int) -> None:
        """Return when it is time for that tick."""
        ...


class Lockstep:
    """Simulated time is free: a tick begins as soon as the one before is over."""

    async def tick_may_begin(self, tick: int) -> None:
        await anyio.lowlevel.checkpoint()


class Live:
    """Simulated time is `rate` x monotonic time since the first tick.

    A tick that takes longer than its share of real time delays the ones after it: simulated time never jumps.
    """

    def __init__(self, rate: float) -> None:
        self._tick_s = HOUR / SECOND / rate
        self._next: float | None = None

    async def tick_may_begin(self, tick: int) -> None:
        now = anyio.current_time()
        if self._next is not None and now < self._next:
            await anyio.sleep_until(self._next)  # noqa: TID251 (this is the clock)
            now = self._next
        self._next = now + self._tick_s


def make_clock(section: ClockSection) -> Clock:
    """The clock that a scenario asks for."""
    return Live(section.rate) if section.mode == "live" else Lockstep()
