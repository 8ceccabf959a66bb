"""The bus over NATS: JetStream for events, request and reply for commands.

What was not confirmed before an outage is sent again after it. See `link` for what is fatal, and `streams` for how an
event is stored before anybody hears it.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, NoReturn

import anyio
import orjson
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError

from bus.credentials import Credentials
from bus.subjects import dead_letter_subject, family_of, ingress_subject, stream_name
from bus.transport.link import Link, LinkLost
from bus.transport.protocol import BusError, Call, Letter
from bus.transport.unconfirmed import Parcel, Sending, Unconfirmed

MAX_UNCONFIRMED = 2048
"""Events of one connection on their way to the broker; beyond that `publish` waits until half are stored."""
CONNECT_WITHIN_S = 10.0
FETCH_WITHIN_S = 30.0
"""Real seconds for reading one stored event."""

_FIRST_RETRY_S, _LONGEST_RETRY_S = 0.005, 0.2
_KNOCK_WITHIN_S = 0.2
_KNOCK = "Gc-Knock"
_SERVERS = "servers"
_HEADER_BYTES = 4096


@dataclass(frozen=True)
class _NatsCall:
    subject: str
    data: bytes
    _reply: str
    _transport: "NatsTransport"

    async def answer(self, data: bytes) -> None:
        await self._transport.send(self._reply, data)


@dataclass(frozen=True)
class _Letters:
    """Messages of one subscription. `BusError` when the connection fails; the end when the context is left."""

    subscription: Subscription
    transport: "NatsTransport"

    async def next_message(self) -> Msg:
        try:
            return await anext(self.subscription.messages)
        except StopAsyncIteration:
            self.transport.check()
            raise

    def __aiter__(self) -> "_Letters":
        return self

    async def __anext__(self) -> Letter:
        message = await self.next_message()
        return Letter(message.subject, message.data)


@dataclass(frozen=True)
class _Calls:
    letters: _Letters

    def __aiter__(self) -> "_Calls":
        return self

    async def __anext__(self) -> Call:
        while True:
            message = await self.letters.next_message()
            transport = self.letters.transport
            if _KNOCK not in (message.headers or {}):
                return _NatsCall(message.subject, message.data, message.reply, transport)
            await transport.send(message.reply, b"")


class NatsTransport:
    """One role's connection to the broker. Made by `connect`."""

    def __init__(self, credentials: Credentials) -> None:
        self._link = Link(credentials, self._send_all_again)
        self._ack_prefix = ""
        self._waker: asyncio.Task[None] | None = None
        self._unconfirmed: dict[str, Unconfirmed] = {}
        self._progress = asyncio.Event()
        self._served: set[tuple[int, str]] = set()
        """Subjects that somebody was seen to serve, and how often the connection had broken by then."""

    @classmethod
    @asynccontextmanager
    async def connect(
        cls, credentials: Credentials, *, within_s: float = CONNECT_WITHIN_S
    ) -> AsyncGenerator["NatsTransport"]:
        """A connection for as long as the context lasts. `BusError` if it is refused or does not come in time."""
        transport = cls(credentials)
        try:
            await transport._open(within_s)
            yield transport
        finally:
            with anyio.CancelScope(shield=True):
                await transport._close()

    async def failed(self) -> NoReturn:
        """Wait until this connection fails for good, and raise its `BusError`."""
        await self._link.failed()

    def check(self) -> None:
        """Raise the `BusError` of a failed connection."""
        self._link.check()

    async def publish(self, subject: str, data: bytes, *, message_id: str) -> None:
        self.check()
        if len(data) + _HEADER_BYTES > self._link.client.max_payload:
            raise BusError(f"{subject}: {len(data)} bytes; the broker takes at most {self._link.client.max_payload}")
        family = family_of(subject)
        events = self._unconfirmed.setdefault(family, Unconfirmed(family))
        await self._send_event(family, events.add(Parcel(subject, data, message_id)))
        if self._on_their_way() > MAX_UNCONFIRMED:
            while self._on_their_way() > MAX_UNCONFIRMED // 2:  # so that what follows goes out in large writes
                await self._wait_for_progress()

    async def flush(self) -> None:
        self.check()
        targets = [(events, events.added) for events in self._unconfirmed.values()]
        while any(events.confirmed < target for events, target in targets):
            await self._wait_for_progress()

    @asynccontextmanager
    async def subscribe(self, pattern: str) -> AsyncGenerator[AsyncIterator[Letter]]:
        async with self._subscribed(pattern) as letters:
            yield letters

    @asynccontextmanager
    async def serve(self, pattern: str) -> AsyncGenerator[AsyncIterator[Call]]:
        async with self._subscribed(pattern, queue=_SERVERS) as letters:
            yield _Calls(letters)

    async def fetch(self, family: str, seq: int) -> Letter:
        letter = await self.look(family, seq)
        if letter is None:
            raise BusError(f"stream {family!r} has nothing at position {seq}")
        return letter

    async def look(self, family: str, seq: int) -> Letter | None:
        if seq < 1:
            raise BusError(f"stream {family!r}: positions count from 1, asked for {seq}")
        while True:
            with suppress(LinkLost):
                stored = await self._ask(
                    f"$JS.API.DIRECT.GET.{stream_name(family)}", b'{"seq":%d}' % seq, FETCH_WITHIN_S
                )
                headers = stored.headers or {}
                if headers.get("Nats-Sequence") == str(seq):
                    return Letter(headers["Nats-Subject"], stored.data)
                if headers.get("Status") == "404":
                    return None
                raise BusError(f"stream {family!r} gives nothing at position {seq}: {headers.get('Status', '?')}")

    async def request(self, subject: str, data: bytes, *, deadline_s: float) -> bytes:
        """See `Transport`. If the connection breaks after the request was delivered, `BusError` at once.

        It is not sent again: it may have been carried out.
        """
        try:
            with anyio.fail_after(deadline_s):
                if self._link.account != "SIM":
                    await self._knock(subject)
                return (await self._ask(subject, data, deadline_s)).data
        except TimeoutError:
            raise BusError(f"no answer on {subject!r} within {deadline_s:g} s") from None
        except LinkLost:
            raise BusError(f"lost the broker while {subject!r} was being answered; it may have been done") from None

    async def reject(self, letter: Letter, reason: str) -> None:
        self._link.log.warning("rejected a message", subject=letter.subject, reason=reason, size=len(letter.data))
        headers = {"Gc-Subject": letter.subject, "Gc-Reason": reason[:1000]}
        await self.send(dead_letter_subject(self._link.role), letter.data, headers)

    async def send(self, subject: str, data: bytes, headers: dict[str, str] | None = None) -> None:
        """Publish without a promise: answers and dead letters. Dropped in an outage, when no asker waits any more."""
        self.check()
        if self._link.up:
            await self._link.guarded(self._link.client.publish(subject, data, headers=headers))

    async def _open(self, within_s: float) -> None:
        await self._link.open(within_s)
        self._ack_prefix = f"{self._link.client.new_inbox()}."
        await self._link.subscribe(f"{self._ack_prefix}>", each=self._take_ack)
        self._waker = asyncio.create_task(self._wake_at_failure(), name=f"{self._link.role} waits for failures")

    async def _close(self) -> None:
        await self._link.close()
        if self._waker is not None:
            self._waker.cancel()
            with suppress(asyncio.CancelledError):
                await self._waker

    # -- events

    async def _take_ack(self, message: Msg) -> None:
        """Called by the client for each confirmation: an iterator would cost two tasks for each."""
        try:
            family, token = message.subject.removeprefix(self._ack_prefix).split(".", 1)
            if self._unconfirmed[family].answered(token, _pub_ack(message)):
                await self._send_again(family)
        except Exception as error:  # a boundary: the client would only tell its error callback
            self._link.fail(f"confirmations: {error}")
        self._progress.set()

    async def _wake_at_failure(self) -> None:
        """Nobody waits for confirmations that cannot come any more."""
        with suppress(BusError):
            await self._link.failed()
        self._progress.set()

    def _on_their_way(self) -> int:
        return sum(events.added - events.confirmed for events in self._unconfirmed.values())

    async def _send_event(self, family: str, sending: Sending) -> None:
        """Hand one event to the client; during an outage it waits to be sent again."""
        if self._link.up:
            parcel, reply = sending.parcel, f"{self._ack_prefix}{family}.{sending.token}"
            subject = ingress_subject(parcel.subject)
            client = self._link.client
            await self._link.guarded(client.publish(subject, parcel.data, reply=reply, headers=sending.headers))

    async def _send_again(self, family: str) -> None:
        for sending in self._unconfirmed[family].again():
            await self._send_event(family, sending)

    async def _send_all_again(self) -> None:
        for family in sorted(self._unconfirmed):
            await self._send_again(family)

    async def _wait_for_progress(self) -> None:
        self.check()
        self._progress.clear()
        await self._progress.wait()
        self.check()

    # -- requests and subscriptions

    async def _ask(self, subject: str, data: bytes, within_s: float) -> Msg:
        """One answer. Asks again as long as nobody could have got the question; `LinkLost` if somebody could."""
        pause_s = _FIRST_RETRY_S
        try:
            with anyio.fail_after(within_s):
                while True:
                    self.check()
                    if self._link.up:
                        with suppress(NoRespondersError):
                            return await self._link.unless_broken(self._link.client.request(subject, data, within_s))
                    await anyio.sleep(pause_s)  # real time: backing off from a broker, not waiting in the world
                    pause_s = min(2 * pause_s, _LONGEST_RETRY_S)
        except TimeoutError:
            raise BusError(f"no answer on {subject!r} within {within_s:g} s") from None
        except NatsError as error:
            self.check()
            raise BusError(f"cannot ask {subject!r}: {error}") from error

    async def _knock(self, subject: str) -> None:
        """Return when somebody serves a subject of another account.

        Within an account the broker says that nobody serves a subject; across accounts it drops the request silently
        (nats-server 2.15), so we send empty ones, which `serve` answers by itself, until one is answered.
        """
        while (self._link.breaks, subject) not in self._served:
            knock = self._link.client.request(subject, b"", _KNOCK_WITHIN_S, headers={_KNOCK: "1"})
            with suppress(LinkLost, TimeoutError, NatsError):
                await self._link.unless_broken(knock)
                self._served.add((self._link.breaks, subject))
                return
            self.check()
            await anyio.sleep(_FIRST_RETRY_S)  # real time: nobody is there yet

    @asynccontextmanager
    async def _subscribed(self, pattern: str, queue: str = "") -> AsyncGenerator[_Letters]:
        subscription = await self._link.subscribe(pattern, queue)
        try:
            yield _Letters(subscription, self)
        finally:
            with anyio.CancelScope(shield=True):
                await self._link.unsubscribe(subscription)


def _pub_ack(message: Msg) -> dict[str, Any]:
    """JetStream's answer to one event; an empty one is the broker's word that no stream takes the subject."""
    if not message.data:
        return {"error": {"description": f"no stream takes it ({(message.headers or {}).get('Status')})"}}
    return orjson.loads(message.data)
