"""Worlds made ahead: while one business is played, the next ones are built and stand where they begin."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import structlog

from bus.messages.cloud import Isolation
from bus.scenario import Scenario
from concern.client.episode import RUNS, Episode, EpisodeEnded
from concern.client.order import scenario_of
from concern.client.snapshots import Snapshot

MOST = 8
"""Worlds that stand ready or are built at the same time, by default: a usual group of branches. Each takes memory."""
BUILDS = 2
"""Worlds that are built at the same time: more of them only take the processor from those who play."""


@dataclass(frozen=True)
class Fresh:
    """What decides the first turn of a new world."""

    scenario: Scenario
    seed: int
    isolation: Isolation


Need = Fresh | Snapshot
"""What a world has to be made from, exactly, to be handed over."""
Make = Callable[[Need, bool], Awaitable[Episode]]
"""Makes the world of a need: spare or not."""


@dataclass(eq=False)
class _Spare:
    """A world made ahead, or to be made."""

    need: Need
    made: asyncio.Future[Episode]
    tending: asyncio.Task[None] | None = None
    """None while there is no room for it."""
    claimed: bool = False
    """Whether somebody waits for it already."""

    def fail(self, error: Exception) -> None:
        """Tell whoever takes it; nobody need do so."""
        self.made.set_exception(error)
        self.made.exception()


@dataclass
class Standby:
    """So many worlds in waiting, each handed over once. `start` and `branch` are those of `Episode`, only sooner."""

    scenario: str | Scenario = "short"
    runs: Path = RUNS
    isolation: Isolation = "full"
    keep: bool = False
    most: int = MOST
    make: Make | None = None
    """How worlds come to be; by default as real ones."""
    _spares: list[_Spare] = field(default_factory=list[_Spare])
    _builds: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(BUILDS))
    _endings: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _closed: bool = False

    def __post_init__(self) -> None:
        if self.most < 1:
            raise ValueError(f"room for {self.most} worlds in waiting; it must be one or more")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def prepare(
        self, seeds: Iterable[int] = (), *, snapshot: Snapshot | None = None, n: int = 1, days: int | None = None
    ) -> None:
        """Make worlds ahead, beside whatever is played: `n` of each seed, in this order, or `n` branches of a snapshot.

        Returns at once. What has no room waits for it, unmade. `ValueError` if it is not clear what to make,
        `ScenarioError` if the scenario cannot be used; what goes wrong later is told to whoever takes the world.
        """
        if self._closed:
            raise EpisodeEnded("nothing is made ahead any more: this was closed")
        for need in self._needs(list(seeds), snapshot, n, days):
            self._spares.append(_Spare(need, asyncio.get_running_loop().create_future()))
        self._fill()

    async def start(self, *, seed: int = 1, days: int | None = None) -> Episode:
        """A world at its first turn: one made ahead if there is one of this seed and these days, else a new one."""
        return await self._take(self._fresh(seed, days))

    async def branch(self, snapshot: Snapshot) -> Episode:
        """A branch of a snapshot: one made ahead if there is one, else a new one."""
        return await self._take(snapshot)

    async def ready(self) -> None:
        """Wait until every world that has room stands ready, or could not be made."""
        for spare in [each for each in self._spares if each.tending is not None]:
            await asyncio.wait([spare.made])

    async def retire(self, episode: Episode) -> None:
        """End a business beside the next one; at most one at a time, so this waits for the one before."""
        await self._all_ended()
        self._ending(episode)

    async def clear(self) -> None:
        """End whatever waits, and make nothing more of what was asked for."""
        spares, self._spares = self._spares, []
        tending = [each.tending for each in spares if each.tending is not None]
        for task in tending:
            task.cancel()
        await asyncio.gather(*tending, return_exceptions=True)
        for spare in spares:
            if not spare.made.done():
                spare.fail(EpisodeEnded("worlds in waiting were ended while this one was made"))
            elif not spare.made.exception():
                self._discard(spare.made.result())
        await self._all_ended()

    async def close(self) -> None:
        """End all that waits, and wait for what is ending; harmless the second time."""
        self._closed = True
        await self.clear()

    # -- inside

    def _needs(self, seeds: list[int], snapshot: Snapshot | None, n: int, days: int | None) -> list[Need]:
        if bool(seeds) is (snapshot is not None):
            raise ValueError("say either seeds or a snapshot to make worlds from")
        if n < 1:
            raise ValueError(f"{n} worlds of each; it must be one or more")
        if wrong := [seed for seed in seeds if type(seed) is not int]:
            raise ValueError(f"{wrong[0]!r} is no seed; seeds are whole numbers")
        if snapshot is None:
            return [need for seed in seeds for need in [self._fresh(seed, days)] * n]
        if days is not None:
            raise ValueError("a snapshot's days are its own: leave days out")
        return [snapshot] * n

    def _fresh(self, seed: int, days: int | None) -> Fresh:
        return Fresh(scenario_of(self.scenario, days), seed, self.isolation)

    def _fill(self) -> None:
        """Begin to make what there is room for."""
        for spare in [each for each in self._spares if not each.claimed][: self.most]:
            if spare.tending is None:
                spare.tending = asyncio.create_task(self._tend(spare), name="makes a world ahead")

    async def _tend(self, spare: _Spare) -> None:
        """Make a world, and another in its place whenever it dies before somebody has taken it."""
        while True:
            try:
                async with self._builds:
                    episode = await self._world(spare.need, True)
            except Exception as error:  # the boundary to who asked: told to whoever takes the world
                spare.fail(error)
                return
            spare.made.set_result(episode)
            await episode.lost()
            structlog.get_logger().warning("a world died while it stood ready", root=str(episode.root))
            spare.made = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._discard(episode))

    async def _take(self, need: Need) -> Episode:
        spare = self._best(need)
        if spare is None:
            return await self._world(need, False)
        if spare.tending is None:
            self._spares.remove(spare)
            return await self._world(need, False)
        episode = await self._handed_over(spare, spare.tending)
        try:
            good = await episode.take(keep=self.keep)
        except BaseException:  # the boundary to a world of ours: none is left that nobody holds
            self._discard(episode)
            raise
        if good:
            return episode
        await asyncio.shield(self._discard(episode))
        return await self._world(need, False)

    async def _handed_over(self, spare: _Spare, tending: asyncio.Task[None]) -> Episode:
        spare.claimed = True
        try:
            episode = await asyncio.shield(spare.made)
        except asyncio.CancelledError:
            spare.claimed = False  # whoever waited for it does not any more
            raise
        except Exception:  # the boundary to its making: what could not be made gives its place to the next
            self._drop(spare)
            raise
        tending.cancel()
        self._drop(spare)
        return episode

    def _drop(self, spare: _Spare) -> None:
        """Make room."""
        if spare in self._spares:
            self._spares.remove(spare)
        self._fill()

    def _best(self, need: Need) -> _Spare | None:
        """Of the worlds made from this one that stands ready, else the one that was begun first."""
        fitting = [each for each in self._spares if each.need == need and not each.claimed]
        return min(fitting, key=lambda each: not each.made.done(), default=None)

    async def _world(self, need: Need, spare: bool) -> Episode:
        if self.make is not None:
            return await self.make(need, spare)
        keep = self.keep and not spare
        if isinstance(need, Snapshot):
            return await Episode.branch(need, runs=self.runs, keep=keep, spare=spare)
        return await Episode.start(
            need.scenario, seed=need.seed, isolation=need.isolation, runs=self.runs, keep=keep, spare=spare
        )

    def _discard(self, episode: Episode) -> asyncio.Task[None]:
        """End a world in which nothing has happened, at once."""
        episode.kill()
        return self._ending(episode)

    def _ending(self, episode: Episode) -> asyncio.Task[None]:
        task = asyncio.create_task(episode.close(), name=f"ends {episode.id}")
        self._endings.add(task)
        return task

    async def _all_ended(self) -> None:
        endings, self._endings = self._endings, set()
        await asyncio.gather(*endings)
