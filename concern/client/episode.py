"""One episode, as a trainer holds it: Gymnasium's semantics over a business that goes on without us."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bus.ids import EpisodeId
from bus.messages.cloud import Isolation
from bus.messages.gateway import ToolSpec
from bus.messages.reward import RewardEntry
from bus.scenario import Scenario
from bus.simtime import HOUR, SimTime
from concern.client.acts import Action, Observation, Step, as_action
from concern.client.hold import WorldGone
from concern.client.order import ORPHAN_S, Order, new_order, scenario_of
from concern.client.player import Player
from concern.client.reward import Rewards, Settled, TurnReward
from concern.client.snapshots import ForkDiverged, Snapshot, state_at
from concern.client.tenure import Tenure

RUNS = Path("runs")
"""Where runs are kept by their ids, in the working directory."""


class EpisodeEnded(Exception):
    """There is nothing to step any more: the episode or its segment is over. Reset, or ask for another segment."""


class Episode:
    """A running world and the one handle that plays it. Made by `start`, `attach` and `fork`; end it with `close`."""

    def __init__(self, tenure: Tenure) -> None:
        self.root = tenure.hold.root
        self.id: EpisodeId = tenure.hold.world.episode
        self._tenure, self._player = tenure, Player(tenure.hold)

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
        order = new_order(runs, scenario_of(scenario, days), seed, isolation, orphan_s=orphan_s)
        started = await cls._started(order, keep=keep, spare=spare)
        if segment_hours is not None:
            started.segment(segment_hours)
        return started

    @classmethod
    async def attach(cls, root: Path, *, keep: bool = True) -> "Episode":
        """Take up a world that runs already, whose handle was lost or let go. `WorldGone` if it does not run."""
        return await cls._taken_up(await Tenure.attach(root, keep=keep))

    @classmethod
    async def lease(cls, pool: Path) -> "Episode":
        """The next business of a pool (`concern pool`), ready to be played; `close` gives it back, to be ended.

        Waits while all are lent. `WorldGone` if there is no pool in that directory.
        """
        return await cls._taken_up(await Tenure.lease(pool))

    @classmethod
    async def branch(
        cls, snapshot: Snapshot, *, runs: Path = RUNS, keep: bool = False, spare: bool = False
    ) -> "Episode":
        """A new world that has come to a snapshot's state, and goes on from there. `ForkDiverged` if it did not."""
        order = new_order(runs, snapshot.scenario, snapshot.seed, snapshot.isolation)
        branched = await cls._started(order, keep=keep, spare=spare)
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
        return await self._player.tools()

    async def step(self, action: Action | Mapping[str, Any]) -> Step:
        """Do one thing. Time passes by `wait`, and a simulated minute with every other tool."""
        if self.over or self.segment_over:
            raise EpisodeEnded(f"{self.id} is over: reset, or ask for another segment")
        return await self._player.step(as_action(action))

    def segment(self, hours: int) -> None:
        """Bound what follows to some hours: `step` then answers `truncated`, and the business can go on after it."""
        self._player.segment_end = SimTime(self.observation.sim_time + hours * HOUR)

    @property
    def observation(self) -> Observation:
        """The last one."""
        return self._player.observation

    @property
    def over(self) -> bool:
        """Whether the episode has had its last word."""
        return self.reward.over is not None

    @property
    def segment_over(self) -> bool:
        """Whether the segment that was asked for is through."""
        return self._player.segment_over

    # -- reward

    @property
    def reward(self) -> Rewards:
        """The reward stream as read so far."""
        return self._player.reward

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
        await self._player.last_word()
        return self.reward.over if isinstance(self.reward.over, Settled) else None

    # -- branching

    async def snapshot(self) -> Snapshot:
        """The state as of now, from which `fork` and `branch` make others. Taking it changes nothing."""
        turn = self._player.turn
        if turn is None or self.over:
            raise EpisodeEnded(f"{self.id} is over: there is no state to branch from")
        file = self._tenure.hold.world.file
        events, digest = await asyncio.to_thread(state_at, self.root, turn.tick)
        return Snapshot(
            parent=self.id, scenario=file.scenario, seed=file.seed, isolation=file.isolation,
            acts=self._player.acts, tick=turn.tick, events=events, digest=digest,
        )  # fmt: skip

    async def fork(self, n: int, branch: "Callable[[Snapshot], Awaitable[Episode]] | None" = None) -> "list[Episode]":
        """So many branches of this moment, each a world of its own with the same randomness; this one goes on, too.

        `branch` makes one from the snapshot otherwise than by building it now (`Standby.branch`).
        """
        taken = await self.snapshot()
        make = branch or partial(Episode.branch, runs=self.root.parent, keep=self._tenure.keep)
        made = await asyncio.gather(*(make(taken) for _ in range(n)), return_exceptions=True)
        branches = [each for each in made if isinstance(each, Episode)]
        failures = [each for each in made if isinstance(each, BaseException)]
        if failures:
            await asyncio.gather(*(branch.close() for branch in branches))
            raise failures[0]
        return branches

    # -- made ahead

    async def take(self, *, keep: bool = False) -> bool:
        """Make a spare world one's own, if it answers; False if it cannot be played any more, and is only to be closed."""
        process = self._tenure.process
        if process is None:
            return False
        try:
            await self._player.read()
        except WorldGone:
            return False
        if self.over or not await self._tenure.hold.answers():
            return False
        process.taken()
        self._tenure.keep = keep
        return True

    async def lost(self) -> None:
        """Return when the world's process has ended."""
        await self._tenure.hold.lost()

    # -- letting go

    async def detach(self) -> None:
        """Let go of a world that goes on; `attach` takes it up again, within `orphan_s`."""
        await self._tenure.detach()

    async def close(self) -> None:
        """End the world, void if it is not over, with all that belongs to it; harmless if that is done."""
        await self._tenure.close(over=self.over)

    def kill(self) -> None:
        """End the world at once, as a crash would; `close` then cleans up. For tests and for what hangs."""
        self._tenure.kill()

    # -- inside

    @classmethod
    async def _started(cls, order: Order, *, keep: bool, spare: bool) -> "Episode":
        tenure = await Tenure.found(order, keep=keep, spare=spare)
        async with tenure.or_nothing():
            episode = cls(tenure)
            await episode._player.begin()
        return episode

    @classmethod
    async def _taken_up(cls, tenure: Tenure) -> "Episode":
        try:
            episode = cls(tenure)
            await episode._player.begin()
        except BaseException:  # the boundary to a world of others: it is not held by somebody who does not play it
            await tenure.detach()
            raise
        episode._player.count_from_here()
        return episode

    async def _replay(self, snapshot: Snapshot) -> None:
        await self._player.replay(snapshot.acts)
        turn = self._player.turn
        if turn is None or turn.tick != snapshot.tick:
            raise ForkDiverged(f"{self.id} is not in hour {snapshot.tick} after {len(snapshot.acts)} acts")
        events, digest = await asyncio.to_thread(state_at, self.root, snapshot.tick)
        if (events, digest) != (snapshot.events, snapshot.digest):
            raise ForkDiverged(f"{self.id} came to another state than {snapshot.parent} had in hour {snapshot.tick}")
        self._player.count_from_here()
