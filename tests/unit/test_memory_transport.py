"""What the in-memory twin shows to tests beside the transport's promises (those are in `tests/contract`)."""

import anyio
import pytest

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
