"""The same episode for code that knows no `await`: Gymnasium's methods and five values, without that package.

Duck-typed on purpose: `gymnasium` is no dependency, and a business has no `Box` of numbers to declare. Actions are the
operator's tools, observations are dictionaries.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from anyio.from_thread import BlockingPortal, BlockingPortalProvider

from bus.messages.cloud import Isolation
from bus.messages.gateway import ToolSpec
from bus.messages.reward import RewardEntry
from bus.scenario import Scenario
from concern.client.acts import Action, Observation
from concern.client.episode import RUNS, Episode, EpisodeEnded
from concern.client.reward import Settled, TurnReward
from concern.client.snapshots import Snapshot
from concern.client.standby import MOST, Standby

T = TypeVar("T")

_loop = BlockingPortalProvider()
"""One event loop in a thread of its own, for as long as any environment is open."""

OPTIONS = frozenset({"days", "segment_hours", "snapshot"})
"""What `reset` takes in `options`."""


class BusinessEnv:
    """One business at a time: `reset`, `step` until terminated or truncated, `close`; the next ones may be made ahead."""

    def __init__(
        self,
        scenario: str | Scenario = "short",
        *,
        segment_hours: int | None = None,
        runs: Path = RUNS,
        isolation: Isolation = "full",
        keep: bool = False,
        most_ahead: int = MOST,
    ) -> None:
        self._segment_hours, self._keep = segment_hours, keep
        self._standby = Standby(scenario, runs, isolation, keep, most_ahead)
        self._episode: Episode | None = None
        self._entered: AbstractContextManager[BlockingPortal] | None = _loop
        self._portal = _loop.__enter__()

    def __enter__(self) -> "BusinessEnv":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def episode(self) -> Episode:
        """The handle below. `EpisodeEnded` before the first reset."""
        if self._episode is None:
            raise EpisodeEnded("there is no episode yet: reset first")
        return self._episode

    def prepare(
        self, seeds: Iterable[int] = (), *, snapshot: Snapshot | None = None, n: int = 1, days: int | None = None
    ) -> None:
        """Make businesses ahead, beside the one that is played: `n` for each seed, or `n` branches of a snapshot.

        Returns at once; the `reset` or `fork` that wants exactly such a one gets it, in milliseconds if it stands ready. At
        most `most_ahead` are made before they are taken, the others after that. `ValueError` for what cannot be made.
        """
        self._do(partial(self._prepare, seeds, snapshot, n, days))

    def ready(self) -> None:
        """Block until all businesses that are made ahead stand ready."""
        self._do(self._standby.ready)

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """A new business; the one before is ended, beside this one. Equal seeds begin, and with equal actions go on, equally.

        `options`: `days` and `segment_hours`, or `snapshot` to begin from (which has a seed already). `ValueError` for
        others.
        """
        chosen = dict(options or {})
        if not chosen.keys() <= OPTIONS:
            raise ValueError(f"no option {sorted(chosen.keys() - OPTIONS)}; there are {sorted(OPTIONS)}")
        hours = chosen.get("segment_hours", self._segment_hours)
        snapshot: Snapshot | None = chosen.get("snapshot")
        before, self._episode = self._episode, None
        if before is not None:
            self._do(partial(self._end, before))
        self._episode = self._do(lambda: self._made(1 if seed is None else seed, chosen.get("days"), snapshot))
        if hours is not None:
            self._episode.segment(hours)
        return _seen(self._episode.observation), self._info()

    def step(
        self, action: Action | Mapping[str, Any]
    ) -> tuple[dict[str, Any], float | None, bool, bool, dict[str, Any]]:
        """One tool call: observation, dollars since the last one (None where voided), terminated, truncated, info."""
        done = self._do(lambda: self.episode.step(action))
        return _seen(done.observation), done.reward, done.terminated, done.truncated, done.info

    def tools(self) -> tuple[ToolSpec, ...]:
        """The actions there are."""
        return self._do(self.episode.tools)

    def snapshot(self) -> Snapshot:
        """The state as of now: pass it to `reset` as an option, here or elsewhere."""
        return self._do(self.episode.snapshot)

    def fork(self, n: int) -> "list[BusinessEnv]":
        """So many environments, each in a branch of this moment: those that were made ahead of it first."""
        branches = self._do(lambda: self.episode.fork(n, self._standby.branch))
        made: list[BusinessEnv] = []
        ahead = self._standby
        for branch in branches:
            env = BusinessEnv(
                ahead.scenario, runs=ahead.runs, isolation=ahead.isolation, keep=self._keep, most_ahead=ahead.most
            )
            env._episode = branch
            made.append(env)
        return made

    def rewards(self) -> list[RewardEntry]:
        """Every entry so far."""
        return self.episode.rewards()

    def turn_rewards(self) -> list[TurnReward]:
        """Every turn so far."""
        return self.episode.turn_rewards()

    def settled(self) -> Settled | None:
        """Block until the last word; None if voided."""
        return self._do(self.episode.settled)

    def close(self) -> None:
        """End the business, if there is one, and let go of everything; harmless the second time."""
        if self._entered is None:
            return
        entered, self._entered = self._entered, None
        with ExitStack() as stack:  # each of these, whatever becomes of the ones before
            stack.callback(entered.__exit__, None, None, None)
            stack.callback(self._do, self._standby.close)
            if self._episode is not None:
                stack.callback(self._do, self._episode.close)

    async def _made(self, seed: int, days: int | None, snapshot: Snapshot | None) -> Episode:
        if snapshot is not None:
            return await self._standby.branch(snapshot)
        return await self._standby.start(seed=seed, days=days)

    async def _end(self, episode: Episode) -> None:
        """What is kept is whole when the next business begins; what is not kept may end beside it."""
        await (episode.close() if self._keep else self._standby.retire(episode))

    async def _prepare(self, seeds: Iterable[int], snapshot: Snapshot | None, n: int, days: int | None) -> None:
        self._standby.prepare(seeds, snapshot=snapshot, n=n, days=days)

    def _info(self) -> dict[str, Any]:
        return {"episode": self.episode.id, "root": self.episode.root}

    def _do(self, work: Callable[[], Awaitable[T]]) -> T:
        return self._portal.call(work)


def _seen(observation: Observation) -> dict[str, Any]:
    return observation.model_dump(mode="json")
