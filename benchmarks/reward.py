"""How long after a tick's books are closed its reward is published, in a world of a million people.

The scorer itself over a real broker: it hears the tick's entries, signs, chains and commits each reward, says it, and a
trainer with the trainer's key hears it. From the opening of the scorer's stage to the last entry at the trainer.
"""

import statistics
import sys
import time
from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskStatus

from benchmarks.bus import contexts
from benchmarks.rows import Row, tell
from bus.codec import RequestHead
from bus.context import Context
from bus.messages.base import Done
from bus.messages.billing import EntryPosted, Line
from bus.messages.clock import Phase, Ready, StageDone, Tick
from bus.money import Micros
from bus.service import Service
from bus.simtime import HOUR, SimTime
from services.scorer.service import service as scorer

ENTRIES = 60
"""Of a tick: 10,300 customers renew once a month, which is fourteen an hour, with a charge, a fee and an income each; hosting,
costs and refunds come to a few more.
"""
TICKS = 48
MOST_MS = 25.0


async def _nothing(ctx: Context, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
    """Declared only: the benchmark speaks for these roles."""
    del ctx, task_status


CLOCK = Service("world", _nothing, (Tick, Phase), serves=(Ready, StageDone), participant=False)
BILLING = Service("billing", _nothing, (EntryPosted,), participant=False)
TRAINER = Service("trainer", _nothing, subscribes=("reward",), account="TRAIN", participant=False)
SERVICES = (scorer, CLOCK, BILLING, TRAINER)


@dataclass
class Barrier:
    """Notices when the scorer is there, and when it has done a stage."""

    ready: anyio.Event = field(default_factory=anyio.Event)
    done: anyio.Event = field(default_factory=anyio.Event)

    async def on_ready(self, head: RequestHead, command: Ready) -> Done:
        """It waits for its first stage."""
        del head, command
        self.ready.set()
        return Done()

    async def on_done(self, head: RequestHead, command: StageDone) -> Done:
        """It has finished one."""
        del head, command
        self.done.set()
        return Done()


def entry(tick: int, number: int) -> EntryPosted:
    """One posting that changes the company's equity."""
    lines = (Line(account="cost:hosting", amount=Micros(7)), Line(account="asset:cash", amount=Micros(-7)))
    return EntryPosted(
        entry=f"en_{tick}_{number}", tick=tick, at=SimTime(tick * HOUR), kind="hosting", lines=lines, actor="cloud", memo=""
    )  # fmt: skip


async def lags() -> list[float]:
    """Milliseconds of each tick."""
    found: list[float] = []
    barrier = Barrier()
    async with contexts(SERVICES) as held, anyio.create_task_group() as tasks:
        clock, billing = held["world"], held["billing"]
        tasks.start_soon(clock.serve, {Ready: barrier.on_ready, StageDone: barrier.on_done})
        tasks.start_soon(scorer.run, held["scorer"])
        await barrier.ready.wait()
        heard = held["trainer"].hear("reward")
        for tick in range(TICKS):
            await billing.say_all((entry(tick, number), None) for number in range(ENTRIES))
            await billing.transport.flush()
            barrier.done = anyio.Event()
            begun = time.perf_counter()
            marks = {"billing": (tick + 1) * ENTRIES}
            stage = Phase(tick=tick, stage=6, phase="settle", participants=("scorer",), watermarks=marks)
            await clock.say(stage, at=SimTime(tick * HOUR))
            last = f"en_{tick}_{ENTRIES - 1}"
            async for delivered in heard:
                if getattr(delivered.event, "ledger_entry", None) == last:
                    break
            found.append((time.perf_counter() - begun) * 1e3)
            await barrier.done.wait()
        tasks.cancel_scope.cancel()
    return found


def main() -> int:
    """All ticks; 0 if the bound is met."""
    found = sorted(anyio.run(lags, backend_options={"use_uvloop": True}))
    return tell(
        "reward",
        [
            Row(
                "ms from the end of a tick to its reward at the trainer, median", statistics.median(found), high=MOST_MS
            ),
            Row("  95th of 100", found[int(0.95 * (len(found) - 1))]),
            Row("  rewards a tick", ENTRIES, digits=0),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
