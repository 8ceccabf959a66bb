"""Turns on the bus: opens one when the agenda says so, holds the tick's phase while it lasts, and tells its end."""

from collections.abc import Callable
from dataclasses import dataclass, field

import anyio

from bus.context import Context, Step
from bus.ids import derive_id
from bus.messages.clock import Control
from bus.messages.gateway import Turn, TurnEnded
from bus.messages.reward import Usage
from bus.money import Micros, share
from bus.simtime import SECOND, SimTime
from services.gateway.model import Agenda, Wish
from services.gateway.news import Board


@dataclass
class Spent:
    """What the model used, not yet told by the end of a turn."""

    usage: Usage = Usage()
    harness_ref: str | None = None

    def add(self, usage: Usage, harness_ref: str | None) -> None:
        """Take in one call, or what was used before."""
        self.usage = Usage(
            prompt_tokens=self.usage.prompt_tokens + usage.prompt_tokens,
            completion_tokens=self.usage.completion_tokens + usage.completion_tokens,
        )
        self.harness_ref = harness_ref or self.harness_ref

    def cost(self, token_price: Micros) -> Micros:
        """At a price for a thousand tokens."""
        return share(token_price, self.usage.prompt_tokens + self.usage.completion_tokens, 1000)


@dataclass(frozen=True)
class OpenTurn:
    """One turn of the operator."""

    turn_id: str
    tick: int
    began: SimTime
    wall0: float
    wake: tuple[str, ...]
    news: tuple[str, ...]
    action_ids: list[str] = field(default_factory=list[str])
    spent: Spent = field(default_factory=Spent)


@dataclass
class Turns:
    """The operator's turns in one world."""

    ctx: Context
    wall: Callable[[], float]
    """Seconds of the host's clock, told to trainers."""
    board: Board = field(default_factory=Board)
    turn: OpenTurn | None = None
    over: bool = False
    agenda: Agenda = field(init=False)
    _turns: int = 0
    _early: Spent = field(default_factory=Spent)
    """Used while no turn was open: it belongs to the next one."""
    _changed: anyio.Event = field(default_factory=anyio.Event)
    _passing: anyio.Lock = field(default_factory=anyio.Lock)
    """Held while time is spent or a turn ended: calls may be under way at the same time."""

    def __post_init__(self) -> None:
        scenario = self.ctx.world.scenario
        self.agenda = Agenda(
            call_ms=scenario.operator.seconds_per_call * SECOND,
            thousand_tokens_ms=scenario.operator.seconds_per_thousand_tokens * SECOND,
            live=scenario.clock.mode == "live",
        )

    async def take(self, step: Step) -> None:
        """The operator's phase of a tick: returns when the operator is done with it. Sets `over` if the episode ends."""
        heard = self.board.hear(step.messages)
        if self.turn is not None:  # only a live world goes on while a turn is open
            self.agenda.pass_to(step.now, heard)
            return
        why = self.agenda.enter(step.now, heard)
        if why is not None:
            self._open(step.tick, why)
        if self.agenda.live or self.turn is None:
            return
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._notice_end)
            await self._until(lambda: self.turn is None or self.over)
            tasks.cancel_scope.cancel()

    async def opened(self) -> OpenTurn | None:
        """The open turn, waiting for one; None when the episode is over."""
        await self._until(lambda: self.turn is not None or self.over)
        return None if self.over else self.turn

    async def finished(self) -> None:
        """Wait for the end of the episode."""
        await self._until(lambda: self.over)

    async def spend_call(self) -> OpenTurn | None:
        """Let one call's time pass; the turn in which the call ends, or None when the episode is over before that."""
        async with self._passing:
            turn = await self.opened()
            if turn is not None and not self.agenda.charge_call():
                await self._close(turn)
                turn = await self.opened()
            self.ctx.now = SimTime(max(self.ctx.now, self.agenda.at))
            return turn

    def charge(self, usage: Usage, read_before: int, harness_ref: str | None) -> None:
        """One call of the model: its time passes now; how the turn ends makes no difference to what it costs."""
        self.agenda.think(max(0, usage.prompt_tokens - read_before) + usage.completion_tokens)
        self.ctx.now = SimTime(max(self.ctx.now, self.agenda.at))
        (self.turn.spent if self.turn else self._early).add(usage, harness_ref)

    async def end(self, turn: OpenTurn, wish: Wish, usage: Usage, harness_ref: str | None) -> None:
        """End a turn, unless a call that ran past the hour has done so. Tokens cost what the scenario says."""
        async with self._passing:
            if self.turn is not turn:
                return
            turn.spent.add(usage, harness_ref)
            self.agenda.end(usage.prompt_tokens + usage.completion_tokens, wish)
            await self._close(turn)

    def finish(self) -> None:
        """The episode is over."""
        self.over = True
        self._tell()

    def describe(self, turn: OpenTurn | None) -> Turn:
        """A turn as the operator is told of it."""
        return Turn(
            turn_id=turn.turn_id if turn else None,
            tick=turn.tick if turn else 0,
            sim_time=self.agenda.at,
            wake=turn.wake if turn else (),
            seconds_left=self.agenda.seconds_left if turn else 0,
            alerts=tuple(self.board.alerts.values()),
            news=turn.news if turn else (),
        )

    def _open(self, tick: int, why: tuple[str, ...]) -> None:
        self._turns += 1
        turn_id = derive_id("turn", "operator", self._turns)
        spent, self._early = self._early, Spent(harness_ref=self._early.harness_ref)
        self.turn = OpenTurn(turn_id, tick, self.agenda.at, self.wall(), why, self.board.tell(), spent=spent)
        self._tell()

    async def _close(self, turn: OpenTurn) -> None:
        cost = turn.spent.cost(self.ctx.world.scenario.billing.token_price)
        await self.ctx.say(
            TurnEnded(
                turn_id=turn.turn_id,
                tick=turn.tick,
                action_ids=tuple(turn.action_ids),
                sim_time0=turn.began,
                sim_time1=self.agenda.at,
                wall0=turn.wall0,
                wall1=self.wall(),
                usage=turn.spent.usage.model_copy(update={"cost": cost}),
                harness_ref=turn.spent.harness_ref,
            )
        )
        self._early.harness_ref = turn.spent.harness_ref
        self.turn = None
        self._tell()

    async def _notice_end(self) -> None:
        """While a turn holds the phase, the clock says nothing but that the episode ends."""
        async for delivered in self.ctx.hear("clock"):
            if isinstance(delivered.event, Control) and delivered.event.state == "ended":
                self.finish()
                return

    async def _until(self, reached: Callable[[], bool]) -> None:
        while not reached():
            await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()
