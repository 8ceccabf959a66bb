"""Every forbidden verb is tried against the real broker, for made-up services and for the real cast.

The oracle is written from the rules (an owner says its own events, an asker its own commands, and so on), not from the
generated permissions; and every sweep also tries what is allowed, so a broker that denied everything would fail too.
"""

import json
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import anyio
import nats
import pytest
from nats.aio.client import Client
from nats.errors import NoRespondersError
from nats.js.errors import NotFoundError

from bus.context import Context
from bus.credentials import Credentials, credentials
from bus.ids import EpisodeId
from bus.messages.base import Command, Done, Event
from bus.messages.cloud import ReadMailbox
from bus.permissions import Grants, grants
from bus.server import nats_server
from bus.service import Service
from bus.subjects import command_subject, matches
from bus.transport.nats import NatsTransport
from bus.transport.protocol import BusError
from bus.transport.streams import create_streams
from bus.world import World, WorldFile

pytestmark = pytest.mark.anyio

EPISODE = EpisodeId("e_integritytst")


class Ticked(Event):
    type: Literal["clock.tick/1"] = "clock.tick/1"


class Planned(Event):
    type: Literal["hidden.plan.made/1"] = "hidden.plan.made/1"


class Charged(Event):
    type: Literal["billing.entry.posted/1"] = "billing.entry.posted/1"


class Entry(Event):
    type: Literal["reward.entry/1"] = "reward.entry/1"


class Charge(Command[Done]):
    type: Literal["billing.charge/1"] = "billing.charge/1"


class CallTool(Command[Done]):
    type: Literal["gateway.call/1"] = "gateway.call/1"


class AskWorld(Command[Done]):
    type: Literal["world.ready/1"] = "world.ready/1"


class TellWorld(Command[Done]):
    type: Literal["world.done/1"] = "world.done/1"


async def _nothing(ctx: Context, *, task_status: Any = None) -> None:
    """These services only declare; the tests speak for them."""


MADE_UP = (
    Service("world", _nothing, publishes=(Ticked, Planned), serves=(AskWorld, TellWorld), participant=False),
    Service("users", _nothing, subscribes=("hidden",), asks=(Charge,)),
    Service("billing", _nothing, publishes=(Charged,), serves=(Charge,)),
    Service("scorer", _nothing, publishes=(Entry,), subscribes=("billing",)),
    Service("gateway", _nothing, subscribes=("billing",), serves=(CallTool,), asks=(Charge,)),
    Service("recorder", _nothing, subscribes=("billing", "reward", "dead")),
    Service("operator", _nothing, asks=(CallTool,), account="OPERATOR", participant=False),
    Service("trainer", _nothing, subscribes=("reward",), account="TRAIN", participant=False),
    Service("viewer", _nothing, subscribes=("clock", "billing", "reward"), account="VIEW", participant=False),
)
ENTRY, SAY_ENTRY = f"reward.{EPISODE}.entry", f"say.reward.{EPISODE}.entry"
CHARGE, CALL = f"cmd.{EPISODE}.billing.charge", f"cmd.{EPISODE}.gateway.call"


@dataclass
class Raw:
    """A plain nats-py client that notes what the broker refuses."""

    client: Client
    refusals: list[str] = field(default_factory=list[str])

    async def settle(self) -> None:
        """Two round trips: nats-py writes its ping past the commands that it still holds."""
        await self.client.flush()
        await self.client.flush()

    async def refused(self) -> set[str]:
        """Subjects refused since the last call (nats-py tells them in lower case), as of everything sent so far."""
        await self.settle()
        subjects = {match[1] for text in self.refusals if (match := re.search(r'"([^"]+)"', text))}
        self.refusals.clear()
        return subjects


@dataclass
class Broker:
    granted: Grants
    keys: dict[str, Credentials]

    @asynccontextmanager
    async def raw(self, role: str, **changed: Any) -> AsyncGenerator[Raw]:
        key = self.keys[role]
        refusals: list[str] = []

        async def note(error: Exception) -> None:
            refusals.append(str(error))

        options = {"user": key.user, "password": key.password, "inbox_prefix": key.inbox_prefix} | changed
        client = Client()
        try:
            await client.connect(key.url, error_cb=note, allow_reconnect=False, **options)
            yield Raw(client, refusals)
        finally:
            await client.close()

    async def stored(self, family: str) -> list[bytes]:
        """What a family's stream holds."""
        async with self.raw("admin") as admin:
            answer = await admin.client.request(f"$JS.API.STREAM.INFO.{family.upper()}", timeout=10)
        owner = "scorer" if family == "reward" else "billing"
        async with NatsTransport.connect(self.keys[owner]) as reader:
            count = json.loads(answer.data)["state"]["messages"]
            return [(await reader.fetch(family, seq)).data for seq in range(1, count + 1)]


