"""HTTP/1.1 over the edge's socket: keep-alive connections, and a cap on everything that comes back.

Written for cost: real requests are the simulation's budget, so this speaks to asyncio's streams directly.
"""

import asyncio
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MAX_BODY = 1_000_000
"""Most bytes of an answer that are read, also after decompression. More is a broken answer."""
MAX_HEAD = 32_000
MAX_CHUNK_LINE = 200
PATIENCE_S = 60.0
"""Real seconds for one answer: only a cap on what hangs. The edge gives up long before."""

EDGE_ERROR = "x-edge-error"
"""Set by the edge on answers of its own; then no instance saw the request."""
CLIENT, MOMENT = "X-Sim-Client", "X-Sim-Time"
"""The simulated client's address, and the simulated milliseconds of the request: for the edge, never handed on."""

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])[ \r]?")
_ENCODINGS = {"gzip": 31, "deflate": 15}


class EdgeGone(Exception):
    """The edge itself cannot be reached: a failure of ours, never of the product."""


class BadAnswer(Exception):
    """What came is no acceptable HTTP answer: too large, cut off, malformed or slow."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to send. `target` is path and query, percent-encoded."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """One answer, whole. Header names are lower case; several cookies are in `cookies`."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...] = ()
    body: bytes = b""

    @property
    def edge_error(self) -> str | None:
        """The edge's own error, if it answered instead of the product."""
        return self.headers.get(EDGE_ERROR)

    @property
    def text(self) -> str:
        """The body as UTF-8; undecodable bytes are replaced."""
        return self.body.decode("utf-8", "replace")


@dataclass
class _Line:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used: bool = False


@dataclass
class Door:
    """Where the product is reached: a unix socket or a local port. Keeps idle connections for reuse."""

    socket: Path | None = None
    host: str | None = None
    port: int | None = None
    patience_s: float = PATIENCE_S
    sent: int = 0
    """Requests so far."""
    _idle: list[_Line] = field(default_factory=list[_Line])

    async def send(self, request: Request) -> Response:
        """Exchange one request for its answer.

        Raises `BadAnswer` for what the product's side got wrong, `EdgeGone` when nobody listens.
        A connection that the edge closed while it was idle is replaced once.
        """
        self.sent += 1
        try:
            async with asyncio.timeout(self.patience_s):
                while True:
                    line = self._idle.pop() if self._idle else await self._open()
                    try:
                        return await self._exchange(line, request)
                    except _ClosedWhileIdle:
                        continue
        except TimeoutError:
            raise BadAnswer(f"no whole answer within {self.patience_s:g} s") from None

    async def close(self) -> None:
        """Hang up."""
        while self._idle:
            _hang_up(self._idle.pop())

    async def _open(self) -> _Line:
        try:
            if self.socket is not None:
                return _Line(*await asyncio.open_unix_connection(str(self.socket), limit=MAX_HEAD))
            return _Line(*await asyncio.open_connection(self.host, self.port, limit=MAX_HEAD))
        except OSError as error:
            where = self.socket or f"{self.host}:{self.port}"
            raise EdgeGone(f"cannot reach the edge at {where}: {error}") from error

    async def _exchange(self, line: _Line, request: Request) -> Response:
        keep = False
        try:
            line.writer.write(_encode(request))
            await line.writer.drain()
            response, keep = await _read(line, bodiless=request.method == "HEAD")
            return response
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            nothing_came = not (isinstance(error, asyncio.IncompleteReadError) and error.partial)
            if line.used and nothing_came:
                raise _ClosedWhileIdle from error
            raise BadAnswer("the connection broke before the answer was whole") from error
        except asyncio.LimitOverrunError as error:
            raise BadAnswer(f"a header of more than {MAX_HEAD} bytes") from error
        finally:
            if keep:
                line.used = True
                self._idle.append(line)
            else:
                _hang_up(line)


class _ClosedWhileIdle(Exception):
    pass


def _hang_up(line: _Line) -> None:
    line.writer.transport.abort()


def _encode(request: Request) -> bytes:
    lines = [f"{request.method} {request.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    if request.body or request.method not in ("GET", "HEAD"):
        lines.append(f"Content-Length: {len(request.body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + request.body


async def _read(line: _Line, *, bodiless: bool) -> tuple[Response, bool]:
    """Read one answer; the flag tells whether the connection can be used again."""
    raw = await line.reader.readuntil(b"\r\n\r\n")
    matched = _STATUS.match(raw)
    if matched is None:
        raise BadAnswer(f"not HTTP: {raw[:40]!r}")
    status = int(matched[1])
    headers, cookies = _parse_head(raw)
    keep = headers.get("connection", "").lower() != "close"
    if bodiless or status in (204, 304) or status < 200:
        return Response(status, headers, cookies), keep and status >= 200
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = await _chunks(line.reader)
    elif "content-length" in headers:
        body = await line.reader.readexactly(_size(headers["content-length"], 10))
    else:
        body, keep = await _until_closed(line.reader), False
    encoding = headers.get("content-encoding", "").lower()
    return Response(status, headers, cookies, _unpack(body, encoding)), keep


def _parse_head(raw: bytes) -> tuple[dict[str, str], tuple[str, ...]]:
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for text in raw.decode("latin-1").split("\r\n")[1:-2]:
        name, colon, value = text.partition(":")
        if not colon:
            raise BadAnswer(f"a malformed header line: {text[:40]!r}")
        name = name.strip().lower()
        if name == "set-cookie":
            cookies.append(value.strip())
        else:
            headers[name] = value.strip()
    return headers, tuple(cookies)


def _size(text: str, base: int) -> int:
    try:
        size = int(text, base)
    except ValueError:
        raise BadAnswer(f"a malformed length: {text[:20]!r}") from None
    if not 0 <= size <= MAX_BODY:
        raise BadAnswer(f"an answer of {size} bytes; at most {MAX_BODY} are read")
    return size


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts: list[bytes] = []
    total = 0
    while True:
        head = await reader.readuntil(b"\r\n")
        if len(head) > MAX_CHUNK_LINE:
            raise BadAnswer("a malformed chunk")
        size = _size(head.split(b";")[0].strip().decode("latin-1"), 16)
        total = _size(str(total + size), 10)
        data = await reader.readexactly(size + 2)
        if size == 0:
            return b"".join(parts)
        parts.append(data[:-2])


async def _until_closed(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while data := await reader.read(65_536):
        body += data
        _size(str(len(body)), 10)
    return bytes(body)


def _unpack(body: bytes, encoding: str) -> bytes:
    if encoding in ("", "identity"):
        return body
    if encoding not in _ENCODINGS:
        raise BadAnswer(f"an unknown content encoding {encoding[:20]!r}")
    unpacker = zlib.decompressobj(_ENCODINGS[encoding])
    try:
        plain = unpacker.decompress(body, MAX_BODY)
    except zlib.error as error:
        raise BadAnswer(f"a malformed {encoding} body") from error
    if unpacker.unconsumed_tail:
        raise BadAnswer(f"more than {MAX_BODY} bytes after decompression")
    return plain
