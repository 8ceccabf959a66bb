"""Calls that take longer than their caller can wait: they go on by themselves, and are asked for by a job id."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskGroup

from bus.ids import derive_id
from bus.messages.base import Part, Refused
from bus.messages.gateway import ToolAnswer

MOST = 4
"""Calls under way at the same time."""
KEPT = 20
"""Answers of late that can still be asked for."""

Reply = ToolAnswer | Refused


class StillRunning(Part):
    """A call that has not ended yet; it goes on."""

    job: str
    running: bool = True
    detail: str = "not finished yet, and going on by itself; ask for its answer with job(job=...), or do other work"


@dataclass
class Call:
    """One call under way, or its answer."""

    job: str
    tool: str
    reply: Reply | None = None
    ended: anyio.Event = field(default_factory=anyio.Event)


@dataclass
class Calls:
    """The calls of late whose callers did not want to wait for ever."""

    tasks: TaskGroup
    _kept: OrderedDict[str, Call] = field(default_factory=OrderedDict[str, Call])
    _count: int = 0

    @property
    def under_way(self) -> list[Call]:
        """Calls without an answer, oldest first."""
        return [call for call in self._kept.values() if call.reply is None]

    def find(self, job: object) -> Call | None:
        """A call by its job id."""
        return self._kept.get(job) if isinstance(job, str) else None

    def start(self, tool: str, work: Callable[[], Awaitable[Reply]]) -> Call | Refused:
        """Begin a call; refused while too many are under way."""
        busy = self.under_way
        if len(busy) >= MOST:
            jobs = ", ".join(f"{call.job} ({call.tool})" for call in busy)
            return Refused(
                code="busy", detail=f"{MOST} calls are under way: {jobs}. Ask for one of them with job first"
            )
        self._count += 1
        call = Call(derive_id("c", "operator", self._count), tool)
        self._kept[call.job] = call
        for old in [one.job for one in self._kept.values() if one.reply is not None][: max(0, len(self._kept) - KEPT)]:
            del self._kept[old]
        self.tasks.start_soon(self._carry_out, call, work)
        return call

    async def _carry_out(self, call: Call, work: Callable[[], Awaitable[Reply]]) -> None:
        call.reply = await work()
        call.ended.set()
