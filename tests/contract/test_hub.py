"""Worlds' brokers as leaves of a hub: trainers there hear all rewards, read by position, lose nothing, and can do no more."""

import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import nats
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from made_up_world import NatsBus
from nats.aio.client import Client
from nats.errors import Error as NatsError
from test_trainer_example import SERVICES, draft

from bus.codec import encode_event
from bus.hub import Hub, Secrets, hub_server
from bus.ids import EpisodeId
from bus.messages.base import Delivered
from bus.permissions import grants
from bus.server import Leaf, nats_server
from bus.subjects import reward_position_subject
from bus.transport.nats import NatsTransport
from bus.transport.protocol import BusError
from bus.transport.streams import create_streams
from services.scorer.chain import Chain

pytestmark = pytest.mark.anyio
SECRETS = Secrets(trainer="trainers' secret", leaf="leaves")
EPISODES = tuple(EpisodeId(f"e_aaaaaaaaaaa{last}") for last in "bcd")


@asynccontextmanager
async def world(folder: Path, episode: EpisodeId, hub: Hub) -> AsyncGenerator[NatsBus]:
    granted = grants(SERVICES, episode)
    passwords = {role.name: f"password of {role.name}" for role in granted.roles}
    async with nats_server(granted, passwords, folder, leaf=hub.leaf) as server:
        bus = NatsBus(granted, passwords, folder, server)
        await create_streams(bus.credentials("admin"), granted)
        yield bus


@dataclass
class Trainer:
    client: Client

    async def look(self, episode: EpisodeId, position: int) -> dict[str, object]:
        """Ask until the world has joined; the stream itself says what is not there."""
        with anyio.fail_after(20):
            while True:
                try:
                    asked = json.dumps({"seq": position}).encode()
                    return json.loads(
                        (await self.client.request(reward_position_subject(episode), asked, timeout=0.5)).data
                    )
                except NatsError:
                    continue


@asynccontextmanager
async def trainer(hub: Hub) -> AsyncGenerator[Trainer]:
    key = hub.trainer
    client = await nats.connect(
        key.url, user=key.user, password=key.password, inbox_prefix=key.inbox_prefix, reconnect_time_wait=0.1,
        max_reconnect_attempts=-1, error_cb=_ignore,
    )  # fmt: skip
    try:
        yield Trainer(client)
    finally:
        await client.close()


async def _ignore(_: Exception) -> None:
    """Refusals are looked at by what does not arrive."""


async def say_in(bus: NatsBus, episode: EpisodeId, said: list[Delivered]) -> None:
    async with bus.connect("scorer") as transport:
        for each in said:
            await transport.publish(
                f"reward.{episode}.entry",
                encode_event(each.envelope, each.event),
                message_id=f"{episode}:{each.envelope.seq}",
            )
        await transport.flush()


async def test_all_worlds_are_heard_and_read_at_the_hub(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(hub_server(SECRETS, tmp_path / "hub"))
        at_hub = await stack.enter_async_context(trainer(hub))
        heard = await at_hub.client.subscribe("reward.>")
        for episode in EPISODES:
            bus = await stack.enter_async_context(world(tmp_path / episode, episode, hub))
            chain = Chain(Ed25519PrivateKey.generate(), episode, "full")
            await say_in(bus, episode, [chain.started(0)])
            assert (await at_hub.look(episode, 1))["episode"] == episode  # it has joined
            await say_in(bus, episode, [chain.entry(draft(1))])
            with anyio.fail_after(20):
                while json.loads((await heard.next_msg(timeout=20)).data)["seq"] != 2:
                    pass
            assert (await at_hub.look(episode, 2))["type"] == "reward.entry/1"


async def test_nothing_is_lost_when_the_hub_is_restarted(tmp_path: Path) -> None:
    episode = EPISODES[0]
    chain = Chain(Ed25519PrivateKey.generate(), episode, "full")
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(AsyncExitStack())
        hub = await first.enter_async_context(hub_server(SECRETS, tmp_path / "hub"))
        bus = await stack.enter_async_context(world(tmp_path / "world", episode, hub))
        at_hub = await stack.enter_async_context(trainer(hub))
        await say_in(bus, episode, [chain.started(0), chain.entry(draft(1))])
        assert (await at_hub.look(episode, 2))["seq"] == 2
        await first.aclose()
        await say_in(bus, episode, [chain.entry(draft(number)) for number in range(2, 50)])  # while nobody can hear it
        ports = {"port": hub.server.port, "leaf_port": hub.leaf_port}
        await stack.enter_async_context(hub_server(SECRETS, tmp_path / "hub", **ports))
        assert [(await at_hub.look(episode, position))["seq"] for position in range(1, 51)] == list(range(1, 51))


@pytest.mark.parametrize(
    "subject", ["reward.e_aaaaaaaaaaab.entry", "say.reward.e_aaaaaaaaaaab.entry", "cmd.x", "$JS.API.INFO"]
)
async def test_a_trainer_at_the_hub_says_nothing(tmp_path: Path, subject: str) -> None:
    async with hub_server(SECRETS, tmp_path / "hub") as hub, world(tmp_path / "world", EPISODES[0], hub) as bus:
        chain = Chain(Ed25519PrivateKey.generate(), EPISODES[0], "full")
        await say_in(bus, EPISODES[0], [chain.started(0)])
        async with trainer(hub) as at_hub, bus.connect("trainer") as inside:
            await at_hub.look(EPISODES[0], 1)
            await at_hub.client.publish(subject, b"{}")
            with anyio.fail_after(10):
                while at_hub.client.last_error is None:  # the client hears of it in a task of its own
                    await at_hub.client.flush()
            assert "permissions violation" in str(at_hub.client.last_error).lower()
            assert await inside.look("reward", 2) is None


async def test_a_wrong_password_opens_no_hub(tmp_path: Path) -> None:
    async with hub_server(SECRETS, tmp_path / "hub") as hub:
        key = hub.trainer.model_copy(update={"password": "guess"})
        with pytest.raises(BusError, match="refused user or password"):
            async with NatsTransport.connect(key):
                pass


def test_a_leaf_is_printed_without_its_password() -> None:
    assert "secret" not in repr(Leaf("nats-leaf://leaf:secret@127.0.0.1:1"))
