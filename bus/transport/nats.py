"""The bus over NATS: JetStream for events, request and reply for commands.

The broker's connection is kept up for ever; what was not confirmed before an outage is sent again after it. A
permission violation, a refused event or a lost message is fatal: every waiting and every later operation
raises `BusError`.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import anyio
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError, SlowConsumerError

from bus.credentials import Credentials
from bus.subjects import dead_letter_subject, family_of, ingress_subject, stream_name
from bus.transport.outbox import Outbox, Parcel, Sending
from bus.transport.protocol import BusError, Call, Letter

MAX_UNCONFIRMED = 2048
"""Events of one connection on their way to the broker; `publish` waits beyond that."""
PENDING_MESSAGES = 256 * 1024
PENDING_BYTES = 256 * 1024 * 1024
"""What one subscription holds for a slow reader; beyond that a message would be lost, which is fatal."""
CONNECT_WITHIN_S = 10.0
FETCH_WITHIN_S = 30.0
"""Real seconds for reading one stored event, outages included."""

_PING_EVERY_S = 5
_RECONNECT_EVERY_S = 0.1
_FIRST_RETRY_S, _LONGEST_RETRY_S = 0.005, 0.2
_SERVERS = "servers"
_HEADER_BYTES = 4096

T = TypeVar("T")


class _LinkLost(Exception):
    """The connection broke while an answer was awaited."""


@dataclass(frozen=True)
class _NatsCall:
    subject: str
    data: bytes
    _reply: str
    _transport: "NatsTransport"

    async def answer(self, data: bytes) -> None:
        await self._transport.send(self._reply, data)


class _Letters:
    """Messages of one subscription; `BusError` when the transport fails, the end when the context is left."""

    def __init__(self, subscription: Subscription, transport: "NatsTransport") -> None:
        self._messages = subscription.messages
        self._transport = transport

    async def next_message(self) -> Msg:
        try:
            return await anext(self._messages)
        except StopAsyncIteration:
            self._transport.check()
            raise

    def __aiter__(self) -> "_Letters":
        return self

    async def __anext__(self) -> Letter:
        message = await self.next_message()
        return Letter(message.subject, message.data)


class _Calls(_Letters):
    def __aiter__(self) -> "_Calls":
        return self

    async def __anext__(self) -> Call:  # pyright: ignore[reportIncompatibleMethodOverride]
        message = await self.next_message()
        return _NatsCall(message.subject, message.data, message.reply, self._transport)


class NatsTransport:
    """One role's connection to the broker. Made by `connect`."""

    def __init__(self, credentials: Credentials) -> None:
        self._role = credentials.user
        self._client = Client()
        self._ack_prefix = ""
        self._acks: asyncio.Task[None] | None = None
        self._closer: asyncio.Task[None] | None = None
        self._outboxes: dict[str, Outbox] = {}
        self._progress = asyncio.Event()
        self._failure: BusError | None = None
        self._failed = asyncio.Event()
        self._link_lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._closing = False
        self._log = structlog.get_logger().bind(service=self._role)

    @classmethod
    @asynccontextmanager
    async def connect(
        cls, credentials: Credentials, *, within_s: float = CONNECT_WITHIN_S
    ) -> AsyncGenerator["NatsTransport"]:
        """A connection for as long as the context lasts.

        `BusError` if it is refused or does not come in time.
        """
        transport = cls(credentials)
        try:
            await transport._open(credentials, within_s)
            await transport._listen_for_acks()
            yield transport
        finally:
            with anyio.CancelScope(shield=True):
                await transport._close()

    async def failed(self) -> NoReturn:
        """Wait until this connection fails for good, and raise its `BusError`."""
        await self._failed.wait()
        self.check()
        raise AssertionError("failed without a reason")

    def check(self) -> None:
        """Raise the `BusError` of a failed connection."""
        if self._failure is not None:
            raise BusError(str(self._failure)) from self._failure

    async def publish(self, subject: str, data: bytes, *, message_id: str) -> None:
        self.check()
        if len(data) + _HEADER_BYTES > self._client.max_payload:
            raise BusError(f"{subject}: {len(data)} bytes; the broker takes at most {self._client.max_payload}")
        family = family_of(subject)
        outbox = self._outboxes.setdefault(family, Outbox(family))
        await self._send_event(family, outbox.add(Parcel(subject, data, message_id)))
        while sum(box.added - box.confirmed for box in self._outboxes.values()) > MAX_UNCONFIRMED:
            await self._wait_for_progress()

    async def flush(self) -> None:
        self.check()
        targets = [(outbox, outbox.added) for outbox in self._outboxes.values()]
        while any(outbox.confirmed < target for outbox, target in targets):
            await self._wait_for_progress()

    @asynccontextmanager
    async def subscribe(self, pattern: str) -> AsyncGenerator[AsyncIterator[Letter]]:
        async with self._subscribed(pattern) as subscription:
            yield _Letters(subscription, self)

    @asynccontextmanager
    async def serve(self, pattern: str) -> AsyncGenerator[AsyncIterator[Call]]:
        async with self._subscribed(pattern, queue=_SERVERS) as subscription:
            yield _Calls(subscription, self)

    async def fetch(self, family: str, seq: int) -> Letter:
        subject = f"$JS.API.DIRECT.GET.{stream_name(family)}"
        if seq < 1:
            raise BusError(f"stream {family!r}: positions count from 1, asked for {seq}")
        while True:
            try:
                stored = await self._ask(subject, b'{"seq":%d}' % seq, FETCH_WITHIN_S)
            except _LinkLost:
                continue
            headers = stored.headers or {}
            if headers.get("Nats-Sequence") != str(seq):
                raise BusError(f"stream {family!r} has nothing at position {seq}: {headers.get('Status', '?')}")
            return Letter(headers["Nats-Subject"], stored.data)

    async def request(self, subject: str, data: bytes, *, deadline_s: float) -> bytes:
        """See `Transport`. If the connection breaks after the request was delivered, `BusError` at once.

        It is not sent again: it may have been carried out.
        """
        try:
            return (await self._ask(subject, data, deadline_s)).data
        except _LinkLost:
            raise BusError(f"lost the broker while {subject!r} was being answered; it may have been done") from None

    async def reject(self, letter: Letter, reason: str) -> None:
        self._log.warning("rejected a message", subject=letter.subject, reason=reason, size=len(letter.data))
        await self.send(
            dead_letter_subject(self._role),
            letter.data,
            {"Gc-Subject": letter.subject, "Gc-Reason": reason[:1000]},
        )

    async def send(self, subject: str, data: bytes, headers: dict[str, str] | None = None) -> None:
        """Publish without any promise: answers and dead letters.

        During an outage it is dropped, as the asker gave up.
        """
        self.check()
        if self._client.is_connected:
            await self._guarded(self._client.publish(subject, data, headers=headers))

    # -- connection

    async def _open(self, credentials: Credentials, within_s: float) -> None:
        connecting = self._client.connect(
            credentials.url, user=credentials.user, password=credentials.password, name=credentials.user,
            inbox_prefix=credentials.inbox_prefix, max_reconnect_attempts=-1, ping_interval=_PING_EVERY_S,
            reconnect_time_wait=_RECONNECT_EVERY_S,  # pyright: ignore[reportArgumentType] (seconds; nats-py says int)
            error_cb=self._on_error, disconnected_cb=self._on_disconnect, reconnected_cb=self._on_reconnect,
            closed_cb=self._on_close,
        )  # fmt: skip
        try:
            with anyio.fail_after(within_s):
                await self._unless_broken(connecting)
        except TimeoutError:
            raise BusError(
                f"{self._role}: no broker at {credentials.url} in {within_s:g} s: {self._client.last_error}"
            ) from None
        except _LinkLost:
            self.check()
            raise

    async def _on_error(self, error: Exception) -> None:
        text = str(error).lower()
        if isinstance(error, SlowConsumerError):
            self._fail(f"too slow for {error.subject!r}: messages were dropped")
        elif "authorization violation" in text:
            self._fail("the broker refused user or password")
        elif 'permissions violation for publish to "_inbox' in text or 'publish to "_r_' in text:
            self._log.warning("an answer came too late or twice; the broker dropped it", error=str(error))
        elif "permissions violation" in text:
            self._fail(str(error))
        else:
            self._log.debug("broker connection", error=str(error))

    async def _on_disconnect(self) -> None:
        if not self._closing:
            self._log.warning("lost the broker; reconnecting")
        self._break_link()
        self._link_lost = asyncio.get_running_loop().create_future()

    async def _on_reconnect(self) -> None:
        self._log.info("reconnected to the broker")
        for family in sorted(self._outboxes):
            await self._send_again(family)

    async def _on_close(self) -> None:
        if not self._closing:
            self._fail(f"the broker closed the connection: {self._client.last_error}")

    def _fail(self, reason: str) -> None:
        """Nothing works from here on: wake everybody who waits. Closing ends every iteration."""
        if self._failure is not None:
            return
        self._failure = BusError(f"{self._role}: {reason}")
        self._log.error("the bus failed", reason=reason)
        self._failed.set()
        self._progress.set()
        self._break_link()
        self._closer = asyncio.create_task(self._client.close(), name=f"{self._role} closes after failure")

    def _break_link(self) -> None:
        if not self._link_lost.done():
            self._link_lost.set_result(None)

    async def _close(self) -> None:
        self._closing = True
        await self._client.close()
        for task in (self._acks, self._closer):
            if task is not None:
                await task

    # -- events

    async def _listen_for_acks(self) -> None:
        self._ack_prefix = f"{self._client.new_inbox()}."
        subscription = await self._guarded(self._subscribing(f"{self._ack_prefix}>"))
        self._acks = asyncio.create_task(self._take_acks(subscription), name=f"{self._role} hears confirmations")

    async def _take_acks(self, subscription: Subscription) -> None:
        async for message in subscription.messages:
            family, token = message.subject.removeprefix(self._ack_prefix).split(".", 1)
            try:
                again = self._outboxes[family].answered(token, _pub_ack(message))
            except BusError as error:
                self._fail(str(error))
                return
            if again:
                await self._send_again(family)
            self._progress.set()

    async def _send_event(self, family: str, sending: Sending) -> None:
        """Hand one event to the client; during an outage it waits in its outbox for `_send_again`."""
        if self._client.is_connected:
            parcel, reply = sending.parcel, f"{self._ack_prefix}{family}.{sending.token}"
            subject = ingress_subject(parcel.subject)
            await self._guarded(self._client.publish(subject, parcel.data, reply=reply, headers=sending.headers))

    async def _send_again(self, family: str) -> None:
        for sending in self._outboxes[family].again():
            await self._send_event(family, sending)

    async def _wait_for_progress(self) -> None:
        self.check()
        self._progress.clear()
        await self._progress.wait()
        self.check()

    # -- requests and subscriptions

    async def _ask(self, subject: str, data: bytes, within_s: float) -> Msg:
        """One answer.

        Asks again as long as nobody could have got the question; `_LinkLost` if somebody could.
        """
        pause_s = _FIRST_RETRY_S
        try:
            with anyio.fail_after(within_s):
                while True:
                    self.check()
                    if self._client.is_connected:
                        with suppress(NoRespondersError):
                            return await self._unless_broken(self._client.request(subject, data, within_s))
                    await anyio.sleep(pause_s)
                    pause_s = min(2 * pause_s, _LONGEST_RETRY_S)
        except TimeoutError:
            raise BusError(f"no answer on {subject!r} within {within_s:g} s") from None
        except NatsError as error:
            self.check()
            raise BusError(f"cannot ask {subject!r}: {error}") from error

    @asynccontextmanager
    async def _subscribed(self, pattern: str, queue: str = "") -> AsyncGenerator[Subscription]:
        self.check()
        subscription = await self._guarded(self._subscribing(pattern, queue))
        try:
            await self._reach_broker()
            yield subscription
        finally:
            if not self._client.is_closed:
                with anyio.CancelScope(shield=True):
                    await self._guarded(subscription.unsubscribe())

    def _subscribing(self, pattern: str, queue: str = "") -> Coroutine[Any, Any, Subscription]:
        return self._client.subscribe(  # pyright: ignore[reportUnknownMemberType] (an untyped Future in nats-py)
            pattern, queue=queue, pending_msgs_limit=PENDING_MESSAGES, pending_bytes_limit=PENDING_BYTES
        )

    async def _reach_broker(self) -> None:
        """Return when the broker has taken in everything sent so far; a refusal has arrived by then.

        Two round trips: nats-py writes its ping past the commands that it still holds, and they follow at once.
        """
        while True:
            with suppress(_LinkLost, TimeoutError):
                if self._client.is_connected:
                    for _ in range(2):
                        await self._unless_broken(self._guarded(self._client.flush()))
                    self.check()
                    return
            self.check()
            await anyio.sleep(_RECONNECT_EVERY_S)

    async def _guarded(self, work: Coroutine[Any, Any, T]) -> T:
        """The client's result, or its error as `BusError`."""
        try:
            return await work
        except NatsError as error:
            self.check()
            raise BusError(f"{self._role}: {error}") from error

    async def _unless_broken(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of some work, or `_LinkLost` (`BusError` after a failure) as soon as the connection
        breaks."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait((task, self._link_lost), return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            self.check()
            raise _LinkLost
        finally:
            task.cancel()


def _pub_ack(message: Msg) -> dict[str, Any]:
    """JetStream's answer to one event; an empty one is the broker's word that no stream takes the subject."""
    if not message.data:
        return {"error": {"description": f"no stream takes it ({(message.headers or {}).get('Status')})"}}
    return json.loads(message.data)
