"""HTTP/1.1 as far as a proxy needs it: heads and body framing, strict where leniency lets requests be smuggled.

Pure: bytes in, values out. RFC 9110 and RFC 9112.
"""

import re
from dataclasses import dataclass, field

MAX_HEAD = 32 * 1024
MAX_CHUNK_LINE = 1024
Headers = list[tuple[bytes, bytes]]
"""(lower-case name, value) in order."""

_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_BAD_VALUE = re.compile(rb"[\x00\r\n]")
_TARGET = re.compile(rb"/[!-~\x80-\xff]*")
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9][0-9])(?: ([\t -~\x80-\xff]*))?")
_DIGITS = re.compile(rb"[0-9]{1,15}")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?")

HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade",
     b"proxy-authenticate", b"proxy-authorization")
)  # fmt: skip


class BadMessage(Exception):
    """The peer does not speak HTTP/1.1 as it should; the text says where."""


class TooLarge(Exception):
    """A body or head above its cap."""


@dataclass(slots=True)
class Framing:
    """How a body is delimited: by `length`, by chunks, or (responses only) by the end of the connection."""

    length: int | None = 0
    chunked: bool = False
    until_close: bool = False


@dataclass(slots=True)
class RequestHead:
    method: bytes
    target: bytes
    headers: Headers
    keep_alive: bool
    framing: Framing
    expects_continue: bool


@dataclass(slots=True)
class ResponseHead:
    status: int
    reason: bytes
    headers: Headers
    keep_alive: bool
    framing: Framing


def parse_request(head: bytes) -> RequestHead:
    """Parse a request head without its final empty line. BadMessage if it is none."""
    first, headers = _split(head)
    words = first.split(b" ")
    if len(words) != 3 or words[2] != b"HTTP/1.1" or not _TOKEN.fullmatch(words[0]):
        raise BadMessage("not a request line")
    if not _TARGET.fullmatch(words[1]):
        raise BadMessage("the target must be a path")
    lengths, chunked, connection = _framing_headers(headers)
    if chunked and lengths is not None:
        raise BadMessage("both a length and chunks")
    expects = any(name == b"expect" and value.lower() == b"100-continue" for name, value in headers)
    framing = Framing(None, chunked=True) if chunked else Framing(lengths or 0)
    return RequestHead(words[0], words[1], headers, b"close" not in connection, framing, expects)


def parse_response(head: bytes, method: bytes) -> ResponseHead:
    """Parse the head of the response to a request of that method. BadMessage if it is none."""
    first, headers = _split(head)
    line = _STATUS.fullmatch(first)
    if line is None:
        raise BadMessage("not a status line")
    status = int(line[2])
    lengths, chunked, connection = _framing_headers(headers)
    keep = b"close" not in connection if line[1] == b"1" else b"keep-alive" in connection
    if method == b"HEAD" or status in (204, 304) or status < 200:
        framing = Framing(0)
    elif chunked:
        if lengths is not None:
            raise BadMessage("both a length and chunks")
        framing = Framing(None, chunked=True)
    elif lengths is None:
        framing, keep = Framing(None, until_close=True), False
    else:
        framing = Framing(lengths)
    return ResponseHead(status, line[3] or b"", headers, keep, framing)


def forwarded(headers: Headers, drop: frozenset[bytes]) -> Headers:
    """Headers for the next hop: without hop-by-hop ones, those that Connection names, and `drop`."""
    named = {word.strip().lower() for name, value in headers if name == b"connection" for word in value.split(b",")}
    gone = HOP_BY_HOP | drop | named if named else HOP_BY_HOP | drop
    return [pair for pair in headers if pair[0] not in gone]


def head_bytes(first: bytes, headers: Headers) -> bytes:
    """A head as it goes over the wire."""
    return b"\r\n".join([first, *[name + b": " + value for name, value in headers], b"", b""])


def _split(head: bytes) -> tuple[bytes, Headers]:
    lines = head.split(b"\r\n")
    headers: Headers = []
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if not colon or not _TOKEN.fullmatch(name) or _BAD_VALUE.search(value):
            raise BadMessage("a header line that is none")
        headers.append((name.lower(), value.strip(b" \t")))
    return lines[0], headers


def _framing_headers(headers: Headers) -> tuple[int | None, bool, bytes]:
    length: int | None = None
    chunked = False
    connection = b""
    for name, value in headers:
        if name == b"content-length":
            if not _DIGITS.fullmatch(value) or (length is not None and length != int(value)):
                raise BadMessage("not one content length")
            length = int(value)
        elif name == b"transfer-encoding":
            if chunked or value.lower() != b"chunked":
                raise BadMessage("a transfer encoding other than chunked")
            chunked = True
        elif name == b"connection":
            connection += value.lower()
    return length, chunked, connection


@dataclass(slots=True)
class BodyReader:
    """Takes the bytes that follow a head and gives the body's; `done` once it is complete."""

    framing: Framing
    cap: int
    """Bytes after which TooLarge is raised."""
    done: bool = False
    seen: int = 0
    _left: int = 0
    _state: str = "size"
    _pending: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        if self.framing.length is not None:
            self._left = self.framing.length
            self.done = self._left == 0
            if self._left > self.cap:
                raise TooLarge

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """(payload, rest beyond the body). BadMessage for broken chunks, TooLarge above the cap."""
        if self.framing.chunked:
            payload, rest = self._chunks(data)
        elif self.framing.until_close:
            payload, rest = data, b""
        else:
            payload, rest = data[: self._left], data[self._left :]
            self._left -= len(payload)
            self.done = self._left == 0
        self.seen += len(payload)
        if self.seen > self.cap:
            raise TooLarge
        return payload, rest

    def _chunks(self, data: bytes) -> tuple[bytes, bytes]:
        self._pending += data
        pending, payload = self._pending, bytearray()
        while not self.done:
            if self._state == "data":
                taken = pending[: self._left]
                payload += taken
                del pending[: len(taken)]
                self._left -= len(taken)
                if self._left:
                    break
                self._state = "end"
            line, found, _ = pending.partition(b"\r\n")
            if not found:
                if len(pending) > MAX_CHUNK_LINE:
                    raise BadMessage("a chunk line without an end")
                break
            del pending[: len(line) + 2]
            self._line(bytes(line))
        rest = bytes(pending) if self.done else b""
        return bytes(payload), rest

    def _line(self, line: bytes) -> None:
        if self._state == "end":
            if line:
                raise BadMessage("a chunk longer than it said")
            self._state = "size"
        elif self._state == "size":
            size = _CHUNK_SIZE.fullmatch(line)
            if size is None:
                raise BadMessage("not a chunk size")
            self._left = int(size[1], 16)
            self._state = "data" if self._left else "trailer"
        elif not line:
            self.done = True