@asynccontextmanager
async def world_of(services: Sequence[Service], episode: EpisodeId, directory: Path) -> AsyncGenerator[Broker]:
    granted = grants(services, episode)
    passwords = {role.name: f"password of {role.name}" for role in granted.roles}
    async with nats_server(granted, passwords, directory) as server:
        keys = credentials(granted, passwords, server.url)
        await create_streams(keys["admin"], granted)
        yield Broker(granted, keys)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncGenerator[Broker]:
    async with world_of(MADE_UP, EPISODE, tmp_path) as made:
        yield made


def real_cast(root: Path) -> tuple[Service, ...]:
    """Everybody who plays in a world of this project."""
    try:
        from concern.cast import everybody
        from services.world.loading import load_scenario

        scenario = load_scenario("short")
        file = WorldFile(episode=EPISODE, seed=1, scenario=scenario, operator="noop", isolation="full", planted=())
        return everybody(World(file, root))
    except ImportError as missing:
        pytest.skip(f"the cast is not complete yet: {missing}")


# -- the oracle: who may do what, from the rules


def universe_of_publishing(services: Sequence[Service], episode: EpisodeId) -> set[str]:
    """Everything that somebody might try to say."""
    subjects = {"reward", f"_R_.{episode}.x", "$SYS.REQ.SERVER.PING", "say.>", "dead", f"cmd.{episode}.gateway"}
    for service in services:
        subjects |= {f"_INBOX.{service.name}", f"_INBOX_{service.name}.forged.1", f"dead.{service.name}"}
        subjects |= {said_on(event, episode) for event in service.publishes}
        subjects |= {said_on(event, episode).removeprefix("say.") for event in service.publishes}
        subjects |= {asked_on(command, episode) for command in (*service.serves, *service.asks)}
        for stream in (family.upper() for family in service.families):
            subjects |= {f"$JS.API.{verb}.{stream}" for verb in STREAM_VERBS}
            subjects |= {f"$JS.API.{verb}.{stream}.mine" for verb in CONSUMER_VERBS}
            subjects |= {f"$JS.ACK.{stream}.mine.1.1.1.1.1", f"$JS.FC.{stream}.mine.x"}
    return subjects | {"$JS.API.INFO", "$JS.API.STREAM.LIST", "$JS.API.STREAM.NAMES"}


STREAM_VERBS = (
    "STREAM.CREATE", "STREAM.UPDATE", "STREAM.INFO", "STREAM.DELETE", "STREAM.PURGE", "STREAM.MSG.GET",
    "STREAM.MSG.DELETE", "STREAM.SNAPSHOT", "STREAM.RESTORE", "DIRECT.GET", "CONSUMER.CREATE", "CONSUMER.LIST",
)  # fmt: skip
CONSUMER_VERBS = ("CONSUMER.CREATE", "CONSUMER.DURABLE.CREATE", "CONSUMER.MSG.NEXT", "CONSUMER.DELETE")


def said_on(event: type[Event], episode: EpisodeId) -> str:
    family, rest = event.type_name().split("/")[0].split(".", 1)
    return f"say.{family}.{episode}.{rest}"


def asked_on(command: type[Command[Any]], episode: EpisodeId) -> str:
    return f"cmd.{episode}.{command.type_name().split('/')[0]}"


def may_publish(service: Service, subject: str, episode: EpisodeId) -> bool:
    said = {said_on(event, episode) for event in service.publishes}
    asked = {asked_on(command, episode) for command in service.asks}
    read = {*service.subscribes, *service.families}
    if service.participant:
        asked |= {f"cmd.{episode}.world.ready", f"cmd.{episode}.world.done"}
        read.add("clock")
    dead = {f"dead.{service.name}"} if service.account == "SIM" else set()
    return subject in said | asked | dead | {f"$JS.API.DIRECT.GET.{family.upper()}" for family in read}


