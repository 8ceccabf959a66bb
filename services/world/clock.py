"""How time passes: lockstep as fast as everybody is done, or live at a rate. Both drive the same ticks and phases."""

from typing import Protocol

import anyio
import anyio.lowlevel

from bus.messages.clock import Regulate
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


class Regulated:
    """A clock in somebody's hand: it can be held between two ticks, stepped, and set to another rate.

    The hand moves real time only: a world that was held has the same ledger as one that was not.
    """

    def __init__(self, rate: float | None) -> None:
        self._changed = anyio.Event()
        self._steps: int | None = None
        """Ticks that may still begin while it is held; None while it runs."""
        self._set(rate)

    @property
    def held(self) -> bool:
        """Whether ticks wait for a step."""
        return self._steps is not None

    def obey(self, command: Regulate) -> None:
        """Do what somebody asks. `pause` lets the tick that is under way go on; a new speed lets one that waits begin."""
        match command.action:
            case "pause":
                self._steps = 0
            case "resume":
                self._steps = None
            case "step":
                self._steps = (self._steps or 0) + 1
            case "speed":
                self._set(command.rate)
        self._changed.set()
        self._changed = anyio.Event()

    async def tick_may_begin(self, tick: int) -> None:
        while True:
            changed = self._changed
            if self._steps == 0:
                await changed.wait()
            elif self._steps is not None:
                self._steps -= 1
                return
            elif await self._paced(tick, changed):
                return

    async def _paced(self, tick: int, changed: anyio.Event) -> bool:
        """Wait for the rate's next moment; False if the hand moved meanwhile."""
        come = False

        async def leave_when_changed() -> None:
            await changed.wait()
            tasks.cancel_scope.cancel()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(leave_when_changed)
            await self._pace.tick_may_begin(tick)
            come = not self.held
            tasks.cancel_scope.cancel()
        return come

    def _set(self, rate: float | None) -> None:
        self.rate = rate
        self._pace: Clock = Lockstep() if rate is None else Live(rate)


def make_clock(section: ClockSection) -> Regulated:
    """The clock that a scenario asks for."""
    return Regulated(section.rate if section.mode == "live" else None)
