"""The world's service: announces ticks and stages, waits at the barrier, and ends the episode."""

from collections.abc import Callable
from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskStatus

from bus.codec import RequestHead
from bus.context import Context
from bus.messages.base import Done, Refused
from bus.messages.billing import CompanyBankrupt
from bus.messages.clock import (
    AskStatus,
    Control,
    Outcome,
    Phase,
    Ready,
    Regulate,
    StageDone,
    Tick,
    Void,
    WorldStatus,
)
from bus.messages.hidden import WorldPlanted
from bus.service import Service
from bus.simtime import HOUR, SimTime
from services.world.clock import Regulated, make_clock
from services.world.model import CLOSING, Barrier, Stage, participants, tick_of


class _Voided(Exception):
    """The episode ends as our failure."""

    def __init__(self, failure_kind: str, reason: str) -> None:
        super().__init__(f"{failure_kind}: {reason}")
        self.failure_kind = failure_kind
        self.reason = reason


@dataclass
class Director:
    """Drives one episode."""

    ctx: Context
    clock: Regulated
    barrier: Barrier = field(default_factory=Barrier)
    ready: set[str] = field(default_factory=set[str])
    status: WorldStatus = field(init=False)
    _changed: anyio.Event = field(default_factory=anyio.Event)
    _void: _Voided | None = None

    def __post_init__(self) -> None:
        self.stages = tick_of(self.ctx.world.file.shards)
        self.participants = participants(self.stages)
        self.status = WorldStatus(
            state="waiting",
            tick=0,
            of=self.ctx.world.scenario.ticks,
            outcome=None,
            failure_kind=None,
            reason="",
            rate=self.clock.rate,
        )

    async def direct(self) -> None:
        """The whole episode, from waiting for everybody to its end. Returns also when it was voided."""
        try:
            limit = self.ctx.world.scenario.clock.barrier_seconds
            everybody = self.participants
            await self._until(lambda: self.ready >= everybody, lambda: sorted(everybody - self.ready), limit)
            outcome = await self._ticks()
            await self._announce(Control(state="ending", outcome=outcome))
            await self._tick(self.status.tick + 1, CLOSING, closing=True)
            await self._announce(Control(state="ended", outcome=outcome))
        except _Voided as void:
            await self._announce(
                Control(state="ended", outcome="voided", failure_kind=void.failure_kind, reason=void.reason)
            )

    async def _ticks(self) -> Outcome:
        file = self.ctx.world.file
        await self._announce(Control(state="started"))
        await self.ctx.say(WorldPlanted(product=file.scenario.world.product, defects=file.planted))
        for tick in range(file.scenario.ticks):
            await self._tick_may_begin(tick)
            await self._tick(tick, self.stages)
            heard = await self.ctx.heard_up_to(self.barrier.watermarks)
            if any(isinstance(delivered.event, CompanyBankrupt) for delivered in heard):
                return "terminated"
        return "truncated"

    async def _tick_may_begin(self, tick: int) -> None:
        """Wait for the clock, however long it is held, but not longer than the episode lives."""

        async def leave_when_void() -> None:
            while not self._void:
                self._changed = anyio.Event()
                await self._changed.wait()
            tasks.cancel_scope.cancel()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(leave_when_void)
            await self.clock.tick_may_begin(tick)
            tasks.cancel_scope.cancel()
        if self._void:
            raise self._void

    async def _tick(self, tick: int, stages: tuple[Stage, ...], *, closing: bool = False) -> None:
        self.ctx.now = SimTime(tick * HOUR)
        self.status = self.status.model_copy(update={"tick": tick})
        await self.ctx.say(Tick(tick=tick, of=self.status.of))
        for number, stage in enumerate(stages):
            self.barrier.learn(self.ctx.known)
            self.barrier.open(tick, number, stage.participants)
            await self.ctx.say(
                Phase(
                    tick=tick,
                    stage=number,
                    phase=stage.phase,
                    participants=stage.participants,
                    watermarks=dict(sorted(self.barrier.watermarks.items())),
                    closing=closing,
                ),
                at=SimTime(tick * HOUR),
            )
            await self.ctx.transport.flush()
            section = self.ctx.world.scenario.clock
            limit = section.operator_seconds if stage.phase == "operate" else section.barrier_seconds
            await self._until(lambda: not self.barrier.missing, lambda: list(self.barrier.missing), limit)

    async def _until(self, complete: Callable[[], bool], missing: Callable[[], list[str]], limit: float) -> None:
        """Wait for answers; a participant that stays silent for so many real seconds voids the episode."""
        with anyio.move_on_after(limit):
            while not complete():
                if self._void:
                    raise self._void
                self._changed = anyio.Event()
                await self._changed.wait()
            if self._void:
                raise self._void
            return
        names = ", ".join(missing())
        raise _Voided("barrier_timeout", f"no answer from {names} within {limit:g} s in tick {self.status.tick}")

    async def _announce(self, control: Control) -> None:
        state = "running" if control.state in ("started", "resumed") else control.state
        self.status = self.status.model_copy(
            update={
                "state": state,
                "outcome": control.outcome,
                "failure_kind": control.failure_kind,
                "reason": control.reason,
            }
        )
        self.ctx.log.info("episode", state=control.state, outcome=control.outcome, reason=control.reason)
        await self.ctx.say(control)
        await self.ctx.transport.flush()

    async def on_ready(self, head: RequestHead, command: Ready) -> Done | Refused:
        if command.participant not in self.participants:
            return Refused(code="unknown_participant", detail=f"{command.participant} takes no part in this world")
        self.ready.add(command.participant)
        self._changed.set()
        return Done()

    async def on_done(self, head: RequestHead, command: StageDone) -> Done | Refused:
        refusal = self.barrier.done(command.participant, command.tick, command.stage, command.known)
        if refusal:
            return Refused(code="not_open", detail=refusal)
        self._changed.set()
        return Done()

    async def on_status(self, head: RequestHead, command: AskStatus) -> WorldStatus:
        return self.status

    async def on_regulate(self, head: RequestHead, command: Regulate) -> WorldStatus | Refused:
        if self.status.state not in ("running", "paused"):
            return Refused(code="not_running", detail=f"the episode is {self.status.state}")
        self.clock.obey(command)
        self.status = self.status.model_copy(update={"rate": self.clock.rate})
        state = "paused" if self.clock.held else "running"
        if state != self.status.state:
            await self._announce(Control(state="paused" if self.clock.held else "resumed"))
        return self.status

    async def on_void(self, head: RequestHead, command: Void) -> Done:
        self._void = self._void or _Voided(command.failure_kind, command.reason)
        self._changed.set()
        return Done()


async def run(ctx: Context, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
    """The world's life: until the episode is over."""
    director = Director(ctx, make_clock(ctx.world.scenario.clock))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(
            ctx.serve,
            {
                Ready: director.on_ready,
                StageDone: director.on_done,
                AskStatus: director.on_status,
                Regulate: director.on_regulate,
                Void: director.on_void,
            },
        )
        task_status.started()
        await director.direct()
        tasks.cancel_scope.cancel()


service = Service(
    name="world",
    run=run,
    publishes=(Tick, Phase, Control, WorldPlanted),
    subscribes=("billing",),
    serves=(Ready, StageDone, AskStatus, Regulate, Void),
    participant=False,
)