def universe_of_listening(services: Sequence[Service], episode: EpisodeId) -> set[str]:
    """Everything that somebody might try to overhear."""
    patterns = {">", "*", "*.>", "say.>", "cmd.>", f"cmd.{episode}.>", "_INBOX.>", "_R_.>", "$JS.>", "$JS.API.>"}
    patterns |= {"$SYS.>", "dead.>", "dead.*", f"*.{episode}.>", "$JS.ACK.>"}
    for service in services:
        patterns |= {f"_INBOX_{service.name}.>", f"cmd.{episode}.{service.name}.>", f"dead.{service.name}"}
        for family in service.families:
            patterns |= {f"{family}.{episode}.>", f"{family}.>", f"say.{family}.>"}
    return patterns


def may_listen(service: Service, pattern: str, episode: EpisodeId) -> bool:
    hears = {*service.subscribes} | ({"clock"} if service.participant else set())
    allowed = {f"_INBOX_{service.name}.>"} | {f"{family}.{episode}.>" for family in hears}
    if service.account != "SIM":
        allowed |= {f"{family}.>" for family in hears}
    if service.serves:
        allowed.add(f"cmd.{episode}.{service.name}.>")
    return pattern in allowed or ("dead" in hears and pattern.startswith("dead."))


def lower(subjects: set[str]) -> set[str]:
    return {subject.lower() for subject in subjects}


async def sweep(services: Sequence[Service], episode: EpisodeId, directory: Path) -> None:
    said, heard = universe_of_publishing(services, episode), universe_of_listening(services, episode)
    async with world_of(services, episode, directory) as broker:
        for service in services:
            async with broker.raw(service.name) as raw:
                for subject in sorted(said):
                    await raw.client.publish(subject, b"{}")
                expected = {subject for subject in said if not may_publish(service, subject, episode)}
                assert await raw.refused() == lower(expected), f"{service.name} publishes"
                for pattern in sorted(heard):
                    await raw.client.subscribe(pattern)
                expected = {pattern for pattern in heard if not may_listen(service, pattern, episode)}
                assert await raw.refused() == lower(expected), f"{service.name} subscribes"
                for pattern in sorted(expected):
                    await raw.client.subscribe(pattern, queue="servers")
                assert await raw.refused() == lower(expected), f"{service.name} subscribes in a group"


async def test_the_made_up_services_can_do_what_they_declare_and_nothing_else(tmp_path: Path) -> None:
    await sweep(MADE_UP, EPISODE, tmp_path)


async def test_the_real_services_can_do_what_they_declare_and_nothing_else(tmp_path: Path) -> None:
    await sweep(real_cast(tmp_path), EPISODE, tmp_path / "broker")


def test_only_those_who_play_people_read_their_mailboxes(tmp_path: Path) -> None:
    granted = grants(real_cast(tmp_path), EPISODE)
    subject = command_subject(EPISODE, ReadMailbox)
    askers = [role for role in granted.roles if any(matches(pattern, subject) for pattern in role.publish)]
    assert [(role.name, role.account) for role in askers] == [("users", "SIM")]


async def test_the_admin_can_create_streams_and_do_nothing_else(broker: Broker) -> None:
    async with broker.raw("admin") as admin:
        allowed = {f"$JS.API.STREAM.{verb}.{name}" for verb in ("CREATE", "INFO") for name in STREAMS}
        said = universe_of_publishing(MADE_UP, EPISODE)
        for subject in sorted(said):
            await admin.client.publish(subject, b"{}")
        assert await admin.refused() == lower(said - allowed)


STREAMS = ("CLOCK", "HIDDEN", "BILLING", "REWARD")


async def test_nobody_connects_without_the_right_password(broker: Broker) -> None:
    for changed in ({"password": "guess"}, {"user": None, "password": None}, {"user": "root"}):
        with pytest.raises(nats.errors.Error, match=r"(?i)authorization violation"):
            async with broker.raw("trainer", **changed):
                pytest.fail(f"connected with {changed}")


# -- tricks that only use what is allowed


