"""Connections to one instance: a pool of them, and one request's exchange over one. The instance is untrusted."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

from services.cloud.edge.http1 import (
    MAX_HEAD,
    BadMessage,
    BodyReader,
    ResponseHead,
    TooLarge,
    parse_response,
)

IDLE_SECONDS = 10.0
"""A connection that was idle for longer is not used again: servers close theirs after 15 s to 75 s."""
POOL = 64


class Failed(Exception):
    """The exchange failed. `code` is short and stable; `untouched` if the instance may never have seen the request."""

    def __init__(self, code: str, *, untouched: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.untouched = untouched


class Sink(Protocol):
    """Takes a response as it comes."""

    def head(self, head: ResponseHead) -> None: ...

    def body(self, data: bytes) -> bool:
        """Take bytes of the body; False asks for a pause until `resume` is called."""
        ...


@dataclass(slots=True)
class Exchange:
    """One request in flight on one connection."""

    method: bytes
    sink: Sink
    cap: int
    done: asyncio.Future[None]


class Connection(asyncio.Protocol):
    """One connection to an instance, one exchange at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.doubtful = False
        """Whether its other end may have gone before it was given a request: it waited in the pool, or its instance broke off
        the exchange before."""
        self.idle_since = 0.0
        self._exchange: Exchange | None = None
        self._reader: BodyReader | None = None
        self._keep = False
        self._pending: bytes = b""

    @property
    def open(self) -> bool:
        """Whether another request may be sent."""
        return self.transport is not None and not self.transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes, exchange: Exchange) -> None:
        """Begin an exchange; its future tells the end."""
        assert self.transport is not None
        self._exchange, self._reader, self._pending = exchange, None, b""
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        exchange = self._exchange
        if exchange is None:
            self.abort()
            return
        try:
            self._take(exchange, data)
        except BadMessage:
            self._end(Failed("bad_response"))
        except TooLarge:
            self._end(Failed("response_too_large"))

    def _take(self, exchange: Exchange, data: bytes) -> None:
        while self._reader is None:
            data = self._pending + data
            end = data.find(b"\r\n\r\n")
            if end < 0:
                if len(data) > MAX_HEAD:
                    raise BadMessage("a head without an end")
                self._pending = data
                return
            self._pending = b""
            head = parse_response(data[:end], exchange.method)
            data = data[end + 4 :]
            if head.status == 101:
                raise BadMessage("an upgrade that nobody asked for")
            if head.status < 200:
                continue
            self._keep = head.keep_alive
            self._reader = BodyReader(head.framing, exchange.cap)
            exchange.sink.head(head)
        if not self._reader.done:
            payload, data = self._reader.feed(data)
            if payload and not exchange.sink.body(payload) and not self._reader.done and self.transport is not None:
                # Only for what is still to come: nobody resumes a connection whose exchange is over.
                self.transport.pause_reading()
        if self._reader.done:
            self._keep = self._keep and not data
            self._end(None)

    def resume(self) -> None:
        """The sink takes bytes again."""
        if self.open and self.transport is not None:
            self.transport.resume_reading()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self._exchange is None:
            return
        if self._reader is not None and self._reader.framing.until_close and exc is None:
            self._end(None)
        else:
            untouched = self.doubtful and self._reader is None and not self._pending
            self._end(Failed("closed_early", untouched=untouched))

    def abort(self) -> None:
        """Cut the connection; an exchange in flight gets no answer."""
        self._exchange = None
        if self.transport is not None:
            self.transport.abort()

    def _end(self, error: Failed | None) -> None:
        exchange, self._exchange = self._exchange, None
        self.doubtful = True
        if (error is not None or not self._keep) and self.transport is not None:
            self.transport.abort()
        if exchange is not None and not exchange.done.done():
            if error is None:
                exchange.done.set_result(None)
            else:
                exchange.done.set_exception(error)


class Upstream:
    """One instance as the edge sees it."""

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        self.address = address
        self.in_flight = 0
        self.requests = 0
        """Sent to it since it started."""
        self.broke_off = False
        """It closed a connection in the middle of an exchange, or took none: it may have ended."""
        self._suspect = False
        """Its last exchange was broken off. It takes connections even if it has ended, until the kernel closes its socket."""
        self._idle: deque[Connection] = deque()
        self._settled = asyncio.Event()
        self._settled.set()

    async def exchange(
        self, request: bytes, method: bytes, sink: Sink, cap: int, on_connection: Callable[[Connection], None]
    ) -> None:
        """Send one request and give its response to the sink. `Failed` says why not."""
        self.in_flight += 1
        self.requests += 1
        self._settled.clear()
        connection: Connection | None = None
        try:
            connection = await self._connection()
            connection.doubtful |= self._suspect
            on_connection(connection)
            exchange = Exchange(method, sink, cap, asyncio.get_running_loop().create_future())
            connection.send(request, exchange)
            await exchange.done
            self._suspect = False
        except asyncio.CancelledError:
            if connection is not None:
                connection.abort()
            raise
        except Failed as failed:
            if failed.code in {"closed_early", "connect_failed"}:
                self.broke_off = self._suspect = True
            raise
        finally:
            self.in_flight -= 1
            if self.in_flight == 0:
                self._settled.set()
            if connection is not None and connection.open and len(self._idle) < POOL:
                connection.idle_since = asyncio.get_running_loop().time()
                self._idle.append(connection)

    async def _connection(self) -> Connection:
        loop = asyncio.get_running_loop()
        while self._idle:
            connection = self._idle.pop()
            if connection.open and loop.time() - connection.idle_since < IDLE_SECONDS:
                return connection
            connection.abort()
        try:
            _, connection = await loop.create_unix_connection(Connection, self.address)
        except OSError as error:
            raise Failed("connect_failed", untouched=True) from error
        return connection

    async def listens(self) -> bool:
        """Whether it takes connections now."""
        try:
            transport, _ = await asyncio.get_running_loop().create_unix_connection(asyncio.Protocol, self.address)
        except OSError:
            return False
        transport.abort()
        return True

    async def settled(self) -> None:
        """Wait until nothing is in flight."""
        await self._settled.wait()

    def close(self) -> None:
        """Close idle connections."""
        while self._idle:
            self._idle.pop().abort()
