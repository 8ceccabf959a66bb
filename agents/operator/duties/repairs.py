"""Deploying known changes (fixes, and requests built) one by one: apply, commit, deploy, watch; what goes wrong is taken back and tried once more."""

import shlex
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from agents.operator.tools import ToolRefused, Tools
from bus.messages.gateway import Turn
from bus.simtime import HOUR, SimTime

PATCH = "/home/operator/fix.patch"
"""Outside the repository, so that it is never committed."""
REFRESH = "git update-index -q --refresh"
"""`git apply --index` compares files with what the index noted of them, which a change of owner has made stale."""
WATCH = HOUR
"""How long a new release is watched before the next one."""
ATTEMPTS = 2


class Fix(Protocol):
    """A reference fix, or a request built, as `catalog` makes them."""

    @property
    def defect(self) -> str: ...
    @property
    def kind(self) -> str:
        """Of the defect: `security` for a hole."""
        ...

    @property
    def patch(self) -> str:
        """A unified diff, as `git apply` takes it."""
        ...

    @property
    def message(self) -> str:
        """The commit's message."""
        ...


@dataclass
class _Attempt:
    fix: Fix
    number: int = 1
    job: str | None = None
    """The deploy, once it was accepted."""
    commit: str = ""
    """Of the fix, in the operator's repository."""
    live_since: SimTime | None = None


class DeployFixes:
    """One fix at a time, so that what goes wrong is known."""

    def __init__(self, fixes: Iterable[Fix]) -> None:
        self._queue = deque(_Attempt(fix) for fix in fixes)
        self._current: _Attempt | None = None

    async def tend(self, tools: Tools, turn: Turn) -> None:
        current = self._current
        if current is None:
            await self._begin(tools)
        elif current.job is None:
            await self._deploy(tools, current)
        elif current.live_since is None:
            await self._look_at_job(tools, current, current.job)
        else:
            await self._watch(tools, current, current.live_since)

    async def _begin(self, tools: Tools) -> None:
        while self._queue:
            attempt = self._queue.popleft()
            if await self._commit(tools, attempt):
                self._current = attempt
                await self._deploy(tools, attempt)
                return
            self._again(attempt)

    async def _commit(self, tools: Tools, attempt: _Attempt) -> bool:
        fix = attempt.fix
        await tools.call("write_file", path=PATCH, content=fix.patch)
        message = shlex.quote(fix.message)
        done = await tools.bash(
            f"{REFRESH}; git apply --index {PATCH} && git commit -q -m {message} && git rev-parse HEAD"
        )
        if done.exit_code != 0:
            tools.log.warning("a fix does not apply", defect=fix.defect, problem=done.output[-500:])
            await tools.bash("git reset -q --hard")
            return False
        attempt.commit = done.output.split()[-1]
        return True

    async def _deploy(self, tools: Tools, attempt: _Attempt) -> None:
        """Ask for the rollout; if that is refused (another one is under way), the next turn asks again."""
        attempt.job = (await tools.deploy("HEAD")).job

    async def _look_at_job(self, tools: Tools, attempt: _Attempt, job: str) -> None:
        state = await tools.job(job)
        if state.state == "failed":
            tools.log.warning("a fix was not deployed", defect=attempt.fix.defect, problem=state.detail)
            await self._take_back(tools, attempt)
        elif state.state == "succeeded":
            attempt.live_since = tools.now

    async def _watch(self, tools: Tools, attempt: _Attempt, live_since: SimTime) -> None:
        """Whether the fix is still live: keeping instances healthy may have rolled it back."""
        if (await tools.instances()).commit != attempt.commit:
            tools.log.warning("a fix was rolled back", defect=attempt.fix.defect)
            await self._take_back(tools, attempt)
        elif tools.now - live_since >= WATCH:
            self._current = None
            await self._begin(tools)

    async def _take_back(self, tools: Tools, attempt: _Attempt) -> None:
        done = await tools.bash("git revert --no-edit HEAD")
        if done.exit_code != 0:
            raise ToolRefused("bash", "no_revert", done.output[-500:])
        self._current = None
        self._again(attempt)

    def _again(self, attempt: _Attempt) -> None:
        """Once more, after the others: it may have needed one of them, or been blamed for somebody else's errors."""
        if attempt.number < ATTEMPTS:
            self._queue.append(_Attempt(attempt.fix, attempt.number + 1))
