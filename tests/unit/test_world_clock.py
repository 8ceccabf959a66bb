"""The clock in somebody's hand: held, stepped, and set to another pace. Real time is the event loop's, never waited for."""

import anyio
import anyio.lowlevel
import pytest

from bus.messages.clock import Regulate
from bus.scenario import ClockSection
from services.world.clock import Regulated, make_clock

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Ticking:
    """Ticks one after the other, as far as the clock lets them."""

    def __init__(self, clock: Regulated) -> None:
        self.clock = clock
        self.begun = 0
        self._some = anyio.Event()

    async def run(self) -> None:
        while True:
            await self.clock.tick_may_begin(self.begun)
            self.begun += 1
            self._some.set()

    async def at_least(self, count: int) -> None:
        while self.begun < count:
            self._some = anyio.Event()
            await self._some.wait()

    async def now(self) -> int:
        """How many have begun once everybody has had many turns: what was let go would have begun by then."""
        for _ in range(50):
            await anyio.lowlevel.checkpoint()
        return self.begun


async def test_held_it_lets_nothing_begin_and_a_step_lets_one() -> None:
    clock = make_clock(ClockSection())
    clock.obey(Regulate(action="pause"))
    ticking = Ticking(clock)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ticking.run)
        assert await ticking.now() == 0
        clock.obey(Regulate(action="step"))
        assert await ticking.now() == 1
        clock.obey(Regulate(action="step"))
        clock.obey(Regulate(action="step"))
        assert await ticking.now() == 3
        assert clock.held
        clock.obey(Regulate(action="resume"))
        await ticking.at_least(20)
        assert not clock.held
        tasks.cancel_scope.cancel()


async def test_a_step_while_it_runs_holds_it_after_one_tick() -> None:
    clock = make_clock(ClockSection(mode="live", rate=0.001))
    ticking = Ticking(clock)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ticking.run)
        await ticking.at_least(1)  # the first does not wait, the second would for weeks
        clock.obey(Regulate(action="step"))
        assert await ticking.now() == 2
        tasks.cancel_scope.cancel()


async def test_another_speed_frees_a_tick_that_waits_for_the_old_one() -> None:
    clock = make_clock(ClockSection(mode="live", rate=0.001))
    assert clock.rate == 0.001
    ticking = Ticking(clock)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ticking.run)
        await ticking.at_least(1)
        assert await ticking.now() == 1
        clock.obey(Regulate(action="speed", rate=None))
        await ticking.at_least(30)
        assert clock.rate is None
        tasks.cancel_scope.cancel()


async def test_a_tick_that_waits_for_its_moment_is_held_too() -> None:
    clock = make_clock(ClockSection(mode="live", rate=0.001))
    ticking = Ticking(clock)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ticking.run)
        await ticking.at_least(1)
        clock.obey(Regulate(action="pause"))
        clock.obey(Regulate(action="speed", rate=None))
        assert await ticking.now() == 1
        clock.obey(Regulate(action="resume"))
        await ticking.at_least(5)
        tasks.cancel_scope.cancel()
