"""A world of made-up participants: the clock's stages, the barrier's watermarks, and how an episode ends."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from bus.context import Context, open_context
from bus.ids import EpisodeId
from bus.messages.base import Done
from bus.messages.billing import CompanyBankrupt
from bus.messages.clock import Control, Regulate, Void
from bus.messages.cloud import InstanceChanged
from bus.messages.desk import Announce, StatusPosted
from bus.messages.users import CustomerChanged
from bus.money import Micros
from bus.service import Service
from bus.transport.memory import MemoryBroker, MemoryTransport
from bus.transport.protocol import BusError, Letter
from bus.world import World, WorldFile
from services.world import service as world_service
from services.world.loading import load_scenario
from services.world.model import PARTICIPANTS, TICK

pytestmark = pytest.mark.anyio
EPISODE = EpisodeId("e_aaaaaaaaaaaa")
Life = Callable[[Context], Awaitable[None]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def make_world(tmp_path: Path, **clock: Any) -> World:
    scenario = load_scenario("short", overrides={"world": {"days": 1}, "clock": clock})
    file = WorldFile(episode=EPISODE, seed=1, scenario=scenario, operator="noop", isolation="none", planted=("d",))
    return World(file, tmp_path)


async def idle(ctx: Context) -> None:
    async for _ in ctx.steps():
        pass


class Stage:
    """Runs the real world service among made-up participants, and keeps what the clock said."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.broker = MemoryBroker()
        self.controls: list[Control] = []

    async def play(self, lives: dict[str, Life], services: dict[str, Service] | None = None) -> None:
        """Returns when the episode is over for everybody."""
        declared = services or {}
        with anyio.fail_after(60):
            async with anyio.create_task_group() as tasks:
                for name in sorted(PARTICIPANTS):
                    plain = Service(name=name, run=lambda *_, **__: anyio.lowlevel.checkpoint())
                    tasks.start_soon(self._live, declared.get(name, plain), lives.get(name, idle))
                async with open_context(world_service.service, self.world, self._transport("world")) as ctx:
                    await world_service.run(ctx)
        self.controls = [d for d in self._stored("clock") if isinstance(d, Control)]

    async def _live(self, service: Service, life: Life) -> None:
        async with open_context(service, self.world, self._transport(service.name)) as ctx:
            await life(ctx)

    def _transport(self, role: str) -> MemoryTransport:
        return MemoryTransport(self.broker, role)

    def _stored(self, family: str) -> list[object]:
        from bus.codec import decode_event

        return [decode_event(letter.data).event for letter in self.broker.streams[family]]


async def test_every_tick_has_its_stages_in_order_and_the_horizon_truncates(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    async def cloud(ctx: Context) -> None:
        async for step in ctx.steps():
            seen.append((step.tick, step.stage))

    stage = Stage(make_world(tmp_path))
    await stage.play({"cloud": cloud})
    mine = [number for number, part in enumerate(TICK) if "cloud" in part.participants]
    assert seen == [(tick, number) for tick in range(24) for number in mine]
    assert [(c.state, c.outcome) for c in stage.controls] == [
        ("started", None),
        ("ending", "truncated"),
        ("ended", "truncated"),
    ]


async def test_what_was_said_before_a_stage_is_heard_in_it_and_what_comes_after_is_not(
    tmp_path: Path,
) -> None:
    heard: dict[int, list[str]] = {}

    def change(number: int) -> CustomerChanged:
        return CustomerChanged(agent="ua", customer=f"c{number}", plan="team", seats=1)

    async def users(ctx: Context) -> None:
        async for step in ctx.steps():
            for _ in range(3):
                await ctx.say(change(step.tick))

    async def attackers(ctx: Context) -> None:
        async for step in ctx.steps():
            heard[step.tick] = [d.event.customer for d in step.messages if isinstance(d.event, CustomerChanged)]

    stage = Stage(make_world(tmp_path))
    services = {
        "users": Service(name="users", run=idle, publishes=(CustomerChanged,)),
        "attackers": Service(name="attackers", run=idle, subscribes=("users",)),
    }
    await stage.play({"users": users, "attackers": attackers}, services)
    assert heard == {tick: [f"c{tick}"] * 3 for tick in range(24)}


async def test_an_answer_carries_what_its_sender_said_into_the_next_stage(tmp_path: Path) -> None:
    """The gateway asks the desk, the desk says an event: users hear it in the very next tick, without the desk's stage."""
    heard: list[tuple[int, str]] = []

    async def desk(ctx: Context) -> None:
        async def announce(head: object, command: Announce) -> Done:
            await ctx.say(StatusPosted(post="p", state="resolved", title=command.subject, body=""))
            return Done()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ctx.serve, {Announce: announce})
            await idle(ctx)
            tasks.cancel_scope.cancel()

    async def gateway(ctx: Context) -> None:
        async for step in ctx.steps():
            await ctx.ask(Announce(subject=f"t{step.tick}", body=""))

    async def users(ctx: Context) -> None:
        async for step in ctx.steps():
            heard.extend((step.tick, d.event.title) for d in step.messages if isinstance(d.event, StatusPosted))

    services = {
        "desk": Service(name="desk", run=idle, publishes=(StatusPosted,), serves=(Announce,)),
        "gateway": Service(name="gateway", run=idle, asks=(Announce,)),
        "users": Service(name="users", run=idle, subscribes=("desk",)),
    }
    stage = Stage(make_world(tmp_path))
    await stage.play({"desk": desk, "gateway": gateway, "users": users}, services)
    assert heard == [(tick + 1, f"t{tick}") for tick in range(23)]


