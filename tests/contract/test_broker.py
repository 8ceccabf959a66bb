"""What only the real broker can suffer: crashes, refusals, slow readers, and a parent that is killed."""

import os
import select
import signal
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import anyio
import pytest
from made_up_world import EPISODE, SERVICES, NatsBus
from nats.aio.msg import Msg

from bus.credentials import credentials
from bus.permissions import grants
from bus.server import nats_server
from bus.subjects import ingress_subject
from bus.transport import link, nats
from bus.transport.nats import NatsTransport
from bus.transport.protocol import BusError, Letter
from bus.transport.unconfirmed import Parcel

pytestmark = pytest.mark.anyio

THING = f"alpha.{EPISODE}.thing.happened"
DOUBLE = f"cmd.{EPISODE}.beta.double"
ALL_ALPHA = f"alpha.{EPISODE}.>"
ALL_BETA = f"cmd.{EPISODE}.beta.>"


async def say(transport: NatsTransport, *numbers: int) -> None:
    for number in numbers:
        await transport.publish(THING, b"%d" % number, message_id=f"alpha-{number}")


async def crash(broker: NatsBus) -> None:
    broker.server.kill()
    with pytest.raises(BusError, match="ended with code -9"):
        await broker.server.died()


async def stored(reader: NatsTransport, count: int) -> list[bytes]:
    with pytest.raises(BusError, match="nothing at position"):
        await reader.fetch("alpha", count + 1)
    return [(await reader.fetch("alpha", number)).data for number in range(1, count + 1)]


async def test_a_crash_of_the_broker_loses_and_doubles_nothing(broker: NatsBus) -> None:
    """Killed three times in the middle of a stream of events; the speaker only ever waits for its flushes."""
    count, crashes = 3000, {300: anyio.Event(), 1200: anyio.Event(), 2100: anyio.Event()}

    async def speak(alpha: NatsTransport) -> None:
        for number in range(1, count + 1):
            await say(alpha, number)
            if number in crashes:
                crashes[number].set()
            if number % 50 == 0:
                await alpha.flush()
        done.set()

    done = anyio.Event()
    async with (
        NatsTransport.connect(broker.credentials("alpha")) as alpha,
        AsyncExitStack() as brokers,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(speak, alpha)
        with anyio.fail_after(60):
            for due in crashes.values():
                await due.wait()
                await crash(broker)
                broker.server = await brokers.enter_async_context(broker.restarted())
            await done.wait()
        async with NatsTransport.connect(broker.credentials("beta")) as beta:
            assert await stored(beta, count) == [b"%d" % number for number in range(1, count + 1)]


async def test_what_is_said_during_an_outage_is_stored_after_it(broker: NatsBus) -> None:
    async with NatsTransport.connect(broker.credentials("alpha")) as alpha:
        await say(alpha, 1)
        await crash(broker)
        await say(alpha, 2, 3)
        async with broker.restarted():
            with anyio.fail_after(30):
                await alpha.flush()
            assert await stored(alpha, 3) == [b"1", b"2", b"3"]


async def test_what_the_client_buffered_before_an_outage_cannot_overtake_what_was_lost(broker: NatsBus) -> None:
    async with NatsTransport.connect(broker.credentials("alpha")) as alpha:
        await say(alpha, 1)
        await alpha.flush()
        await crash(broker)
        events = alpha._unconfirmed["alpha"]
        events.add(Parcel(THING, b"2", "alpha-2"))  # as if it had been written to the dead connection
        buffered = events.add(Parcel(THING, b"3", "alpha-3"))
        reply = f"{alpha._ack_prefix}alpha.{buffered.token}"
        await alpha._link.client.publish(ingress_subject(THING), b"3", reply=reply, headers=buffered.headers)
        async with broker.restarted():
            with anyio.fail_after(30):
                await alpha.flush()
            assert await stored(alpha, 3) == [b"1", b"2", b"3"]


async def test_a_subscription_survives_an_outage_and_what_it_missed_can_be_fetched(broker: NatsBus) -> None:
    async with NatsTransport.connect(broker.credentials("alpha")) as alpha:
        async with (
            NatsTransport.connect(broker.credentials("beta")) as beta,
            beta.subscribe(ALL_ALPHA) as letters,
        ):
            await say(alpha, 1)
            assert (await anext(letters)).data == b"1"
            await crash(broker)
            await say(alpha, 2)
            async with broker.restarted():
                with anyio.fail_after(30):
                    assert (await beta.fetch("alpha", 1)).data == b"1"  # it is back
                    await alpha.flush()
                    assert (await beta.fetch("alpha", 2)).data == b"2"
                    await say(alpha, 3)
                    heard = [b"1"]
                    while heard[-1] != b"3":
                        heard.append((await anext(letters)).data)
                assert heard in ([b"1", b"3"], [b"1", b"2", b"3"])


async def test_a_request_in_flight_at_a_crash_fails_at_once_and_the_next_one_is_answered(
    broker: NatsBus,
) -> None:
    async with (
        NatsTransport.connect(broker.credentials("alpha")) as alpha,
        NatsTransport.connect(broker.credentials("beta")) as beta,
        beta.serve(ALL_BETA) as calls,
    ):

        async def ask() -> None:
            with pytest.raises(BusError, match="may have been done"):
                await alpha.request(DOUBLE, b"one", deadline_s=600)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            first = await anext(calls)
            await crash(broker)
        async with broker.restarted():
            await first.answer(b"nobody waits for this")

            async def answer() -> None:
                await (await anext(calls)).answer(b"done")

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(answer)
                assert await alpha.request(DOUBLE, b"two", deadline_s=30) == b"done"
            await first.answer(b"nor for this, and the broker refuses it")
            await say(alpha, 1)
            await beta.reject(Letter(THING, b""), "still in good health")


async def test_without_its_stream_an_event_is_refused_and_none_can_be_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nats, "FETCH_WITHIN_S", 0.1)
    granted = grants(SERVICES, EPISODE)
    passwords = {role.name: "secret" for role in granted.roles}
    async with nats_server(granted, passwords, tmp_path) as server:
        alpha_key = credentials(granted, passwords, server.url)["alpha"]
        async with NatsTransport.connect(alpha_key) as alpha:
            with pytest.raises(BusError, match="no answer"):
                await alpha.fetch("alpha", 1)
            await say(alpha, 1)
            with anyio.fail_after(10), pytest.raises(BusError, match="no stream takes it"):
                await alpha.flush()


