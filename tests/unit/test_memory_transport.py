"""What the in-memory twin shows to tests beside the transport's promises (those are in `tests/contract`)."""

import anyio
import pytest

from bus.feed import Forwarding
from bus.transport.memory import MemoryBroker, MemoryTransport
from bus.transport.protocol import Letter

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_the_broker_shows_streams_and_dead_letters() -> None:
    broker = MemoryBroker()
    alpha = MemoryTransport(broker, "alpha")
    await alpha.publish("alpha.e.thing", b"1", message_id="1")
    await alpha.reject(Letter("beta.e.note", b"?"), "not JSON")
    assert broker.streams["alpha"] == [Letter("alpha.e.thing", b"1")]
    assert broker.dead_letters == [("alpha", Letter("beta.e.note", b"?"), "not JSON")]


async def test_who_has_left_is_forgotten() -> None:
    broker = MemoryBroker()
    alpha = MemoryTransport(broker, "alpha")
    async with alpha.subscribe("alpha.>"), alpha.serve("cmd.e.alpha.>"):
        pass
    await alpha.publish("alpha.e.thing", b"1", message_id="1")  # nobody listens, nothing breaks
    assert (broker._subscribers, broker._servers) == ([], [])


async def test_a_cancelled_request_leaves_its_server_in_good_health() -> None:
    broker = MemoryBroker()
    alpha, beta = MemoryTransport(broker, "alpha"), MemoryTransport(broker, "beta")
    async with beta.serve("cmd.e.beta.>") as calls:
        async with anyio.create_task_group() as tasks:

            async def ask() -> None:
                await alpha.request("cmd.e.beta.do", b"", deadline_s=60)

            tasks.start_soon(ask)
            call = await anext(calls)
            tasks.cancel_scope.cancel()
        await call.answer(b"nobody waits")


async def test_a_reader_takes_what_is_there_without_waiting_and_wakes_for_what_comes() -> None:
    broker = MemoryBroker()
    alpha, beta = MemoryTransport(broker, "alpha"), MemoryTransport(broker, "beta")
    read: list[bytes] = []

    async def reading() -> None:
        async with beta.subscribe("alpha.>") as letters:
            tasks.start_soon(late)
            async for letter in letters:
                read.append(letter.data)
                if letter.data == b"3":
                    return

    async def late() -> None:
        for number in (b"1", b"2", b"3"):
            await alpha.publish("alpha.e.thing", number, message_id=number.decode())
        assert read == []

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(reading)
    assert read == [b"1", b"2", b"3"]


async def test_a_reader_that_was_cancelled_loses_nothing() -> None:
    broker = MemoryBroker()
    alpha, beta = MemoryTransport(broker, "alpha"), MemoryTransport(broker, "beta")
    async with beta.subscribe("alpha.>") as letters:
        with anyio.move_on_after(0):
            await anext(letters)
        await alpha.publish("alpha.e.thing", b"1", message_id="1")
        assert (await anext(letters)).data == b"1"


async def test_a_reader_on_the_spot_gets_what_it_takes_and_iterates_the_rest() -> None:
    broker = MemoryBroker()
    alpha, beta = MemoryTransport(broker, "alpha"), MemoryTransport(broker, "beta")
    taken: list[bytes] = []

    def take(letter: Letter) -> bool:
        if letter.data != b"?":
            taken.append(letter.data)
        return letter.data != b"?"

    async with beta.subscribe("alpha.>") as letters:
        assert isinstance(letters, Forwarding)
        await alpha.publish("alpha.e.thing", b"0", message_id="0")
        letters.forward(take)
        for number in (b"1", b"?", b"2"):
            await alpha.publish("alpha.e.thing", number, message_id=number.decode())
        assert taken == [b"1", b"2"]
        assert [(await anext(letters)).data for _ in range(2)] == [b"0", b"?"]