async def test_a_silent_participant_voids_the_episode_and_is_named(tmp_path: Path) -> None:
    async def stuck(ctx: Context) -> None:
        async for step in ctx.steps():
            if step.tick == 2:
                async for delivered in ctx.hear("clock"):
                    if isinstance(delivered.event, Control) and delivered.event.state == "ended":
                        return

    stage = Stage(make_world(tmp_path, barrier_seconds=0.2))
    await stage.play({"billing": stuck})
    last = stage.controls[-1]
    assert (last.state, last.outcome, last.failure_kind) == ("ended", "voided", "barrier_timeout")
    assert "billing" in last.reason
    assert "tick 2" in last.reason


async def test_the_operator_may_think_for_longer_than_others_may_be_silent(tmp_path: Path) -> None:
    async def thinks(ctx: Context) -> None:
        async for step in ctx.steps():
            if step.tick == 2:
                with anyio.move_on_after(0.3):
                    await anyio.sleep_forever()

    stage = Stage(make_world(tmp_path, barrier_seconds=0.2))
    await stage.play({"gateway": thinks})
    assert stage.controls[-1].outcome == "truncated"
    stage = Stage(make_world(tmp_path, operator_seconds=0.2))
    await stage.play({"gateway": thinks})
    assert (stage.controls[-1].outcome, stage.controls[-1].failure_kind) == ("voided", "barrier_timeout")


async def test_the_supervisor_can_void(tmp_path: Path) -> None:
    async def gateway(ctx: Context) -> None:
        async for step in ctx.steps():
            if step.tick == 1:
                await ctx.ask(Void(failure_kind="service_died", reason="desk: RuntimeError"))

    stage = Stage(make_world(tmp_path))
    await stage.play({"gateway": gateway}, {"gateway": Service(name="gateway", run=idle, asks=(Void,))})
    assert (stage.controls[-1].outcome, stage.controls[-1].reason) == ("voided", "desk: RuntimeError")


async def test_a_bankrupt_company_is_closed_in_order(tmp_path: Path) -> None:
    closing: list[int] = []

    async def billing(ctx: Context) -> None:
        async for step in ctx.steps():
            if step.closing:
                closing.append(step.tick)
            elif step.tick == 4:
                await ctx.say(CompanyBankrupt(cash=Micros(-1)))

    stage = Stage(make_world(tmp_path))
    declared = Service(name="billing", run=idle, publishes=(CompanyBankrupt,))
    await stage.play({"billing": billing}, {"billing": declared})
    assert closing == [5]
    assert stage.controls[-1].outcome == "terminated"


