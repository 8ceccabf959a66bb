"""What a service holds in its hand: it hears steps, says events, answers commands and asks others.

Lockstep rests on one rule. Every family's events are numbered without gaps, and every participant tells, when it has
finished a stage, how far it knows each family to have been said (`known`: what it said itself, and what answers told
it). The world merges these and opens the next stage with them as watermarks; a participant acts only when it has read
up to them, and reads no further. So what a service sees in a stage never depends on how fast anybody was.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import anyio
import structlog

from bus import codec
from bus.feed import Feed
from bus.messages.base import Command, Delivered, Done, Envelope, Event, Part, Refused
from bus.messages.clock import Control, Phase, Ready, StageDone
from bus.service import Service
from bus.simtime import SimTime
from bus.step import Step
from bus.subjects import command_subject, event_subject, family_pattern, service_pattern
from bus.transport.protocol import BusError, Call, Letter, Transport
from bus.world import World

ASK_DEADLINE_S = 600.0
"""Real seconds after which an unanswered command is a broken bus; no outcome of the simulation depends on it."""

R = TypeVar("R", bound=Part)
Handler = Callable[[codec.RequestHead, Any], Awaitable[Part | Refused]]


class EpisodeOver(Exception):
    """A question will not be answered any more: the episode has ended. For a host this is a clean end."""


@dataclass
class Context:
    """One service's connection to one world. Made by `open_context`."""

    service: Service
    world: World
    transport: Transport
    now: SimTime = SimTime(0)
    known: dict[str, int] = field(default_factory=dict[str, int])
    control: Control | None = None
    """The last change of the episode's state that was heard."""
    _feeds: dict[str, Feed] = field(default_factory=dict[str, Feed])
    _asked: int = 0
    _over: bool = False
    _saying: anyio.Lock = field(default_factory=lambda: anyio.Lock(fast_acquire=True))
    _asking: set[anyio.CancelScope] = field(default_factory=set[anyio.CancelScope])
    """Of questions that wait for their answer."""

    @property
    def log(self) -> structlog.stdlib.BoundLogger:
        """A logger that carries the episode, the service and the simulated time."""
        return structlog.get_logger().bind(episode=self.world.episode, service=self.service.name, sim_time=self.now)

    async def say(self, event: Event, *, cause: str | None = None, at: SimTime | None = None) -> Envelope:
        """Publish an event of an own family. `cause` is the id of what made it happen.

        Raises `BusError` if the service did not declare the event.
        """
        async with self._saying:
            return await self._say(event, cause, at)

    async def say_all(self, events: Iterable[tuple[Event, str | None]]) -> None:
        """Publish many events, each with what made it happen: they go out in few writes."""
        async with self._saying:
            for event, cause in events:
                await self._say(event, cause, None)

    async def say_sealed(self, events: Iterable[Delivered]) -> None:
        """Publish events of an own family exactly in the envelopes in which they were kept, in few writes.

        `BusError` at the first one that would be said in another envelope.
        """
        async with self._saying:
            for one in events:
                kept = one.envelope
                self.known[one.event.family()] = kept.seq - 1
                if self._envelope(one.event, kept.cause_id, kept.sim_time) != kept:
                    raise BusError(f"{kept.id} was kept in another envelope than it would be said in")
                await self._say(one.event, kept.cause_id, kept.sim_time)

    async def ask(self, command: Command[R], *, deadline_s: float = ASK_DEADLINE_S) -> R | Refused:
        """Send a command and return its answer.

        `BusError` when there is none or it is unreadable; `EpisodeOver` when the episode ends meanwhile.
        """
        if type(command) not in self.service.asks:
            raise BusError(f"{self.service.name} does not declare that it asks {command.type_name()}")
        self._asked += 1
        head = codec.RequestHead(
            id=f"{self.service.name}-{self._asked}",
            episode=self.world.episode,
            sender=self.service.name,
            sim_time=self.now,
        )
        subject = command_subject(self.world.episode, type(command))
        data = await self._request(subject, codec.encode_command(head, command), deadline_s)
        try:
            answer = codec.decode_answer(data, command.reply_type())
        except codec.MalformedMessage as error:
            raise BusError(f"unreadable answer to {command.type_name()}: {error}") from error
        self._learn(answer.known)
        return cast("R | Refused", answer.reply)

    async def serve(
        self, handlers: Mapping[type[Any], Handler], *, beside: Mapping[type[Any], Handler] | None = None
    ) -> None:
        """Answer commands, one at a time, for ever. Every declared command needs a handler.

        Those in `beside` are begun in order but wait for nobody, and hold up nobody. A malformed command is rejected to
        the dead-letter subject and refused; the service stays up.
        """
        waiting = beside or {}
        handlers = {**handlers, **waiting}
        missing = [command.type_name() for command in self.service.serves if command not in handlers]
        if missing:
            raise BusError(f"{self.service.name} has no handler for {', '.join(missing)}")
        pattern = service_pattern(self.world.episode, self.service.name)
        apart = {command_subject(self.world.episode, command) for command in waiting}
        async with self.transport.serve(pattern) as calls, anyio.create_task_group() as tasks:
            async for call in calls:
                if call.subject in apart:
                    tasks.start_soon(self._answer, call, handlers)
                else:
                    await self._answer(call, handlers)

    async def steps(self) -> AsyncIterator[Step]:
        """The stages in which this service acts, until the episode is over.

        Going on to the next step tells the world that this one is done, after all that was said is stored.
        """
        await self.ask(Ready(participant=self.service.name))
        clock = self._feeds["clock"]
        while True:
            delivered = await clock.next(self._acts_on)
            event = delivered.event
            if isinstance(event, Control):
                self.control = event
                if event.state == "ended":
                    return
            elif isinstance(event, Phase):
                self.now = max(self.now, delivered.envelope.sim_time)
                heard = await self.heard_up_to(event.watermarks)
                yield Step(event.tick, event.stage, event.phase, delivered.envelope.sim_time, event.closing, heard)
                await self.transport.flush()
                done = StageDone(
                    participant=self.service.name, tick=event.tick, stage=event.stage, known=dict(self.known)
                )
                with suppress(EpisodeOver):  # the next event of the clock says so, too
                    answer = await self.ask(done)
                    if isinstance(answer, Refused):
                        raise BusError(f"the world refused stage {event.tick}/{event.stage}: {answer.detail}")

    def _acts_on(self, event: Event) -> bool:
        """Whether the clock says this to us; most of what it says opens a stage for somebody else."""
        return isinstance(event, Control) or (isinstance(event, Phase) and self.service.name in event.participants)

    async def hear(self, family: str) -> AsyncIterator[Delivered]:
        """Events of one family as they come, outside the barrier: for watchers and for the gateway's clock."""
        while True:
            yield await self._feeds[family].next()

    async def heard_up_to(self, watermarks: Mapping[str, int]) -> tuple[Delivered, ...]:
        """What was heard since the last time, up to the given positions, ordered by family and position."""
        messages: list[Delivered] = []
        for family in sorted(self._feeds):
            if family != "clock":
                messages += await self._feeds[family].up_to(watermarks.get(family, 0))
        return tuple(messages)

    async def _say(self, event: Event, cause: str | None, at: SimTime | None) -> Envelope:
        envelope, family = self._envelope(event, cause, at), event.family()
        message_id = f"{self.service.name}:{self.world.episode}:{family}:{envelope.seq}"
        subject = event_subject(self.world.episode, type(event))
        await self.transport.publish(subject, codec.encode_event(envelope, event), message_id=message_id)
        self.known[family] = envelope.seq
        return envelope

    def _envelope(self, event: Event, cause: str | None, at: SimTime | None) -> Envelope:
        """The envelope in which an event is to be said next."""
        if type(event) not in self.service.publishes:
            raise BusError(f"{self.service.name} does not declare that it publishes {event.type_name()}")
        family = event.family()
        seq = self.known.get(family, 0) + 1
        moment = self.now if at is None else at
        return Envelope(id=f"{family}-{seq}", episode=self.world.episode, sim_time=moment, seq=seq, cause_id=cause)

    async def _answer(self, call: Call, handlers: Mapping[type[Any], Handler]) -> None:
        try:
            asked = codec.decode_command(call.data)
            if asked.head.episode != self.world.episode:
                raise codec.MalformedMessage(f"meant for episode {asked.head.episode}")
            if type(asked.command) not in handlers:
                raise codec.MalformedMessage(f"{self.service.name} does not serve {asked.command.type_name()}")
        except codec.MalformedMessage as error:
            await self.transport.reject(Letter(call.subject, call.data), str(error))
            await call.answer(codec.encode_answer(codec.Answer(Refused(code="malformed", detail=str(error)), {})))
            return
        self.now = max(self.now, asked.head.sim_time)
        reply = await handlers[type(asked.command)](asked.head, asked.command)
        await self.transport.flush()
        await call.answer(codec.encode_answer(codec.Answer(reply, dict(self.known))))

    async def _request(self, subject: str, data: bytes, deadline_s: float) -> bytes:
        """Ask, and stop waiting when the episode ends: nobody may be there to answer."""
        if not self._over:
            with anyio.CancelScope() as scope:
                self._asking.add(scope)
                try:
                    return await self.transport.request(subject, data, deadline_s=deadline_s)
                finally:
                    self._asking.discard(scope)
        raise EpisodeOver(f"the episode ended before {subject} was answered")

    def heed(self, event: Event) -> None:
        """Notice the end of the episode as soon as it arrives, whatever is going on."""
        if isinstance(event, Control) and event.state == "ended":
            self.control = event
            self._over = True
            for scope in self._asking:
                scope.cancel()

    def _learn(self, known: Mapping[str, int]) -> None:
        for family, seq in known.items():
            self.known[family] = max(self.known.get(family, 0), seq)


@asynccontextmanager
async def open_context(service: Service, world: World, transport: Transport) -> AsyncGenerator[Context]:
    """Subscribe to everything the service hears, and hand out its context."""
    context = Context(service, world, transport)
    families = {*service.subscribes, *(["clock"] if service.participant else [])}
    async with AsyncExitStack() as stack, anyio.create_task_group() as tasks:
        for family in sorted(families):
            letters = await stack.enter_async_context(transport.subscribe(family_pattern(family, world.episode)))
            feed = Feed(family, world.episode, transport, context.heed)
            context._feeds[family] = feed  # pyright: ignore[reportPrivateUsage] (the maker of the context)
            tasks.start_soon(feed.fill, letters, name=f"{service.name} hears {family}")
        yield context
        tasks.cancel_scope.cancel()


__all__ = ["ASK_DEADLINE_S", "Context", "Done", "Handler", "Step", "open_context"]
