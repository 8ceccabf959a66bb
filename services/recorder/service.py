"""The recorder on the bus: hears every family, writes the journal tick by tick, and `episode.json` at the end."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import orjson
from anyio.abc import TaskStatus

from bus.context import Context, Step
from bus.feed import Feed
from bus.journal import JOURNAL
from bus.messages import FAMILIES
from bus.messages.base import Delivered
from bus.messages.clock import Control, Phase
from bus.service import Service
from bus.subjects import family_pattern
from services.recorder.model import Tally, episode_json
from services.recorder.store import Journal

EPISODE_FILE = "episode.json"
CLOCK = "clock"


async def _clock_until_open(clock: Feed, step: Step) -> list[Delivered]:
    """The clock's events up to the one that opened this stage: where it ends never depends on how fast anybody was."""
    heard: list[Delivered] = []
    while True:
        heard.append(await clock.next())
        event = heard[-1].event
        if isinstance(event, Phase) and (event.tick, event.stage) == (step.tick, step.stage):
            return heard


async def _clock_until_over(clock: Feed) -> list[Delivered]:
    """The clock's last words."""
    heard: list[Delivered] = []
    while not (heard and isinstance(heard[-1].event, Control) and heard[-1].event.state == "ended"):
        heard.append(await clock.next())
    return heard


@asynccontextmanager
async def _own_clock(ctx: Context) -> AsyncGenerator[Feed]:
    """The clock's events themselves: a context uses them to make steps and hands out none."""
    pattern = family_pattern(CLOCK, ctx.world.episode)
    async with ctx.transport.subscribe(pattern) as letters, anyio.create_task_group() as tasks:
        feed = Feed(CLOCK, ctx.world.episode, ctx.transport, lambda _: None)
        tasks.start_soon(feed.fill, letters, name="recorder hears clock")
        yield feed
        tasks.cancel_scope.cancel()


def _write(path: Path, content: object) -> None:
    """Write a file whole or not at all."""
    part = path.with_suffix(".part")
    part.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    part.replace(path)


async def run(ctx: Context, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
    """Record until the episode is over. Whatever cannot be written ends the service, and so the episode."""
    directory = ctx.world.directory(JOURNAL.parent.name)
    journal = Journal(directory / JOURNAL.name)
    tally, tick = Tally(), 0

    def record(messages: list[Delivered]) -> None:
        journal.append(tick, messages)
        tally.take(messages)

    try:
        async with _own_clock(ctx) as clock:
            task_status.started()
            async for step in ctx.steps():
                tick = step.tick
                record([*await _clock_until_open(clock, step), *step.messages])
            record(await _clock_until_over(clock))
        content = episode_json(ctx.world.file, tally, (journal.events, journal.chain))
    finally:
        journal.close()
    _write(directory / EPISODE_FILE, content)


service = Service(name="recorder", run=run, subscribes=FAMILIES)
