"""The proxy's reading of HTTP/1.1: strict heads, exact bodies, however the bytes are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cloud.edge.http1 import (
    BadMessage,
    BodyReader,
    Framing,
    TooLarge,
    forwarded,
    parse_request,
    parse_response,
)


def test_a_request_is_read() -> None:
    head = parse_request(b"POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue")
    assert (head.method, head.target, head.keep_alive, head.framing.length) == (b"POST", b"/a?b=c", True, 3)
    assert head.expects_continue


@pytest.mark.parametrize(
    "head",
    [
        b"GET /\r\nHost: x",
        b"GET / HTTP/1.0\r\nHost: x",
        b"GET http://elsewhere/ HTTP/1.1\r\nHost: x",
        b"G\x00T / HTTP/1.1",
        b"GET / HTTP/1.1\r\nHost : x",
        b"GET / HTTP/1.1\r\nA: b\r\n folded: line",
        b"GET / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4",
        b"GET / HTTP/1.1\r\nContent-Length: +3",
        b"GET / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        b"GET / HTTP/1.1\r\nA: b\nc",
        b"GET / HTTP/1.1\r\nA: b\x00c",
        b"GET / HTTP/1.1\r\nno colon",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(head: bytes) -> None:
    with pytest.raises(BadMessage):
        parse_request(head)


@pytest.mark.parametrize(
    ("head", "method", "framing", "keep"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5", b"GET", Framing(5), True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5", b"HEAD", Framing(0), True),
        (b"HTTP/1.1 204 No Content", b"GET", Framing(0), True),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9", b"GET", Framing(0), True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", b"GET", Framing(None, chunked=True), True),
        (b"HTTP/1.1 200\r\nConnection: close\r\nContent-Length: 1", b"GET", Framing(1), False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 1", b"GET", Framing(1), False),
        (b"HTTP/1.1 200 OK", b"GET", Framing(None, until_close=True), False),
    ],
)
def test_a_responses_body_is_delimited(head: bytes, method: bytes, framing: Framing, keep: bool) -> None:
    response = parse_response(head, method)
    assert (response.framing, response.keep_alive) == (framing, keep)


@pytest.mark.parametrize("head", [b"HTTP/2 200 OK", b"200 OK", b"HTTP/1.1 2000 OK", b"HTTP/1.1 200 OK\r\n: empty"])
def test_a_broken_response_is_refused(head: bytes) -> None:
    with pytest.raises(BadMessage):
        parse_response(head, b"GET")


def test_hop_by_hop_headers_stay_behind() -> None:
    headers = [(b"connection", b"close, X-Private"), (b"x-private", b"1"), (b"te", b"trailers"), (b"cookie", b"a")]
    assert forwarded(headers, frozenset((b"cookie",))) == []
    assert forwarded([(b"cookie", b"a"), (b"upgrade", b"h2c")], frozenset()) == [(b"cookie", b"a")]


def chunks(parts: list[bytes]) -> bytes:
    return b"".join(b"%x;ext=1\r\n%s\r\n" % (len(part), part) for part in parts if part) + b"0\r\nTrailer: x\r\n\r\n"


@given(
    parts=st.lists(st.binary(max_size=50), max_size=5), cuts=st.lists(st.integers(1, 20), max_size=30), rest=st.binary()
)
def test_chunks_survive_any_cutting(parts: list[bytes], cuts: list[int], rest: bytes) -> None:
    stream = chunks(parts) + rest
    reader = BodyReader(Framing(None, chunked=True), 1_000)
    got, left = b"", b""
    for size in [*cuts, len(stream)]:
        piece, stream = stream[:size], stream[size:]
        if reader.done:
            left += piece
            continue
        payload, beyond = reader.feed(piece)
        got += payload
        left += beyond
    assert reader.done
    assert got == b"".join(parts)
    assert left == rest


@pytest.mark.parametrize("broken", [b"zz\r\n", b"-1\r\n", b"3\r\nabcd\r\n", b"5" * 2_000, b"1 1\r\n"])
def test_broken_chunks_are_refused(broken: bytes) -> None:
    with pytest.raises(BadMessage):
        BodyReader(Framing(None, chunked=True), 1_000).feed(broken)


def test_bodies_above_the_cap_are_refused_before_they_are_held() -> None:
    with pytest.raises(TooLarge):
        BodyReader(Framing(1_001), 1_000)
    reader = BodyReader(Framing(None, until_close=True), 10)
    reader.feed(b"x" * 10)
    with pytest.raises(TooLarge):
        reader.feed(b"x")
