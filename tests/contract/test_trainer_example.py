"""examples/01_trainer.py against a real broker: it comes late, reads everything, and ends with the ledger's sum."""

import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.abc import Process
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from made_up_world import NatsBus
from scripted_world import make_world, player

from bus.codec import encode_event
from bus.context import open_context
from bus.messages.base import Delivered
from bus.messages.billing import EntryPosted, Line
from bus.messages.clock import Control
from bus.messages.reward import Cause
from bus.money import Micros
from bus.permissions import grants
from bus.server import nats_server
from bus.service import Service
from bus.simtime import SimTime
from bus.subjects import event_subject
from bus.transport.protocol import Transport
from bus.transport.streams import create_streams
from services.scorer.chain import Chain
from services.scorer.model import Draft, effect
from services.scorer.service import say_voided
from services.scorer.service import service as scorer

pytestmark = pytest.mark.anyio
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "01_trainer.py"
TRAINER = Service("trainer", scorer.run, subscribes=("reward",), account="TRAIN", participant=False)
SERVICES = (scorer, TRAINER, player("billing", publishes=(EntryPosted,)))
EPISODE = make_world(Path()).world.episode


@asynccontextmanager
async def broker(folder: Path) -> AsyncGenerator[NatsBus]:
    granted = grants(SERVICES, EPISODE)
    passwords = {role.name: f"password of {role.name}" for role in granted.roles}
    async with nats_server(granted, passwords, folder / "nats") as server:
        bus = NatsBus(granted, passwords, folder / "nats", server)
        await create_streams(bus.credentials("admin"), granted)
        key = bus.credentials("trainer").model_dump() | {"episode": EPISODE}
        (folder / "trainer.json").write_text(json.dumps(key))
        yield bus


def draft(number: int) -> Draft:
    lines = (Line(account="cost:hosting", amount=Micros(7)), Line(account="asset:cash", amount=Micros(-7)))
    entry = EntryPosted(
        entry=f"en_{number}", tick=number, at=SimTime(number), kind="hosting", lines=lines, actor="cloud", memo=""
    )
    return Draft(entry, effect(entry), Cause(actor="cloud", kind="hosting"), f"billing-{number}")


async def say(transport: Transport, said: list[Delivered]) -> None:
    for each in said:
        subject = event_subject(EPISODE, type(each.event))
        await transport.publish(subject, encode_event(each.envelope, each.event), message_id=each.envelope.id)
    await transport.flush()


async def lines_of(process: Process) -> AsyncGenerator[str]:
    assert process.stdout is not None
    rest = ""
    async for chunk in process.stdout:
        *whole, rest = (rest + chunk.decode()).split("\n")
        for line in whole:
            yield line


async def follow(folder: Path, transport: Transport, early: list[Delivered], late: list[Delivered]) -> tuple[Any, Any]:
    """Start the trainer after `early` was said, say `late` once it has read that; returns its lines and status."""
    await say(transport, early)
    read: list[str] = []
    with anyio.fail_after(60):
        async with await anyio.open_process([sys.executable, EXAMPLE, folder / "trainer.json"]) as process:
            async for line in lines_of(process):
                read.append(line)
                if len(read) == len(early) - 1:  # `started` prints nothing
                    await say(transport, late)
            return read, await process.wait()


async def test_a_late_trainer_ends_with_the_settled_sum(tmp_path: Path) -> None:
    chain = Chain(Ed25519PrivateKey.generate(), EPISODE, "full")
    early = [chain.started(0), *(chain.entry(draft(number)) for number in range(5))]
    late = [chain.entry(draft(5)), *chain.closed(6, Control(state="ending", outcome="truncated"))]
    async with broker(tmp_path) as bus, bus.connect("scorer") as transport:
        read, status = await follow(tmp_path, transport, early, late)
    assert status == 0
    assert read[-1] == "settled: -42 micro-dollars, of -42 told"
    assert len(read) == 7


async def test_a_voided_episode_is_no_reward(tmp_path: Path) -> None:
    chain = Chain(Ed25519PrivateKey.generate(), EPISODE, "full")
    early = [chain.started(0), chain.entry(draft(0))]
    late = [chain.voided(3, "service_died", "desk")]
    async with broker(tmp_path) as bus, bus.connect("scorer") as transport:
        read, status = await follow(tmp_path, transport, early, late)
    assert status == 1
    assert read[-1] == "voided: no reward, which is not zero (service_died: desk)"


async def test_the_last_word_for_a_dead_scorer_goes_over_the_real_broker(tmp_path: Path) -> None:
    world = make_world(tmp_path / "world").world
    world.root.mkdir()
    async with broker(tmp_path) as bus:
        for said in (True, False):
            async with bus.connect("scorer") as transport, open_context(scorer, world, transport) as ctx:
                assert await say_voided(ctx, "service_died", "scorer") is said
        async with bus.connect("scorer") as transport:
            letters = [await transport.fetch("reward", seq) for seq in (1, 2)]
    assert [json.loads(letter.data)["state"] for letter in letters] == ["started", "voided"]