async def test_a_forbidden_event_fails_the_flush_and_everything_after_it(broker: NatsBus) -> None:
    async with (
        NatsTransport.connect(broker.credentials("beta")) as beta,
        beta.subscribe(ALL_ALPHA) as letters,
    ):
        await beta.publish(THING, b"forged", message_id="alpha-1")
        with anyio.fail_after(10):
            with pytest.raises(BusError, match=r"(?i)permissions violation"):
                await beta.flush()
            for operation in (beta.failed(), anext(letters), beta.fetch("alpha", 1), beta.flush()):
                with pytest.raises(BusError, match=r"(?i)permissions violation"):
                    await operation


async def test_a_forbidden_subscription_is_refused_when_it_is_entered(broker: NatsBus) -> None:
    async with NatsTransport.connect(broker.credentials("alpha")) as alpha:
        with pytest.raises(BusError, match=r"(?i)permissions violation"):
            async with alpha.subscribe(f"beta.{EPISODE}.>"):
                pytest.fail("entered")


async def test_a_failure_wakes_a_waiting_request(broker: NatsBus) -> None:
    async with NatsTransport.connect(broker.credentials("alpha")) as alpha:
        with anyio.fail_after(10), pytest.raises(BusError, match=r"(?i)permissions violation"):
            await alpha.request("cmd.somewhere.else", b"", deadline_s=600)


async def test_a_second_writer_of_a_stream_is_noticed(broker: NatsBus) -> None:
    async with NatsTransport.connect(broker.credentials("alpha")) as one:
        async with NatsTransport.connect(broker.credentials("alpha")) as two:
            await say(one, 1)
            await one.flush()
            await two.publish(THING, b"other", message_id="other-1")
            await two.flush()
            await say(one, 2)
            with pytest.raises(BusError, match="somebody else writes"):
                await one.flush()


async def test_a_reader_that_is_too_slow_fails_loudly(broker: NatsBus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "PENDING_MESSAGES", 10)
    async with (
        NatsTransport.connect(broker.credentials("beta")) as beta,
        beta.subscribe(ALL_ALPHA) as letters,
    ):
        monkeypatch.undo()
        async with NatsTransport.connect(broker.credentials("alpha")) as alpha:
            await say(alpha, *range(1, 100))
            await alpha.flush()
            with anyio.fail_after(10), pytest.raises(BusError, match="too slow"):
                await beta.failed()
            with pytest.raises(BusError, match="too slow"):
                async for _ in letters:
                    pass


async def test_a_wrong_password_and_an_absent_broker_are_named(broker: NatsBus) -> None:
    good = broker.credentials("alpha")
    with pytest.raises(BusError, match="user or password"):
        async with NatsTransport.connect(good.model_copy(update={"password": "wrong"})):
            pytest.fail("connected")
    await crash(broker)
    with pytest.raises(BusError, match="no broker at"):
        async with NatsTransport.connect(good, within_s=0.3):
            pytest.fail("connected")


async def test_a_message_over_the_limit_is_refused_and_the_next_is_not(broker: NatsBus) -> None:
    async with NatsTransport.connect(broker.credentials("alpha")) as alpha:
        with pytest.raises(BusError, match="at most"):
            await alpha.publish(THING, b"x" * 3_000_000, message_id="alpha-1")
        await say(alpha, 1)
        await alpha.flush()


async def test_a_broker_that_cannot_start_says_why(broker: NatsBus, tmp_path: Path) -> None:
    with pytest.raises(BusError, match="address already in use"):
        async with nats_server(broker.granted, broker.passwords, tmp_path / "other", port=broker.server.port):
            pytest.fail("started")


async def test_the_configuration_and_its_passwords_are_closed_to_others(broker: NatsBus) -> None:
    assert (broker.directory / "nats.conf").stat().st_mode & 0o077 == 0


_PARENT = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from made_up_world import nats_bus

async def main():
    async with nats_bus(Path(sys.argv[1])) as bus:
        print(bus.server.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills a child with its parent")
async def test_the_broker_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _PARENT, str(tmp_path / "broker"), str(Path(__file__).parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        assert select.select([child], [], [], 0)[0] == []  # it runs
        parent.send_signal(signal.SIGKILL)
        assert select.select([child], [], [], 10)[0] == [child]
        os.close(child)


async def test_a_confirmation_that_nobody_understands_fails_the_connection(broker: NatsBus) -> None:
    async with NatsTransport.connect(broker.credentials("alpha")) as alpha:
        await say(alpha, 1)
        await alpha.flush()
        await alpha._take_ack(Msg(alpha._link.client, subject=f"{alpha._ack_prefix}alpha.nonsense", data=b"{}"))
        with anyio.fail_after(30), pytest.raises(BusError, match="alpha: confirmations: "):
            await alpha.flush()