async def test_a_malformed_message_goes_to_the_dead_letters_and_the_service_stays_up(tmp_path: Path) -> None:
    heard: list[str] = []
    stage = Stage(make_world(tmp_path))

    async def cloud(ctx: Context) -> None:
        stage.broker.hand_out(Letter(f"cloud.{EPISODE}.instance.changed", b'{"type": "cloud.instance.changed/9"}'))
        async for step in ctx.steps():
            await ctx.say(InstanceChanged(instance=f"i{step.tick}", release="r", size="small", state="ready"))

    async def billing(ctx: Context) -> None:
        async for step in ctx.steps():
            heard.extend(d.event.instance for d in step.messages if isinstance(d.event, InstanceChanged))

    services = {
        "cloud": Service(name="cloud", run=idle, publishes=(InstanceChanged,)),
        "billing": Service(name="billing", run=idle, subscribes=("cloud",)),
    }
    await stage.play({"cloud": cloud, "billing": billing}, services)
    assert len(heard) == 2 * 24
    assert any("unknown event type" in reason for _, _, reason in stage.broker.dead_letters)


async def test_undeclared_words_are_refused(tmp_path: Path) -> None:
    world, broker = make_world(tmp_path), MemoryBroker()
    mute = Service(name="mute", run=idle, participant=False)
    async with open_context(mute, world, MemoryTransport(broker, "mute")) as ctx:
        with pytest.raises(BusError, match="does not declare that it publishes"):
            await ctx.say(CompanyBankrupt(cash=Micros(0)))
        with pytest.raises(BusError, match="does not declare that it asks"):
            await ctx.ask(Announce(subject="", body=""))
    incomplete = replace(mute, name="desk", serves=(Announce,))
    async with open_context(incomplete, world, MemoryTransport(broker, "desk")) as ctx:
        with pytest.raises(BusError, match="no handler for desk.announce/1"):
            await ctx.serve({})


async def regulate(ctx: Context, action: Any, rate: float | None = None) -> Any:
    return await ctx.ask(Regulate(action=action, rate=rate))


async def test_the_world_is_held_stepped_and_paced_by_command(tmp_path: Path) -> None:
    begun: list[int] = []
    waiting = anyio.Event()

    async def cloud(ctx: Context) -> None:
        async for step in ctx.steps():
            if step.stage == 0:
                begun.append(step.tick)
            if step.tick == 3 and step.stage == 0:
                assert (await regulate(ctx, "pause")).state == "paused"
                waiting.set()

    async def hand(ctx: Context) -> None:
        assert (await regulate(ctx, "step")).code == "not_running"
        await waiting.wait()
        for _ in range(50):
            await anyio.lowlevel.checkpoint()
        assert begun == [0, 1, 2, 3]
        assert (await regulate(ctx, "speed", 1e9)).rate == 1e9
        assert (await regulate(ctx, "step")).state == "paused"
        while begun[-1] < 4:
            await anyio.lowlevel.checkpoint()
        assert (await regulate(ctx, "resume")).state == "running"

    stage = Stage(make_world(tmp_path))
    role = Service(name="hand", run=idle, asks=(Regulate,), participant=False)
    cloud_role = Service(name="cloud", run=idle, asks=(Regulate,))

    async def beside() -> None:
        async with open_context(role, stage.world, MemoryTransport(stage.broker, "hand")) as ctx:
            await hand(ctx)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(stage.play, {"cloud": cloud}, {"cloud": cloud_role})
        tasks.start_soon(beside)
    assert begun == list(range(24))
    assert [control.state for control in stage.controls] == ["started", "paused", "resumed", "ending", "ended"]


async def test_a_held_world_can_still_be_voided(tmp_path: Path) -> None:
    async def cloud(ctx: Context) -> None:
        async for step in ctx.steps():
            if step.stage == 0:
                await regulate(ctx, "pause")
                await ctx.ask(Void(failure_kind="stopped", reason="enough"))

    stage = Stage(make_world(tmp_path))
    role = Service(name="cloud", run=idle, asks=(Regulate, Void))
    await stage.play({"cloud": cloud}, {"cloud": role})
    assert stage.controls[-1].outcome == "voided"
    assert stage.controls[-1].reason == "enough"
