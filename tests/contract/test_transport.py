"""What every transport promises (`bus/transport/protocol.py`), held against the in-memory twin and NATS."""

from collections.abc import AsyncIterator

import anyio
import anyio.lowlevel
import pytest
from made_up_world import EPISODE, Bus

from bus.transport.protocol import BusError, Call, Letter, Transport

pytestmark = pytest.mark.anyio

THING = f"alpha.{EPISODE}.thing.happened"
OTHER = f"alpha.{EPISODE}.other.happened"
NOTE = f"beta.{EPISODE}.note.made"
DOUBLE = f"cmd.{EPISODE}.beta.double"
ALL_ALPHA = f"alpha.{EPISODE}.>"
ALL_BETA = f"cmd.{EPISODE}.beta.>"


async def take(letters: AsyncIterator[Letter], count: int) -> list[bytes]:
    """The next messages; a transport that delivers too few fails the test by a cap in real time."""
    with anyio.fail_after(10):
        return [(await anext(letters)).data for _ in range(count)]


async def say(transport: Transport, *numbers: int, subject: str = THING) -> None:
    for number in numbers:
        await transport.publish(subject, b"%d" % number, message_id=f"alpha-{number}")


async def answer_doubled(calls: AsyncIterator[Call]) -> None:
    async for call in calls:
        await call.answer(call.data * 2)


async def test_events_arrive_in_the_order_they_were_published(bus: Bus) -> None:
    async with (
        bus.connect("alpha") as alpha,
        bus.connect("beta") as beta,
        beta.subscribe(ALL_ALPHA) as letters,
    ):
        await say(alpha, *range(1, 501))
        assert await take(letters, 500) == [b"%d" % number for number in range(1, 501)]


async def test_publishing_from_many_tasks_keeps_the_order_of_the_calls(bus: Bus) -> None:
    called: list[bytes] = []

    async def speak(transport: Transport, task: int) -> None:
        for number in range(100):
            data = b"%d.%d" % (task, number)
            called.append(data)
            await transport.publish(THING, data, message_id=data.decode())
            await anyio.lowlevel.checkpoint()

    async with (
        bus.connect("alpha") as alpha,
        bus.connect("beta") as beta,
        beta.subscribe(ALL_ALPHA) as letters,
    ):
        async with anyio.create_task_group() as tasks:
            for task in range(10):
                tasks.start_soon(speak, alpha, task)
        assert await take(letters, 1000) == called


async def test_flush_means_stored(bus: Bus) -> None:
    async with bus.connect("alpha") as alpha, bus.connect("beta") as beta:
        await say(alpha, *range(1, 3001))
        await alpha.flush()
        assert await beta.fetch("alpha", 3000) == Letter(THING, b"3000")


async def test_an_id_is_stored_and_delivered_once(bus: Bus) -> None:
    async with (
        bus.connect("alpha") as alpha,
        bus.connect("beta") as beta,
        beta.subscribe(ALL_ALPHA) as letters,
    ):
        await say(alpha, 1, 1, 2)
        await alpha.flush()
        await say(alpha, 1, 3)
        await alpha.flush()
        assert await take(letters, 3) == [b"1", b"2", b"3"]
        assert (await beta.fetch("alpha", 3)).data == b"3"
        with pytest.raises(BusError):
            await beta.fetch("alpha", 4)


async def test_an_id_is_taken_within_its_family_only(bus: Bus) -> None:
    async with bus.connect("alpha") as alpha, bus.connect("beta") as beta, bus.connect("watcher") as watcher:
        await beta.publish(NOTE, b"squatter", message_id="alpha-1")
        await beta.flush()
        await say(alpha, 1)
        await alpha.flush()
        assert (await watcher.fetch("alpha", 1)).data == b"1"


async def test_a_second_connection_of_a_role_goes_on_where_the_first_stopped(bus: Bus) -> None:
    async with bus.connect("alpha") as alpha:
        await say(alpha, 1, 2, 3)
        await alpha.flush()
    async with bus.connect("alpha") as alpha:
        await say(alpha, 2, 3, 4)
        await alpha.flush()
        assert (await alpha.fetch("alpha", 4)).data == b"4"


async def test_nothing_said_before_the_subscription_arrives(bus: Bus) -> None:
    async with bus.connect("alpha") as alpha, bus.connect("beta") as beta:
        await say(alpha, 1)
        await alpha.flush()
        async with beta.subscribe(ALL_ALPHA) as letters:
            await say(alpha, 2)
            assert await take(letters, 1) == [b"2"]
        assert (await beta.fetch("alpha", 1)).data == b"1"


async def test_every_subscriber_gets_every_event(bus: Bus) -> None:
    async with (
        bus.connect("alpha") as alpha,
        bus.connect("beta") as beta,
        bus.connect("watcher") as watcher,
        beta.subscribe(ALL_ALPHA) as first,
        beta.subscribe(ALL_ALPHA) as second,
        watcher.subscribe(ALL_ALPHA) as third,
    ):
        await say(alpha, 1, 2)
        assert [await take(letters, 2) for letters in (first, second, third)] == [[b"1", b"2"]] * 3


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (ALL_ALPHA, [b"1", b"2", b"3"]),
        (THING, [b"1", b"3"]),
        (f"alpha.{EPISODE}.*.happened", [b"1", b"2", b"3"]),
        (f"alpha.{EPISODE}.other.>", [b"2", b"9"]),
    ],
)
async def test_patterns_select_by_subject(bus: Bus, pattern: str, expected: list[bytes]) -> None:
    async with bus.connect("alpha") as alpha, bus.connect("beta") as beta, beta.subscribe(pattern) as letters:
        await say(alpha, 1)
        await say(alpha, 2, subject=OTHER)
        await say(alpha, 3)
        await say(alpha, 9, subject=OTHER)
        assert await take(letters, len(expected)) == expected


