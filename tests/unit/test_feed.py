"""A family's events in order, whatever comes; and who waits is woken for what matters."""

import anyio
import pytest

from bus.codec import encode_event
from bus.feed import Feed
from bus.ids import EpisodeId
from bus.messages.base import Envelope, Event
from bus.messages.clock import Control, Tick
from bus.simtime import SimTime
from bus.transport.memory import MemoryBroker, MemoryTransport

pytestmark = pytest.mark.anyio

EPISODE = EpisodeId("e_aaaaaaaaaaaa")
ENDED = Control(state="ended", outcome="truncated")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Clock:
    """Says events of the clock on an in-memory bus, and has a feed that hears them."""

    def __init__(self) -> None:
        self.broker = MemoryBroker()
        self.transport = MemoryTransport(self.broker, "world")
        self.arrived: list[Event] = []
        self.feed = Feed("clock", EPISODE, self.transport, self.arrived.append)
        self.said = 0

    async def say(self, event: Event) -> None:
        self.said += 1
        envelope = Envelope(id=f"clock-{self.said}", episode=EPISODE, sim_time=SimTime(0), seq=self.said)
        await self.transport.publish("clock.e.x", encode_event(envelope, event), message_id=envelope.id)


def _ends(event: Event) -> bool:
    return isinstance(event, Control)


async def test_what_matters_not_wakes_nobody_and_is_passed_over() -> None:
    clock = Clock()
    async with clock.transport.subscribe("clock.>") as letters, anyio.create_task_group() as tasks:
        tasks.start_soon(clock.feed.fill, letters)
        await anyio.wait_all_tasks_blocked()
        found: list[Event] = []

        async def wait() -> None:
            found.append((await clock.feed.next(_ends)).event)

        tasks.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        for number in range(3):
            await clock.say(Tick(tick=number, of=3))
        assert len(clock.arrived) == 3, "a letter within the process is taken in where it is said"
        await anyio.wait_all_tasks_blocked()
        assert found == []
        await clock.say(ENDED)
        await clock.say(Tick(tick=3, of=3))
        await anyio.wait_all_tasks_blocked()
        assert found == [ENDED]
        assert (await clock.feed.next()).event == Tick(tick=3, of=3)
        tasks.cancel_scope.cancel()


async def test_what_was_said_before_it_listened_is_fetched() -> None:
    clock = Clock()
    await clock.say(Tick(tick=0, of=3))
    async with clock.transport.subscribe("clock.>") as letters, anyio.create_task_group() as tasks:
        tasks.start_soon(clock.feed.fill, letters)
        await anyio.wait_all_tasks_blocked()
        await clock.say(ENDED)
        assert [(await clock.feed.next()).event for _ in range(2)] == [Tick(tick=0, of=3), ENDED]
        tasks.cancel_scope.cancel()


async def test_what_cannot_be_read_is_rejected_and_the_rest_goes_on() -> None:
    clock = Clock()
    async with clock.transport.subscribe("clock.>") as letters, anyio.create_task_group() as tasks:
        tasks.start_soon(clock.feed.fill, letters)
        await anyio.wait_all_tasks_blocked()
        await clock.transport.publish("clock.e.x", b"?", message_id="odd")
        await clock.say(ENDED)
        assert (await clock.feed.next()).event == ENDED
        await anyio.wait_all_tasks_blocked()
        assert [letter.data for _, letter, _ in clock.broker.dead_letters] == [b"?"]
        tasks.cancel_scope.cancel()