async def answered_by_gateway(broker: Broker, ask: Callable[[Client], Any]) -> None:
    """Run the operator's trick while the gateway answers one call, and a SIM role listens for a forgery."""
    async with (
        broker.raw("operator") as operator,
        broker.raw("recorder") as recorder,
        NatsTransport.connect(broker.keys["gateway"]) as gateway,
        NatsTransport.connect(broker.keys["billing"]) as billing,
        gateway.serve(f"cmd.{EPISODE}.gateway.>") as calls,
        billing.serve(f"cmd.{EPISODE}.billing.>") as charges,
        anyio.create_task_group() as tasks,
    ):
        overheard = await recorder.client.subscribe(f"reward.{EPISODE}.>")
        await recorder.settle()
        tasks.start_soon(never, charges)
        tasks.start_soon(ask, operator.client)
        call = await anext(calls)
        await call.answer(b"forged")
        await operator.settle()
        await recorder.settle()
        assert overheard.pending_msgs == 0
        assert await operator.refused() == set()
        tasks.cancel_scope.cancel()
    assert await broker.stored("reward") == []
    assert await broker.stored("billing") == []


async def never(calls: Any) -> None:
    async for call in calls:
        pytest.fail(f"a forged command arrived: {call.subject} {call.data!r}")


@pytest.mark.parametrize(
    "reply",
    [SAY_ENTRY, ENTRY, CHARGE, f"say.billing.{EPISODE}.entry.posted", "_INBOX_scorer.x", "$JS.API.STREAM.PURGE.REWARD"],
)
async def test_a_reply_subject_named_by_the_operator_reaches_nothing(broker: Broker, reply: str) -> None:
    async def trick(operator: Client) -> None:
        await operator.publish(CALL, b"hello", reply=reply)

    await answered_by_gateway(broker, trick)


async def test_the_operator_gets_its_answers(broker: Broker) -> None:
    """The control of the trick above: an honest request is answered, so the gateway did answer there too."""
    answers: list[bytes] = []

    async def ask(operator: Client) -> None:
        answers.append((await operator.request(CALL, b"hello", timeout=10)).data)

    with anyio.fail_after(20):
        await answered_by_gateway(broker, ask)
        assert answers == [b"forged"]


async def test_the_operator_waits_for_a_gateway_that_is_not_there_yet(broker: Broker) -> None:
    """The broker tells nobody that a subject of another account is not served: the transport finds out by itself."""
    answers: list[bytes] = []

    async def ask(operator: NatsTransport) -> None:
        answers.append(await operator.request(CALL, b"hello", deadline_s=60))

    async with (
        NatsTransport.connect(broker.keys["operator"]) as operator,
        NatsTransport.connect(broker.keys["gateway"]) as gateway,
    ):
        with pytest.raises(BusError, match="no answer"):
            await operator.request(CALL, b"nobody", deadline_s=0.05)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, operator)
            await anyio.wait_all_tasks_blocked()
            async with gateway.serve(f"cmd.{EPISODE}.gateway.>") as calls:
                with anyio.fail_after(10):
                    call = await anext(calls)
                    assert call.data == b"hello"
                    await call.answer(b"late")
    assert answers == [b"late"]


@pytest.mark.parametrize("reader", ["trainer", "viewer"])
async def test_a_reader_cannot_make_the_broker_write_for_it(broker: Broker, reader: str) -> None:
    """Reading with a forged reply subject: the stored event falls back into the reader's own account."""
    async with NatsTransport.connect(broker.keys["scorer"]) as scorer:
        await scorer.publish(ENTRY, b"true", message_id="scorer-1")
        await scorer.flush()
    async with broker.raw(reader) as raw, broker.raw("recorder") as recorder:
        overheard = await recorder.client.subscribe(f"reward.{EPISODE}.>")
        await recorder.settle()
        for reply in (SAY_ENTRY, ENTRY, CHARGE):
            await raw.client.publish("$JS.API.DIRECT.GET.REWARD", b'{"seq":1}', reply=reply)
        answer = await raw.client.request("$JS.API.DIRECT.GET.REWARD", b'{"seq":1}', timeout=10)
        assert answer.data == b"true"
        await recorder.settle()
        assert overheard.pending_msgs == 0
    assert await broker.stored("reward") == [b"true"]


async def test_a_squatted_message_id_drops_nobody_elses_event(broker: Broker) -> None:
    async with NatsTransport.connect(broker.keys["billing"]) as billing:
        await billing.publish(f"billing.{EPISODE}.entry.posted", b"squatter", message_id="scorer-1")
        await billing.flush()
    async with NatsTransport.connect(broker.keys["scorer"]) as scorer:
        await scorer.publish(ENTRY, b"true", message_id="scorer-1")
        await scorer.publish(ENTRY, b"dropped", message_id="scorer-1")
        await scorer.flush()
    assert await broker.stored("reward") == [b"true"]


