"""One episode, as a trainer holds it: Gymnasium's semantics over a business that goes on without us."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, cast

import anyio
from pydantic import ValidationError

from bus.ids import EpisodeId, new_episode_id
from bus.messages.base import Refused
from bus.messages.cloud import Isolation
from bus.messages.gateway import AskTools, AwaitEnd, BeginTurn, CallTool, EndTurn, ToolAnswer, ToolList, ToolSpec, Turn
from bus.messages.reward import RewardEntry, Usage
from bus.money import Micros
from bus.scenario import Scenario
from bus.simtime import HOUR, SimTime
from concern.client.acts import WAIT, Action, Observation, Record, Step, as_action, observed
from concern.client.hold import Hold, WorldGone
from concern.client.order import ORPHAN_S, POOL_SOCKET, Order, scenario_of
from concern.client.process import END_WITHIN_S, WorldProcess, remove, start_world
from concern.client.reward import Rewards, Settled, TurnReward, Voided
from concern.client.snapshots import ForkDiverged, Snapshot, state_at
from services.gateway.tools import BY_NAME
from services.gateway.tools.life import WaitArguments

RUNS = Path("runs")
"""Where runs are kept by their ids, in the working directory."""
_GONE = Voided(failure_kind="world_gone", reason="the world's process ended without a last word")


class EpisodeEnded(Exception):
    """There is nothing to step any more: the episode or its segment is over. Reset, or ask for another segment."""


class Episode:
    """A running world and the one handle that plays it. Made by `start`, `attach` and `fork`; end it with `close`."""

    def __init__(self, hold: Hold, process: WorldProcess | None, *, keep: bool) -> None:
        self.root = hold.root
        self.id: EpisodeId = hold.world.episode
        self.observation: Observation
        """The last one."""
        self.reward = Rewards(self.id)
        """The reward stream as read so far."""
        self._hold, self._process, self._keep = hold, process, keep
        self._record = Record(hold.root)
        self._turn: Turn | None = None
        self._given = 0
        """Entries that belong to steps already made, here or before this handle's beginning."""
        self._segment_end: SimTime | None = None
        self._tokens = Usage()
        self._closed = False
        self._lease: asyncio.StreamWriter | None = None

    @classmethod
    async def start(
        cls,
        scenario: str | Scenario = "short",
        *,
        seed: int = 1,
        days: int | None = None,
        segment_hours: int | None = None,
        runs: Path = RUNS,
        isolation: Isolation = "full",
        keep: bool = False,
        orphan_s: float = ORPHAN_S,
        spare: bool = False,
    ) -> "Episode":
        """Build a new world and begin its first turn.

        `days` and `segment_hours` bound the world's life and this segment of it; `keep` leaves the run's directory after
        `close`. `spare`: made ahead, it ends with this process and leaves nothing, until somebody takes it (`take`).
        `ScenarioError` and `NotStarted` say what is wrong.
        """
        episode = new_episode_id()
        order = Order(
            root=(runs / episode).resolve(), episode=episode, scenario=scenario_of(scenario, days), seed=seed,
            isolation=isolation, orphan_s=orphan_s,
        )  # fmt: skip
        started = await cls._started(order, keep, spare=spare)
        if segment_hours is not None:
            started.segment(segment_hours)
        return started

    @classmethod
    async def attach(cls, root: Path, *, keep: bool = True) -> "Episode":
        """Take up a world that runs already, whose handle was lost or let go. `WorldGone` if it does not run."""
        hold = Hold(root)
        await hold.take()
        episode = await cls(hold, None, keep=keep)._begun()
        episode._given = len(episode.reward.entries)
        return episode

    @classmethod
    async def lease(cls, pool: Path) -> "Episode":
        """The next business of a pool (`concern pool`), ready to be played; `close` gives it back, to be ended.

        Waits while all are lent. `WorldGone` if there is no pool in that directory.
        """
        try:
            told, lease = await asyncio.open_unix_connection(pool / POOL_SOCKET)
            line = await told.readline()
        except OSError as error:
            raise WorldGone(f"{pool} is no pool that runs: {error}") from error
        if not line:
            lease.close()
            raise WorldGone(f"the pool in {pool} has ended")
        try:
            episode = await cls.attach(Path(line.decode().rstrip("\n")))
        except BaseException:  # the boundary to the pool: whoever is not taken on gives the lease back
            lease.close()
            raise
        episode._lease = lease
        return episode

    @classmethod
    async def branch(
        cls, snapshot: Snapshot, *, runs: Path = RUNS, keep: bool = False, spare: bool = False
    ) -> "Episode":
        """A new world that has come to a snapshot's state, and goes on from there. `ForkDiverged` if it did not."""
        episode = new_episode_id()
        order = Order(
            root=(runs / episode).resolve(), episode=episode, scenario=snapshot.scenario, seed=snapshot.seed,
            isolation=snapshot.isolation,
        )  # fmt: skip
        branched = await cls._started(order, keep, spare=spare)
        try:
            await branched._replay(snapshot)
        except BaseException:  # the boundary to a world of ours: none is left that nobody holds
            await branched.close()
            raise
        return branched

    async def __aenter__(self) -> "Episode":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # -- acting

    async def tools(self) -> tuple[ToolSpec, ...]:
        """The actions there are: the operator's tools, with their JSON schemas."""
        return cast("ToolList", await self._hold.ask(AskTools())).tools

    async def step(self, action: Action | Mapping[str, Any]) -> Step:
        """Do one thing. Time passes by `wait`, and a simulated minute with every other tool."""
        if self.over or self.segment_over:
            raise EpisodeEnded(f"{self.id} is over: reset, or ask for another segment")
        try:
            await self._act(self._effective(as_action(action)))
        except WorldGone:
            self.reward.over = _GONE
        new, self._given = self.reward.entries[self._given :], len(self.reward.entries)
        return self._step(new)

    def segment(self, hours: int) -> None:
        """Bound what follows to some hours: `step` then answers `truncated`, and the business can go on after it."""
        self._segment_end = SimTime(self.observation.sim_time + hours * HOUR)

    @property
    def over(self) -> bool:
        """Whether the episode has had its last word."""
        return self.reward.over is not None

    @property
    def segment_over(self) -> bool:
        """Whether the segment that was asked for is through."""
        return self._segment_end is not None and self.observation.sim_time >= self._segment_end

    # -- reward

    def rewards(self) -> list[RewardEntry]:
        """Every entry so far: facts, with their causes."""
        return list(self.reward.entries)

    def turn_rewards(self) -> list[TurnReward]:
        """Every turn that was told of so far, with what was earned in it and what it caused."""
        return self.reward.turn_rewards()

    async def settled(self) -> Settled | None:
        """Block until the episode has had its last word; None if it was voided, which is not zero.

        The business must be over for that: this lets no time pass.
        """
        try:
            while not self.over:
                await self.reward.catch_up(self._hold.look)
                if not self.over:
                    await self._hold.news()
        except WorldGone:
            self.reward.over = _GONE
        return self.reward.over if isinstance(self.reward.over, Settled) else None

    # -- branching

    async def snapshot(self) -> Snapshot:
        """The state as of now, from which `fork` and `branch` make others. Taking it changes nothing."""
        if self._turn is None or self.over:
            raise EpisodeEnded(f"{self.id} is over: there is no state to branch from")
        file = self._hold.world.file
        events, digest = await asyncio.to_thread(state_at, self.root, self._turn.tick)
        return Snapshot(
            parent=self.id, scenario=file.scenario, seed=file.seed, isolation=file.isolation,
            acts=tuple(self._record.acts), tick=self._turn.tick, events=events, digest=digest,
        )  # fmt: skip

    async def fork(self, n: int, branch: "Callable[[Snapshot], Awaitable[Episode]] | None" = None) -> "list[Episode]":
        """So many branches of this moment, each a world of its own with the same randomness; this one goes on, too.

        `branch` makes one from the snapshot otherwise than by building it now (`Standby.branch`).
        """
        taken = await self.snapshot()
        make = branch or partial(Episode.branch, runs=self.root.parent, keep=self._keep)
        made = await asyncio.gather(*(make(taken) for _ in range(n)), return_exceptions=True)
        branches = [each for each in made if isinstance(each, Episode)]
        failures = [each for each in made if isinstance(each, BaseException)]
        if failures:
            await asyncio.gather(*(branch.close() for branch in branches))
            raise failures[0]
        return branches

    # -- made ahead

    async def take(self, *, keep: bool = False) -> bool:
        """Make a spare world one's own; False if it cannot be played any more, and is only to be closed."""
        if self._process is None or not self._hold.alive:
            return False
        try:
            await self.reward.catch_up(self._hold.look)
        except WorldGone:
            return False
        if self.over:
            return False
        self._process.taken()
        self._keep = keep
        return True

    async def lost(self) -> None:
        """Return when the world's process has ended."""
        await self._hold.lost()

    # -- letting go

    async def detach(self) -> None:
        """Let go of a world that goes on; `attach` takes it up again, within `orphan_s`."""
        self._closed = True
        await self._hold.leave()
        self._hold.forget()

    async def close(self) -> None:
        """End the world, void if it is not over, with all that belongs to it; harmless if that is done."""
        if self._closed:
            return
        self._closed = True
        if self.over:
            await self._hold.done()
        else:
            await self._hold.stop()
            await self._take_leave()
        await self._hold.leave()
        if self._lease is not None:  # the pool ends it, and cleans up
            self._lease.close()
            await self._lease.wait_closed()
        elif self._process is not None:
            await self._process.ended()
        else:
            await self._hold.ended()
        self._hold.forget()
        if self._lease is None and not self._keep:
            await remove(self.root)

    def kill(self) -> None:
        """End the world at once, as a crash would; `close` then cleans up. For tests and for what hangs."""
        if self._process is not None:
            self._process.kill()

    # -- inside

    @classmethod
    async def _started(cls, order: Order, keep: bool, *, spare: bool) -> "Episode":
        process = await start_world(order, spare=spare)
        hold = Hold(order.root)
        try:
            await hold.take()
            return await cls(hold, process, keep=keep)._begun()
        except BaseException:  # the same boundary, before anybody holds it
            process.kill()
            await hold.leave()
            hold.forget()
            await process.ended()
            await remove(order.root)
            raise

    async def _begun(self) -> "Episode":
        await self._next_turn()
        if self._turn is None:
            await self.settled()
            self.observation = observed(Turn(turn_id=None, tick=0, sim_time=SimTime(0), wake=(), seconds_left=0),
                                        SimTime(0), 0, None, "", fresh=False)  # fmt: skip
        return self

    async def _replay(self, snapshot: Snapshot) -> None:
        for action in snapshot.acts:
            await self._act(action)
        if self._turn is None or (self._turn.tick != snapshot.tick):
            raise ForkDiverged(f"{self.id} is not in hour {snapshot.tick} after {len(snapshot.acts)} acts")
        events, digest = await asyncio.to_thread(state_at, self.root, snapshot.tick)
        if (events, digest) != (snapshot.events, snapshot.digest):
            raise ForkDiverged(f"{self.id} came to another state than {snapshot.parent} had in hour {snapshot.tick}")
        self._given = len(self.reward.entries)

    def _effective(self, action: Action) -> Action:
        """A wait becomes one until a moment, and not beyond the segment; others stay as they are."""
        if action.tool != WAIT:
            return action
        try:
            given = WaitArguments.model_validate(action.arguments)
        except ValidationError:
            return action  # refused when it is carried out
        until = given.until_moment(self.observation.sim_time)
        if self._segment_end is not None and (until is not None or given.wake_on):
            until = min(until or self._segment_end, self._segment_end)
        arguments = {"wake_on": list(given.wake_on)} | ({} if until is None else {"until": until})
        return action.model_copy(update={"arguments": arguments})

    async def _act(self, action: Action) -> None:
        if action.tool == WAIT:
            await self._wait(action)
            return
        self._spend(action.usage)
        self._record.add(action)
        answer = await self._hold.ask(CallTool(tool=action.tool, arguments=action.arguments))
        if isinstance(answer, Refused):
            await self._refused(answer)
            return
        if answer.turn_id != (self._turn and self._turn.turn_id):  # the call ran past the hour
            await self._next_turn()
            self._see(answer, fresh=True)
        else:
            self._see(answer, fresh=False)
        await self._finish_if_over()

    async def _refused(self, refused: Refused) -> None:
        """The call was not carried out: because the episode is over, or for a reason that is to be seen."""
        if refused.code == "episode_over":
            await self._next_turn()
            await self._finish_if_over()
        self.observation = self.observation.model_copy(update={"ok": False, "content": refused.model_dump_json()})

    async def _wait(self, action: Action) -> None:
        try:
            given = WaitArguments.model_validate(action.arguments)
        except ValidationError as error:
            await self._refused(Refused(code="bad_arguments", detail=BY_NAME[WAIT].explain(error)))
            return
        self._spend(action.usage)
        self._record.add(action)
        until = None if given.until is None else SimTime(given.until)
        ended = EndTurn(wait_until=until, wake_on=given.wake_on, usage=self._tokens)
        self._tokens = Usage()
        await self._hold.ask(ended)
        await self._next_turn()
        await self._finish_if_over()

    def _spend(self, usage: Usage) -> None:
        sums = {
            name: getattr(self._tokens, name) + getattr(usage, name) for name in ("prompt_tokens", "completion_tokens")
        }
        self._tokens = Usage(**sums)

    async def _next_turn(self) -> None:
        """Begin the turn that is open or comes next, however long it takes; none when the episode is over."""
        while isinstance(answer := await self._hold.ask(BeginTurn()), Refused):
            if answer.code != "not_yet":
                raise WorldGone(f"no turn: {answer.code}: {answer.detail}")
        self._turn = None if answer.turn_id is None else answer
        if self._turn is not None:
            self.observation = observed(self._turn, answer.sim_time, answer.seconds_left, None, "", fresh=True)
            await self.reward.catch_up(self._hold.look)

    def _see(self, answer: ToolAnswer, *, fresh: bool) -> None:
        if self._turn is not None:
            told = (answer.sim_time, answer.seconds_left, answer.ok, answer.content)
            self.observation = observed(self._turn, *told, fresh=fresh)

    async def _finish_if_over(self) -> None:
        if self._turn is None:
            await self.settled()

    def _step(self, new: list[RewardEntry]) -> Step:
        over, micros = self.reward.over, Micros(sum(entry.amount for entry in new))
        voided = isinstance(over, Voided)
        terminated = isinstance(over, Settled) and over.outcome == "terminated"
        info = {
            "episode": self.id,
            "turn_id": self._turn.turn_id if self._turn else None,
            "micros": None if voided else micros,
            "settled": over if isinstance(over, Settled) else None,
            "voided": over if isinstance(over, Voided) else None,
        }
        truncated = not terminated and (over is not None or self.segment_over)
        return Step(self.observation, None if voided else micros / 1e6, terminated, truncated, info)

    async def _take_leave(self) -> None:
        """Hear the end, so that the gateway need not wait for us."""
        with suppress(WorldGone), anyio.move_on_after(END_WITHIN_S):
            while isinstance(answer := await self._hold.ask(AwaitEnd()), Refused) and answer.code == "not_yet":
                pass
