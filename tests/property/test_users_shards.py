"""The same seed says the same words, whatever the number of shards and whatever Python hashes with."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_market import EPISODE, World, one_in

from agents.users.merge import LivedPart
from agents.users.shard import Parts, messages, shard_name
from bus import codec
from bus.messages.base import Done, Refused
from bus.messages.billing import PlansChanged
from bus.messages.cloud import ReleaseLive, ServiceMeasured
from bus.money import Micros
from bus.scenario import Scenario
from bus.simtime import DAY, SimTime
from bus.transport.protocol import BusError
from services.world.loading import load_scenario

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def small(**users: Any) -> Scenario:
    wished = {"customers": 150, "panel": 30, "agents": 7, "joins_per_month": 1.0, "executed_sessions_per_day": 60}
    return load_scenario("default", overrides={"users": wished | users})


def news(tick: int) -> list[Any]:
    """What happens to the company: a release, a slow hour, dearer plans."""
    if tick == 5:
        return [ReleaseLive(release="r2", commit="abc", previous="r1")]
    if tick == 9:
        slow = dict.fromkeys(("page", "list", "task", "form", "write"), 4_000.0)
        return [
            ServiceMeasured(
                tick=9, release="r2", instances=1, available=0.9, utilisation=0.9, latency_ms=slow, timed_out=0.02
            )
        ]
    if tick == 11:
        prices = {"starter": Micros(30_000_000), "team": Micros(12_000_000), "business": Micros(20_000_000)}
        return [PlansChanged(price_per_seat=prices, effective_at=SimTime(12 * 3_600_000))]
    return []


@settings(max_examples=4)
@given(seed=st.integers(1, 10_000), shards=st.integers(2, 7))
def test_shards_say_what_one_process_says(seed: int, shards: int) -> None:
    import anyio

    async def compare() -> None:
        alone = await World(small(), seed, 1, one_in(0.1)).live(26, news)
        together = await World(small(), seed, shards, one_in(0.1)).live(26, news)
        assert alone == together
        assert any("users.customer.joined" in one for one in alone)
        assert any("users.ticket.asked" in one for one in alone)
        assert any("users.request.tried" in one for one in alone)

    anyio.run(compare)


def test_hash_seeds_change_nothing() -> None:
    program = (
        "import anyio, hashlib\n"
        "from test_users_shards import World, news, one_in, small\n"
        "told = anyio.run(World(small(), 3, 2, one_in(0.1)).live, 14, news)\n"
        "print(hashlib.sha256('\\n'.join(told).encode()).hexdigest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
            cwd=Path(__file__).parent,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "4242")
    }
    assert len(digests) == 1


async def test_a_shard_that_said_nothing_is_missed() -> None:
    desk = Parts(2)
    part = LivedPart([], (0, 0), 3, 2_000_000, ())
    (message,) = messages(0, 4, part)
    head = codec.RequestHead(id="1", episode=EPISODE, sender=shard_name(0), sim_time=SimTime(DAY))
    assert isinstance(await desk.take(head, message), Done)
    with pytest.raises(BusError, match="users_2"):
        desk.of(4)
    stranger = head.model_copy(update={"sender": "attackers"})
    assert isinstance(await desk.take(stranger, message), Refused)