async def test_positions_count_per_family_from_one(bus: Bus) -> None:
    async with bus.connect("alpha") as alpha, bus.connect("beta") as beta, bus.connect("watcher") as watcher:
        await say(alpha, 1)
        await beta.publish(NOTE, b"note", message_id="beta-1")
        await say(alpha, 2, subject=OTHER)
        await alpha.flush()
        await beta.flush()
        assert await watcher.fetch("alpha", 2) == Letter(OTHER, b"2")
        assert await watcher.fetch("beta", 1) == Letter(NOTE, b"note")


@pytest.mark.parametrize("position", [0, -1, 2])
async def test_fetching_what_is_not_there_fails(bus: Bus, position: int) -> None:
    async with bus.connect("alpha") as alpha:
        await say(alpha, 1)
        await alpha.flush()
        with pytest.raises(BusError, match="alpha"):
            await alpha.fetch("alpha", position)


async def test_looking_tells_what_is_not_there_yet_from_what_is(bus: Bus) -> None:
    async with bus.connect("alpha") as alpha:
        await say(alpha, 1)
        await alpha.flush()
        assert (await alpha.look("alpha", 1)) == await alpha.fetch("alpha", 1)
        assert await alpha.look("alpha", 2) is None
        with pytest.raises(BusError, match="count from 1"):
            await alpha.look("alpha", 0)


@pytest.mark.parametrize("data", [b"", b"x" * 1_000_000], ids=["empty", "1 MB"])
async def test_any_size_travels_as_event_request_and_answer(bus: Bus, data: bytes) -> None:
    async with (
        bus.connect("alpha") as alpha,
        bus.connect("beta") as beta,
        beta.subscribe(ALL_ALPHA) as letters,
    ):
        await alpha.publish(THING, data, message_id="alpha-1")
        assert await take(letters, 1) == [data]
        assert (await beta.fetch("alpha", 1)).data == data
        async with beta.serve(ALL_BETA) as calls, anyio.create_task_group() as tasks:
            tasks.start_soon(answer_doubled, calls)
            assert await alpha.request(DOUBLE, data, deadline_s=10) == data * 2
            tasks.cancel_scope.cancel()


async def test_a_request_is_answered(bus: Bus) -> None:
    async with bus.connect("alpha") as alpha, bus.connect("beta") as beta, beta.serve(ALL_BETA) as calls:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(answer_doubled, calls)
            assert await alpha.request(DOUBLE, b"ab", deadline_s=10) == b"abab"
            tasks.cancel_scope.cancel()


async def test_a_request_waits_for_its_server_to_appear(bus: Bus) -> None:
    answers: list[bytes] = []

    async def ask(transport: Transport) -> None:
        answers.append(await transport.request(DOUBLE, b"ab", deadline_s=10))

    async with (
        bus.connect("alpha") as alpha,
        bus.connect("beta") as beta,
        anyio.create_task_group() as asking,
    ):
        asking.start_soon(ask, alpha)
        await anyio.wait_all_tasks_blocked()
        async with beta.serve(ALL_BETA) as calls:
            call = await anext(calls)
            assert (call.subject, call.data) == (DOUBLE, b"ab")
            await call.answer(b"late")
    assert answers == [b"late"]


async def test_a_request_without_a_server_fails_at_its_deadline(bus: Bus) -> None:
    async with bus.connect("alpha") as alpha:
        with pytest.raises(BusError, match="no answer"):
            await alpha.request(DOUBLE, b"ab", deadline_s=0.05)


async def test_an_answer_after_the_deadline_harms_nobody(bus: Bus) -> None:
    async with bus.connect("alpha") as alpha, bus.connect("beta") as beta, beta.serve(ALL_BETA) as calls:
        with pytest.raises(BusError, match="no answer"):
            await alpha.request(DOUBLE, b"first", deadline_s=0.05)
        late = await anext(calls)
        await late.answer(b"too late")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(answer_doubled, calls)
            assert await alpha.request(DOUBLE, b"b", deadline_s=10) == b"bb"
            tasks.cancel_scope.cancel()


async def test_of_two_servers_one_answers_and_the_other_takes_over(bus: Bus) -> None:
    async with bus.connect("alpha") as alpha, bus.connect("beta") as one, bus.connect("beta") as two:
        carried_out = 0

        async def work(calls: AsyncIterator[Call]) -> None:
            nonlocal carried_out
            async for call in calls:
                carried_out += 1
                await call.answer(b"done")

        async with one.serve(ALL_BETA) as first, anyio.create_task_group() as tasks:
            tasks.start_soon(work, first)
            async with two.serve(ALL_BETA) as second, anyio.create_task_group() as inner:
                inner.start_soon(work, second)
                for _ in range(20):
                    await alpha.request(DOUBLE, b"", deadline_s=10)
                inner.cancel_scope.cancel()
            await alpha.request(DOUBLE, b"", deadline_s=10)
            tasks.cancel_scope.cancel()
        assert carried_out == 21


async def test_a_rejected_message_goes_to_the_dead_letters_of_its_role(bus: Bus) -> None:
    async with bus.connect("beta") as beta, bus.connect("watcher") as watcher:
        async with watcher.subscribe("dead.*") as letters:
            await beta.reject(Letter(THING, b"\xffgarbage"), "not JSON\r\nat all")
            with anyio.fail_after(10):
                assert await anext(letters) == Letter("dead.beta", b"\xffgarbage")
