"""The reward of many worlds at one hub: lag to its subscribers, and that a restarted hub has lost nothing.

    python -m benchmarks.hub

Eight worlds' brokers are leaves of a hub. Their scorers say 1,000 signed entries a second together, through JetStream as
always; five trainers at the hub hear all of them. In the middle of a second run the hub is restarted.
"""

import json
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import nats
import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nats.aio.client import Client
from nats.errors import Error as NatsError

from benchmarks.rows import Row, tell
from bus.codec import encode_event
from bus.credentials import credentials
from bus.hub import Hub, Secrets, hub_server
from bus.ids import EpisodeId, new_episode_id
from bus.messages.billing import EntryPosted, Line
from bus.messages.reward import Cause
from bus.money import Micros
from bus.permissions import grants
from bus.server import nats_server
from bus.simtime import SimTime
from bus.subjects import reward_position_subject
from bus.transport.nats import NatsTransport
from bus.transport.streams import create_streams
from services.scorer.chain import Chain
from services.scorer.model import Draft, effect
from services.scorer.service import service as scorer

WORLDS, TRAINERS, RATE, SECONDS = 8, 5, 1000, 10
P99_MS = 50.0
DRAIN_S = 2.0


@dataclass
class Told:
    """When each message was said, and how long it took to each trainer."""

    said: dict[tuple[str, int], float] = field(default_factory=dict[tuple[str, int], float])
    heard: list[set[tuple[str, int]]] = field(default_factory=lambda: [set() for _ in range(TRAINERS)])
    lags: list[float] = field(default_factory=list[float])


@dataclass
class World:
    episode: EpisodeId
    transport: NatsTransport
    chain: Chain


@asynccontextmanager
async def world(folder: Path, hub: Hub) -> AsyncGenerator[World]:
    episode = new_episode_id()
    granted = grants((scorer,), episode)
    passwords = {role.name: secrets.token_hex(8) for role in granted.roles}
    async with nats_server(granted, passwords, folder / episode, leaf=hub.leaf) as server:
        keys = credentials(granted, passwords, server.url)
        await create_streams(keys["admin"], granted)
        async with NatsTransport.connect(keys["scorer"]) as transport:
            yield World(episode, transport, Chain(Ed25519PrivateKey.generate(), episode, "full"))


async def say(each: World, number: int, told: Told) -> None:
    lines = (Line(account="cost:hosting", amount=Micros(7)), Line(account="asset:cash", amount=Micros(-7)))
    entry = EntryPosted(
        entry=f"en_{number}", tick=0, at=SimTime(number), kind="hosting", lines=lines, actor="cloud", memo=""
    )
    draft = Draft(entry, effect(entry), Cause(actor="cloud", kind="hosting"), f"billing-{number}")
    sealed = each.chain.entry(draft) if number else each.chain.started(0)
    seq = sealed.envelope.seq
    told.said[each.episode, seq] = time.perf_counter()
    data = encode_event(sealed.envelope, sealed.event)
    await each.transport.publish(f"reward.{each.episode}.entry", data, message_id=f"{each.episode}:{seq}")


async def connect(hub: Hub) -> Client:
    key = hub.trainer

    async def quiet(_: Exception) -> None:
        """A hub that is away is what this is about."""

    return await nats.connect(
        key.url, user=key.user, password=key.password, inbox_prefix=key.inbox_prefix, reconnect_time_wait=0.1,
        max_reconnect_attempts=-1, error_cb=quiet,
    )  # fmt: skip


async def hear(client: Client, number: int, told: Told) -> None:
    subscription = await client.subscribe("reward.>", pending_msgs_limit=1_000_000)
    async for message in subscription.messages:
        fields = json.loads(message.data)
        key = (fields["episode"], fields["seq"])
        told.heard[number].add(key)
        told.lags.append(time.perf_counter() - told.said[key])


async def measure(*, restart: bool) -> tuple[Told, int, int]:
    """One run: what was told and heard, how many were missed live, and how many of those could not be read again."""
    told, passwords = Told(), Secrets(secrets.token_hex(8), secrets.token_hex(8))
    with tempfile.TemporaryDirectory(prefix="bench-hub-") as name:
        folder = Path(name)
        async with AsyncExitStack() as stack, anyio.create_task_group() as tasks:
            first = await stack.enter_async_context(AsyncExitStack())
            hub = await first.enter_async_context(hub_server(passwords, folder / "hub"))
            worlds = [await stack.enter_async_context(world(folder, hub)) for _ in range(WORLDS)]
            clients = [await connect(hub) for _ in range(TRAINERS)]
            for each in worlds:
                await say(each, 0, told)
                await each.transport.flush()
                await read_again(clients[0], each.episode, 1)  # it has joined
            told.said.clear()
            for number, client in enumerate(clients):
                tasks.start_soon(hear, client, number, told)
            await anyio.sleep(0.5)
            if restart:
                tasks.start_soon(pace, worlds, told, SECONDS)
                await anyio.sleep(SECONDS / 3)
                await first.aclose()
                await anyio.sleep(0.5)
                ports = {"port": hub.server.port, "leaf_port": hub.leaf_port}
                await stack.enter_async_context(hub_server(passwords, folder / "hub", **ports))
                await anyio.sleep(SECONDS * 2 / 3)
            else:
                await pace(worlds, told, SECONDS)
            await anyio.sleep(DRAIN_S)
            missed = [key for key in told.said if key not in told.heard[0]]
            lost = [key for key in missed if not await read_again(clients[0], EpisodeId(key[0]), key[1])]
            for client in clients:
                await client.close()
            tasks.cancel_scope.cancel()
    return told, len(missed), len(lost)


async def pace(worlds: list[World], told: Told, seconds: float) -> None:
    """Entries at an even rate, from every world in turn, after the first message of each."""
    began, number = time.perf_counter(), WORLDS
    while (elapsed := time.perf_counter() - began) < seconds:
        while number - WORLDS < elapsed * RATE:
            await say(worlds[number % WORLDS], number // WORLDS, told)
            number += 1
        await anyio.sleep(0.002)


async def read_again(client: Client, episode: EpisodeId, position: int) -> bool:
    """Whether a message can be read by its position, within some seconds."""
    asked = json.dumps({"seq": position}).encode()
    for _ in range(40):
        try:
            answer = await client.request(reward_position_subject(episode), asked, timeout=0.5)
        except NatsError:
            continue
        return json.loads(answer.data)["seq"] == position
    return False


async def main() -> int:
    """Both runs, as a table; 0 if the bounds are met."""
    told, missed, lost = await measure(restart=False)
    lags = sorted(told.lags)
    p50, p99 = (1000 * lags[int(share * (len(lags) - 1))] for share in (0.5, 0.99))
    again, missed_live, lost_then = await measure(restart=True)
    return tell(
        "hub",
        [
            Row(f"ms of lag at {TRAINERS} trainers at the hub, 99th of 100", p99, high=P99_MS),
            Row("  median", p50),
            Row("  entries a second of all worlds", len(told.said) / SECONDS, digits=0),
            Row("missed at the hub", missed, high=0, digits=0),
            Row("lost for good", lost, high=0, digits=0),
            Row("lost for good where the hub was restarted", lost_then, high=0, digits=0),
            Row("  missed live meanwhile", missed_live, digits=0),
            Row("  said", len(again.said), digits=0),
        ],
    )


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))