async def test_an_answer_needs_a_request_and_is_let_through_once(broker: Broker) -> None:
    async with broker.raw("users") as users, broker.raw("billing") as billing:
        calls = await billing.client.subscribe(f"cmd.{EPISODE}.billing.>")
        inbox = await users.client.subscribe("_INBOX_users.mine")
        await billing.settle()
        await billing.client.publish("_INBOX_users.mine", b"unasked")
        assert await billing.refused() == {"_inbox_users.mine"}
        await users.client.publish(CHARGE, b"", reply="_INBOX_users.mine")
        request = await calls.next_msg(timeout=10)
        await request.respond(b"asked")
        assert await billing.refused() == set()
        await request.respond(b"again")
        assert await billing.refused() == {"_inbox_users.mine"}
        assert (await inbox.next_msg(timeout=10)).data == b"asked"
        await users.settle()
        assert inbox.pending_msgs == 0


async def test_a_command_is_not_carried_out_for_a_role_that_may_not_ask_it(broker: Broker) -> None:
    async with NatsTransport.connect(broker.keys["scorer"]) as scorer:
        with anyio.fail_after(10), pytest.raises(BusError, match=r"(?i)permissions violation"):
            await scorer.request(CHARGE, b"", deadline_s=60)
    async with broker.raw("users") as users:
        with pytest.raises(NoRespondersError):  # allowed, and only nobody is there
            await users.client.request(CHARGE, b"", timeout=10)


# -- readers outside


async def trainer_of_fifteen_lines(key: Credentials, enough: int) -> list[bytes]:
    """What a trainer writes with nats-py alone: live, late or after an outage, every reward once and in order."""
    client = await nats.connect(key.url, user=key.user, password=key.password, inbox_prefix=key.inbox_prefix)
    stream, rewards = client.jetstream(), list[bytes]()
    news = await client.subscribe("reward.>")
    await client.flush()
    while len(rewards) < enough:
        try:
            rewards.append((await stream.get_msg("REWARD", len(rewards) + 1, direct=True)).data or b"")
        except NotFoundError:
            await news.next_msg(timeout=None)
    await client.close()
    return rewards


async def test_a_late_trainer_replays_from_the_start_and_goes_on_live(broker: Broker) -> None:
    async def say(scorer: NatsTransport, first: int, last: int) -> None:
        for number in range(first, last + 1):
            await scorer.publish(ENTRY, b"%d" % number, message_id=f"scorer-{number}")
        await scorer.flush()

    heard: list[list[bytes]] = []

    async def train() -> None:
        heard.append(await trainer_of_fifteen_lines(broker.keys["trainer"], 200))

    async with NatsTransport.connect(broker.keys["scorer"]) as scorer:
        await say(scorer, 1, 100)
        with anyio.fail_after(30):
            async with anyio.create_task_group() as trainers:
                trainers.start_soon(train)
                trainers.start_soon(train)
                await say(scorer, 101, 200)
    assert heard == [[b"%d" % number for number in range(1, 201)]] * 2


async def test_readers_use_our_own_transport_too(broker: Broker) -> None:
    async with (
        NatsTransport.connect(broker.keys["scorer"]) as scorer,
        NatsTransport.connect(broker.keys["viewer"]) as viewer,
        viewer.subscribe(f"reward.{EPISODE}.>") as letters,
    ):
        await scorer.publish(ENTRY, b"true", message_id="scorer-1")
        with anyio.fail_after(10):
            assert (await anext(letters)).data == b"true"
        assert (await viewer.fetch("reward", 1)).data == b"true"


async def test_a_batch_read_brings_many_rewards_at_once(broker: Broker) -> None:
    async with NatsTransport.connect(broker.keys["scorer"]) as scorer:
        for number in range(1, 51):
            await scorer.publish(ENTRY, b"%d" % number, message_id=f"scorer-{number}")
        await scorer.flush()
    async with broker.raw("trainer") as trainer:
        answers = await trainer.client.subscribe("_INBOX_trainer.batch")
        await trainer.client.publish("$JS.API.DIRECT.GET.REWARD", b'{"seq":1,"batch":50}', reply="_INBOX_trainer.batch")
        got = [(await answers.next_msg(timeout=10)).data for _ in range(50)]
    assert got == [b"%d" % number for number in range(1, 51)]
