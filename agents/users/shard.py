"""A world's market in several processes: shards live through a tick, and the users service puts their words together.

A shard is a participant of the barrier (`users_1`, `users_2`, ...) in a stage before the users'. It says nothing itself:
it hands its tick to the users service by command, so that the family `users` keeps its one writer and its one order.
"""

from collections.abc import Iterator
from contextlib import suppress

import anyio
import orjson
from anyio.abc import TaskStatus

from agents.users.merge import LivedPart, Said, Section
from agents.users.service import ASKS, HEARS, Neighbourhood, market_of, say, voice_of, whole_of
from bus.codec import RequestHead
from bus.context import Context
from bus.host import HostingError
from bus.messages import EVENTS
from bus.messages.base import Done, Refused
from bus.messages.users import ShardLived, Word
from bus.service import Service
from bus.transport.protocol import BusError
from bus.world import World

MOST_BYTES = 400_000
"""Of the events in one message: well below the broker's limit, whatever their quotes cost."""


def shard_name(shard: int) -> str:
    """The role of a shard, counted from 0."""
    return f"users_{shard + 1}"


def which_shard(world: World, named: str | None) -> int:
    """Which shard this process is, from 0: the one that is named (counted from 1), or the first that nobody has taken.

    A claim is a file, so replicas of one container need not be told apart. `HostingError` if there is no such shard left.
    """
    if world.file.shards == 1:
        raise HostingError("the users of this world are one process: it was built without --shards")
    if named is not None:
        if not named.isdecimal() or not 1 <= int(named) <= world.file.shards:
            raise HostingError(f"no shard {named!r}; this world has shards 1 to {world.file.shards}")
        return int(named) - 1
    for shard in range(world.file.shards):
        with suppress(FileExistsError):
            (world.directory("users") / f"claimed-{shard + 1}").touch(exist_ok=False)
            return shard
    raise HostingError(f"all {world.file.shards} shards of this world are taken")


def shard_service(shard: int, shards: int) -> Service:
    """One of `shards` parts of a market."""

    async def run(ctx: Context, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        here = Neighbourhood(ctx, market_of(ctx.world, shard, shards))
        task_status.started()
        try:
            async for step in ctx.steps():
                for message in messages(shard, step.tick, await here.live(step)):
                    answer = await ctx.ask(message)
                    if isinstance(answer, Refused):
                        raise BusError(f"the users service refused {shard_name(shard)}: {answer.detail}")
        finally:
            await here.close()

    return Service(name=shard_name(shard), run=run, subscribes=(*HEARS, "users"), asks=(*ASKS, ShardLived))


def messages(shard: int, tick: int, part: LivedPart) -> Iterator[ShardLived]:
    """One shard's tick as messages of a bearable size; the sums are in the last one."""
    words: list[Word] = []
    size = 0
    for one in part.words():
        text = one.event.model_dump_json()
        if size + len(text) > MOST_BYTES:
            yield ShardLived(shard=shard, tick=tick, words=tuple(words))
            words, size = [], 0
        words.append(Word(section=one.section, order=one.order, event=text, cause=one.cause))
        size += len(text)
    yield ShardLived(
        shard=shard,
        tick=tick,
        words=tuple(words),
        sessions=part.sessions,
        alive=part.alive,
        content=part.content,
        observed=part.observed,
    )


class Parts:
    """What shards have handed in of the open tick."""

    def __init__(self, shards: int) -> None:
        self._shards = shards
        self._tick = -1
        self._said: dict[int, list[Said]] = {}
        self._sums: dict[int, ShardLived] = {}

    async def take(self, head: RequestHead, message: ShardLived) -> Done | Refused:
        """Keep a message until all are there."""
        if head.sender != shard_name(message.shard) or not 0 <= message.shard < self._shards:
            return Refused(code="no_shard", detail=f"{head.sender} is not shard {message.shard} of {self._shards}")
        if message.tick != self._tick:
            self._tick, self._said, self._sums = message.tick, {}, {}
        self._said.setdefault(message.shard, []).extend(_said(word) for word in message.words)
        if message.sessions:
            self._sums[message.shard] = message
        return Done()

    def of(self, tick: int) -> list[LivedPart]:
        """All parts of a tick, in the order of the shards. `BusError` if one is missing."""
        missing = [shard_name(shard) for shard in range(self._shards) if shard not in self._sums]
        if tick != self._tick or missing:
            raise BusError(f"tick {tick}: no word from {', '.join(missing) or 'any shard'}")
        return [
            LivedPart(self._said[shard], last.sessions, last.alive, last.content, last.observed)
            for shard, last in sorted(self._sums.items())
        ]


async def run_merge(
    ctx: Context, *, model_at: str | None = None, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
) -> None:
    """The users service of a world with shards: one episode."""
    whole, parts = whole_of(ctx.world), Parts(ctx.world.file.shards)
    voice = voice_of(ctx, model_at)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ctx.serve, {ShardLived: parts.take})
            task_status.started()
            async for step in ctx.steps():
                await say(ctx, whole, step, parts.of(step.tick), voice)
            tasks.cancel_scope.cancel()
    finally:
        await voice.close()


def _said(word: Word) -> Said:
    model = EVENTS[str(orjson.loads(word.event)["type"])]
    return Said(Section(word.section), word.order, model.model_validate_json(word.event), word.cause)
