"""One role's connection to the broker: kept up for ever, and loud about whatever cannot be mended.

A permission violation, a wrong password or a lost message is fatal: every waiting and every later operation raises
`BusError`. A broken connection is mended; work that was waiting for an answer learns of it as `LinkLost`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

import anyio
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.errors import SlowConsumerError

from bus.credentials import Credentials
from bus.transport.protocol import BusError

PENDING_MESSAGES = 256 * 1024
PENDING_BYTES = 256 * 1024 * 1024
"""What one subscription holds for a slow reader; beyond that a message would be lost, which is fatal."""

_PING_EVERY_S = 5
_RECONNECT_EVERY_S = 0.1
_LATE_ANSWERS = ('violation for publish to "_inbox', 'violation for publish to "_r_')

T = TypeVar("T")


class LinkLost(Exception):
    """The connection broke while an answer was awaited."""


class Link:
    """A NATS client with our rules of failure. `open` it before use, `close` it after."""

    def __init__(self, credentials: Credentials, reconnected: Callable[[], Awaitable[None]]) -> None:
        self.role = credentials.user
        self.account = credentials.account
        self.client = Client()
        self.breaks = 0
        """How often the connection broke so far."""
        self.log = structlog.get_logger().bind(service=self.role)
        self._credentials = credentials
        self._reconnected = reconnected
        self._failure: BusError | None = None
        self._failed = asyncio.Event()
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._closing = False
        self._closer: asyncio.Task[None] | None = None

    @property
    def up(self) -> bool:
        """Whether there is a connection right now."""
        return self.client.is_connected

    async def open(self, within_s: float) -> None:
        """Connect. `BusError` if the broker refuses, or cannot be reached in time."""
        key = self._credentials
        connecting = self.client.connect(
            key.url, user=key.user, password=key.password, name=key.user, inbox_prefix=key.inbox_prefix,
            max_reconnect_attempts=-1, ping_interval=_PING_EVERY_S,
            reconnect_time_wait=_RECONNECT_EVERY_S,  # pyright: ignore[reportArgumentType] (seconds; nats-py says int)
            error_cb=self._on_error, disconnected_cb=self._on_disconnect, reconnected_cb=self._on_reconnect,
            closed_cb=self._on_close,
        )  # fmt: skip
        try:
            with anyio.fail_after(within_s):
                await self.unless_broken(connecting)
        except TimeoutError:
            reason = self.client.last_error
            raise BusError(f"{self.role}: no broker at {key.url} within {within_s:g} s: {reason}") from None

    async def close(self) -> None:
        self._closing = True
        # A refused connection may swallow the cancellation of nats-py's task that reconnects (asyncio.wait_for before
        # Python 3.12 does): with a limit it gives up at the next attempt, instead of never.
        self.client.options["max_reconnect_attempts"] = 1
        await self._close_client()
        if self._closer is not None:
            await self._closer

    def fail(self, reason: str) -> None:
        """Nothing works from here on: wake everybody who waits. Closing the client ends every iteration."""
        if self._failure is None:
            self._failure = BusError(f"{self.role}: {reason}")
            self.log.error("the bus failed", reason=reason)
            self._failed.set()
            self._break()
            self._closer = asyncio.create_task(self._close_client(), name=f"{self.role} closes after its failure")

    async def failed(self) -> NoReturn:
        """Wait until the connection has failed for good, and raise why."""
        await self._failed.wait()
        self.check()
        raise AssertionError("failed without a reason")

    def check(self) -> None:
        """Raise the `BusError` of a failed connection."""
        if self._failure is not None:
            raise BusError(str(self._failure)) from self._failure

    async def guarded(self, work: Coroutine[Any, Any, T]) -> T:
        """The client's result, or its error as `BusError`."""
        try:
            return await work
        except NatsError as error:
            self.check()
            raise BusError(f"{self.role}: {error}") from error

    async def unless_broken(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of some work; as soon as the connection breaks `LinkLost`, or `BusError` if for good."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait((task, self._broken), return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            self.check()
            raise LinkLost
        finally:
            task.cancel()
            task.add_done_callback(_look_at)

    async def subscribe(
        self, pattern: str, queue: str = "", each: Callable[[Msg], Awaitable[None]] | None = None
    ) -> Subscription:
        """A subscription that is active, whose messages `each` takes if it is given. `BusError` if it is refused."""
        self.check()
        subscription = await self.guarded(
            self.client.subscribe(  # pyright: ignore[reportUnknownMemberType] (an untyped Future in nats-py)
                pattern, queue, each, pending_msgs_limit=PENDING_MESSAGES, pending_bytes_limit=PENDING_BYTES
            )
        )
        await self._reach_broker()
        return subscription

    async def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription; afterwards the broker hands its messages to others."""
        if not self.client.is_closed:
            await self.guarded(subscription.unsubscribe())
            with suppress(LinkLost, BusError):  # a broken connection has no subscriptions
                await self._round_trip()

    async def _reach_broker(self) -> None:
        """Return when the broker has taken in everything sent so far; a refusal has arrived by then."""
        while True:
            with suppress(LinkLost, BusError):
                await self._round_trip()
                return
            self.check()
            await anyio.sleep(_RECONNECT_EVERY_S)  # noqa: TID251 (real time: the broker is away)

    async def _round_trip(self) -> None:
        """Twice there and back: nats-py writes its ping past the commands that it still holds; they follow at once."""
        if not self.up:
            raise LinkLost
        for _ in range(2):
            await self.unless_broken(self.guarded(self.client.flush()))
        self.check()

    async def _on_error(self, error: Exception) -> None:
        text = str(error).lower()
        if isinstance(error, SlowConsumerError):
            self.fail(f"too slow for {error.subject!r}: messages were dropped")
        elif "authorization violation" in text:
            self.fail("the broker refused user or password")
        elif any(late in text for late in _LATE_ANSWERS):
            self.log.warning("an answer came too late or twice; the broker dropped it", error=str(error))
        elif "permissions violation" in text:
            self.fail(str(error))
        else:
            self.log.debug("broker connection", error=str(error))

    async def _on_disconnect(self) -> None:
        self.breaks += 1
        self._break()
        if not self._closing:
            self.log.warning("lost the broker; reconnecting")
            self._broken = asyncio.get_running_loop().create_future()

    async def _on_reconnect(self) -> None:
        self.log.info("reconnected to the broker")
        await self._reconnected()

    async def _on_close(self) -> None:
        if not self._closing:
            self.fail(f"the broker closed the connection: {self.client.last_error}")

    async def _close_client(self) -> None:
        """Close the client in a task of its own, which may be cancelled without us.

        As soon as nats-py notices a loss, a task of it waits for the old socket's end; closing cancels that task, with it the
        socket's own future, and then waits for the same future itself.
        """
        closing = asyncio.create_task(self.client.close(), name=f"{self.role} closes")
        await asyncio.wait((closing,))
        if not closing.cancelled():
            closing.result()
        self._break()

    def _break(self) -> None:
        if not self._broken.done():
            self._broken.set_result(None)


def _look_at(task: "asyncio.Task[Any]") -> None:
    """Nobody waits for it any more: a failure that came together with the cancellation (`asyncio.wait_for` of Python 3.11
    lets an answer win over it) must not be told as one that was never retrieved."""
    if not task.cancelled():
        task.exception()
