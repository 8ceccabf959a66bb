"""The edge's front: reads requests, and writes responses back. Clients are our own users and attackers."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

from services.cloud.edge.http1 import (
    MAX_HEAD,
    BadMessage,
    BodyReader,
    RequestHead,
    ResponseHead,
    TooLarge,
    forwarded,
    head_bytes,
    parse_request,
)

REASONS = {
    400: "Bad Request",
    403: "Forbidden",
    413: "Content Too Large",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
EDGE_HEADERS = frozenset((b"x-edge-error",))
"""Only the edge may say these; from the product they are dropped."""


@dataclass(slots=True)
class Request:
    """One whole request."""

    head: RequestHead
    body: bytes
    peer: str
    """Address of the TCP peer, or empty on a unix socket."""


class Responder:
    """Writes one response to a client; a `Sink` for the exchange with the instance."""

    def __init__(self, listener: "Listener", *, keep_alive: bool, head_only: bool) -> None:
        self._listener = listener
        self._keep_alive = keep_alive
        self._head_only = head_only
        self._unsent = b""
        self._chunked = False
        self.status = 0
        self.sent = 0
        """Bytes of the body, as the client reads them."""
        self.on_resume: Callable[[], None] | None = None

    def head(self, head: ResponseHead) -> None:
        """Begin the response that an instance gave."""
        self.status = head.status
        headers = forwarded(head.headers, EDGE_HEADERS)
        self._chunked = head.framing.chunked or head.framing.until_close
        if self._chunked:
            headers = [pair for pair in headers if pair[0] != b"content-length"]
            headers.append((b"transfer-encoding", b"chunked"))
        if not self._keep_alive:
            headers.append((b"connection", b"close"))
        self._unsent = head_bytes(b"HTTP/1.1 %d %s" % (head.status, head.reason), headers)

    def body(self, data: bytes) -> bool:
        """Go on with it."""
        self.sent += len(data)
        if self._chunked:
            data = b"%x\r\n%s\r\n" % (len(data), data)
        self._listener.write(self._unsent + data)
        self._unsent = b""
        return self._listener.writable

    def finish(self) -> None:
        """The response is complete."""
        self._unsent += b"0\r\n\r\n" if self._chunked else b""
        if self._unsent:
            self._listener.write(self._unsent)
        self._listener.finished(keep_alive=self._keep_alive)

    def fail(self, status: int, code: str) -> None:
        """Answer with a page of the edge's own; or cut the connection when the response has already begun."""
        if self.status and not self._unsent:
            self._listener.abort()
            return
        self.status = status
        page = f"<!doctype html><title>{status} {REASONS[status]}</title><h1>{REASONS[status]}</h1>\n".encode()
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"%d" % len(page))]
        headers += [(b"x-edge-error", code.encode()), (b"cache-control", b"no-store")]
        if not self._keep_alive:
            headers.append((b"connection", b"close"))
        self._chunked = False
        self._unsent = head_bytes(b"HTTP/1.1 %d %s" % (status, REASONS[status].encode()), headers)
        self._unsent += b"" if self._head_only else page
        self.sent = len(page)
        self.finish()

    def resume(self) -> None:
        """The client takes bytes again."""
        if self.on_resume is not None:
            self.on_resume()


Serve = Callable[[Request, Responder], Awaitable[None]]


class Listener(asyncio.Protocol):
    """One client connection: requests one after the other, no pipelining."""

    def __init__(self, serve: Serve, body_cap: Callable[[], int]) -> None:
        self._serve = serve
        self._body_cap = body_cap
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._head: RequestHead | None = None
        self._reader: BodyReader | None = None
        self._body: list[bytes] = []
        self._task: asyncio.Task[None] | None = None
        self._responder: Responder | None = None
        self._peer = ""
        self.writable = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        peer: object = transport.get_extra_info("peername")
        if isinstance(peer, tuple):
            self._peer = str(cast("tuple[object, ...]", peer)[0])

    def data_received(self, data: bytes) -> None:
        if self._responder is not None:
            self.abort()
            return
        self._buffer += data
        try:
            if self._head is None:
                self._read_head()
            if self._head is not None:
                self._read_body()
        except BadMessage:
            self._refuse(400, "bad_request")
        except TooLarge:
            self._refuse(413, "body_too_large")

    def _read_head(self) -> None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > MAX_HEAD:
                self._refuse(431, "head_too_large")
            return
        head = parse_request(bytes(self._buffer[:end]))
        del self._buffer[: end + 4]
        self._reader = BodyReader(head.framing, self._body_cap())
        self._head, self._body = head, []
        if head.expects_continue:
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _read_body(self) -> None:
        assert self._head is not None
        assert self._reader is not None
        if not self._reader.done and self._buffer:
            payload, rest = self._reader.feed(bytes(self._buffer))
            self._body.append(payload)
            self._buffer[:] = rest
        if self._reader.done:
            if self._buffer:
                raise BadMessage("a second request before the first was answered")
            head, self._head = self._head, None
            self._responder = Responder(self, keep_alive=head.keep_alive, head_only=head.method == b"HEAD")
            request = Request(head, b"".join(self._body), self._peer)
            self._task = asyncio.get_running_loop().create_task(self._answer(request, self._responder))

    async def _answer(self, request: Request, responder: Responder) -> None:
        await self._serve(request, responder)

    def _refuse(self, status: int, code: str) -> None:
        self._responder = Responder(self, keep_alive=False, head_only=False)
        self._responder.fail(status, code)

    def write(self, data: bytes) -> None:
        """Send bytes to the client, if it is still there."""
        if self._transport is not None:
            self._transport.write(data)

    def finished(self, *, keep_alive: bool) -> None:
        """The response is out: take the next request, or close."""
        self._responder = None
        if self._transport is not None and not keep_alive:
            self._transport.close()
            self._transport = None

    def abort(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()

    def pause_writing(self) -> None:
        self.writable = False

    def resume_writing(self) -> None:
        self.writable = True
        if self._responder is not None:
            self._responder.resume()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._task is not None and self._responder is not None:
            self._task.cancel()
