"""A world whose stages a test opens by hand, on the in-memory bus."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio

from bus.codec import RequestHead
from bus.context import Context, Handler, open_context
from bus.ids import EpisodeId
from bus.messages.base import Command, Delivered, Done, Event
from bus.messages.clock import Control, Outcome, Phase, PhaseName, Ready, StageDone, Tick
from bus.scenario import Scenario
from bus.service import Service
from bus.simtime import HOUR, SimTime
from bus.transport.memory import MemoryBroker, MemoryTransport
from bus.world import World, WorldFile

SCENARIO: dict[str, Any] = {
    "world": {"name": "scripted", "start": "2026-03-02T00:00:00Z", "days": 2},
    "users": {
        "segments": {
            "solo": {
                "share": 1.0,
                "seats": [1, 2],
                "plan": "starter",
                "base_value": 14_000_000,
                "monthly_churn": 0.06,
                "patience": 1.0,
            }
        }
    },
}


async def _nothing(ctx: Context, *, task_status: Any = None) -> None:
    """Declared only: the test speaks for these roles."""


def scripted_world_file(**sections: dict[str, Any]) -> WorldFile:
    """A small world; `sections` replace fields of its scenario."""
    fields = {name: SCENARIO.get(name, {}) | sections.get(name, {}) for name in {*SCENARIO, *sections}}
    return WorldFile(
        episode=EpisodeId("e_scriptedtest"),
        seed=7,
        scenario=Scenario.model_validate(fields),
        operator="test",
        isolation="full",
        planted=("secret_defect",),
    )


@dataclass
class ScriptedWorld:
    """Opens stages for services under test and hears what they say."""

    world: World
    broker: MemoryBroker = field(default_factory=MemoryBroker)
    known: dict[str, int] = field(default_factory=dict[str, int])
    ready: set[str] = field(default_factory=set[str])
    also: dict[type[Command[Any]], Handler] = field(default_factory=dict[type[Command[Any]], Handler])
    """What the world answers beside the barrier's commands."""
    _ctx: Context | None = None
    _open: tuple[str, int, int] | None = None
    _changed: anyio.Event = field(default_factory=anyio.Event)

    def transport(self, role: str) -> MemoryTransport:
        return MemoryTransport(self.broker, role)

    @asynccontextmanager
    async def role(self, service: Service) -> AsyncGenerator[Context]:
        """A context under a role that the test plays itself."""
        async with open_context(service, self.world, self.transport(service.name)) as ctx:
            yield ctx

    @asynccontextmanager
    async def running(self, *services: Service) -> AsyncGenerator[None]:
        """The services under test, ready for their first stage; ended at the end of the block."""
        clock = Service(
            "world",
            _nothing,
            publishes=(Tick, Phase, Control),
            serves=(Ready, StageDone, *self.also),
            participant=False,
        )
        async with self.role(clock) as self._ctx, anyio.create_task_group() as tasks:
            tasks.start_soon(self._ctx.serve, {Ready: self._on_ready, StageDone: self._on_done, **self.also})
            for service in services:
                await tasks.start(self._run, service)
            participants = {service.name for service in services if service.participant}
            await self._until(lambda: participants <= self.ready)
            yield
            tasks.cancel_scope.cancel()

    async def _run(self, service: Service, *, task_status: Any) -> None:
        async with self.role(service) as ctx:
            await service.run(ctx, task_status=task_status)

    async def open(self, participant: str, tick: int, stage: int, phase: PhaseName) -> None:
        """Open a stage without waiting for its end."""
        assert self._ctx is not None
        self._open = (participant, tick, stage)
        at = SimTime(tick * HOUR)
        marks = self.known | {family: len(stored) for family, stored in self.broker.streams.items()}
        await self._ctx.say(
            Phase(tick=tick, stage=stage, phase=phase, participants=(participant,), watermarks=marks), at=at
        )

    async def closed(self) -> None:
        """Wait until the open stage is done."""
        await self._until(lambda: self._open is None)

    @property
    def stage_is_open(self) -> bool:
        return self._open is not None

    async def stage(self, participant: str, tick: int, stage: int, phase: PhaseName) -> None:
        """Open a stage and wait for its end."""
        await self.open(participant, tick, stage, phase)
        await self.closed()

    async def end(self, outcome: Outcome = "truncated") -> None:
        assert self._ctx is not None
        await self._ctx.say(Control(state="ended", outcome=outcome))

    def said(self, family: str) -> list[Event]:
        """Every event of a family so far."""
        from bus.codec import decode_event

        return [decode_event(letter.data).event for letter in self.broker.streams.get(family, [])]

    def delivered(self, family: str) -> list[Delivered]:
        """The same, with envelopes."""
        from bus.codec import decode_event

        return [decode_event(letter.data) for letter in self.broker.streams.get(family, [])]

    async def _on_ready(self, head: RequestHead, command: Ready) -> Done:
        self.ready.add(command.participant)
        self._changed.set()
        return Done()

    async def _on_done(self, head: RequestHead, command: StageDone) -> Done:
        assert self._open == (command.participant, command.tick, command.stage)
        self._open = None
        self._changed.set()
        return Done()

    async def _until(self, complete: Any) -> None:
        with anyio.fail_after(60):
            while not complete():
                self._changed = anyio.Event()
                await self._changed.wait()


def player(
    name: str,
    *,
    publishes: tuple[type[Event], ...] = (),
    serves: tuple[type[Command[Any]], ...] = (),
    asks: tuple[type[Command[Any]], ...] = (),
) -> Service:
    """A role that the test plays."""
    return Service(name, _nothing, publishes=publishes, serves=serves, asks=asks, participant=False)


def make_world(folder: Path, **sections: dict[str, Any]) -> ScriptedWorld:
    """A scripted world in a folder."""
    return ScriptedWorld(World(scripted_world_file(**sections), folder))
