"""The browser: what it reads of a page, what it sends, and what it refuses to swallow."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agents.web.browser import Browser, Upload, Visitor
from agents.web.failure import JourneyFailed
from agents.web.page import Page
from agents.web.wire import MAX_BODY, BadAnswer, Door, EdgeGone, Request

pytestmark = pytest.mark.anyio

FORM = """<!doctype html><head><title>x</title></head><main><h1>New &amp; old</h1>
<!-- <a href="/hidden">Hidden</a> --><script>"<a href='/script'>Script</a>"</script>
<a href="/a?x=1&amp;y=2"><b>First</b> link</a>
<form method="post" action="/save"><input type="hidden" name="csrf" value="t&quot;1">
<label for="t">Title</label><input id="t" name="title" value="old > new">
<label>Notes <textarea name="notes">
a &lt; b</textarea></label>
<label for="s">Status</label><select id="s" name="status"><option value="todo">To do
<option value="doing" selected>Doing</option></select>
<label><input type="checkbox" name="sure"> Sure</label><button>Save</button></form>
<form enctype="multipart/form-data" method="post" action="/up"><label for="f">File</label>
<input id="f" type="file" name="file"><input type="submit" value="Upload"></form></main>"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_a_page_is_read_as_a_person_reads_it() -> None:
    page = Page(FORM)
    assert page.heading == "New & old"
    link = page.link("first LINK")
    assert link is not None
    assert link.target == "/a?x=1&y=2"
    assert "Hidden" not in page.text
    assert "Script" not in page.text
    form = page.form("Save")
    assert form is not None
    shown = {field.label: field.shown for field in form.fields if field.label}
    assert shown == {"Title": "old > new", "Notes": "a < b", "Status": "Doing", "Sure": "on"}
    assert page.form("Nothing") is None


def test_elements_of_a_class_are_found_with_what_is_nested_in_them() -> None:
    page = Page('<div class="a note"><div>in</div>side</div><div class="other">x</div>')
    assert page.texts("div", "note") == ["in side"]


@pytest.mark.parametrize("piece", ["<a <a <a ", '<a href="', "<form><form>", "<!--", "<div class=", "<option>"])
def test_odd_markup_ends(piece: str) -> None:
    page = Page(piece * 3_000)
    assert page.form("Save") is None
    assert page.link("Home") is None
    assert isinstance(page.text, str)


Answer = Callable[[bytes], Awaitable[bytes]]


@asynccontextmanager
async def server(path: Path, answer: Answer) -> AsyncGenerator[Door]:
    """Answers every request with what `answer` makes of its head and body."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                body = await reader.readexactly(int(length[0].split(b":")[1])) if length else b""
                data = await answer(head + body)
                writer.write(data)
                if b"content-length" not in data and b"chunked" not in data:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_unix_server(serve, path)
    door = Door(socket=path, patience_s=5)
    try:
        yield door
    finally:
        await door.close()
        listening.close()
        await listening.wait_closed()


def plain(body: bytes, status: int = 200, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def browser(door: Door) -> Browser:
    return Browser(door, Visitor("62.1.2.3", "Mozilla/5.0", "en"), "app.example")


async def test_forms_are_sent_as_browsers_do(tmp_path: Path) -> None:
    seen: list[bytes] = []

    async def answer(request: bytes) -> bytes:
        seen.append(request)
        if request.startswith(b"POST /save"):
            return plain(b"", 303, "Location: /done", "Set-Cookie: session=s1; HttpOnly")
        return plain(FORM.encode())

    async with server(tmp_path / "s", answer) as door:
        tab = browser(door)
        await tab.go("/form", "open", typed=True)
        await tab.press("save", {"Title": "O'Neill & Ü", "Notes": "1\n2", "Status": "To do", "Sure": True}, "save")
        await tab.press("Upload", {}, "upload", upload=Upload("File", "a.txt", b"\x00\xff"))
    post = seen[1].decode()
    assert "Origin: https://app.example" in post
    assert "Sec-Fetch-Site: same-origin" in post
    assert post.endswith("csrf=t%221&title=O%27Neill+%26+%C3%9C&notes=1%0D%0A2&status=todo&sure=on")
    assert seen[2].startswith(b"GET /done")
    assert b"Cookie: session=s1" in seen[2]
    assert b'filename="a.txt"' in seen[3]
    assert b"\x00\xff" in seen[3]
    assert door.sent == 4


async def test_what_is_missing_or_wrong_fails_with_evidence(tmp_path: Path) -> None:
    async def answer(request: bytes) -> bytes:
        if request.startswith(b"GET /loop"):
            return plain(b"", 302, "Location: /loop")
        if request.startswith(b"GET /away"):
            return plain(b"", 302, "Location: https://evil.example/")
        if request.startswith(b"GET /down"):
            return plain(b"<h1>Bad Gateway</h1>", 502, "X-Edge-Error: no_instance")
        if request.startswith(b"POST"):
            return plain(b"<main>not accepted</main>", 422)
        return plain(FORM.encode())

    async with server(tmp_path / "s", answer) as door:
        tab = browser(door)
        for target, kind in (("/loop", "error"), ("/away", "error"), ("/down", "outage")):
            with pytest.raises(JourneyFailed) as failed:
                await tab.go(target, "open")
            assert failed.value.kind == kind
        await tab.go("/form", "open")
        with pytest.raises(JourneyFailed, match="no field 'Colour'"):
            await tab.press("Save", {"Colour": "red"}, "save")
        with pytest.raises(JourneyFailed) as refused:
            await tab.press("Save", {"Title": "x"}, "save")
        assert refused.value.kind == "failed_save"
        assert refused.value.exchange.request == "POST /save"
        assert "not accepted" in refused.value.exchange.response


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", "99999999 bytes"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "-5 bytes"),
        (b"SSH-2.0\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", "malformed header"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MAX_BODY + 1), "at most"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", "broke before"),
        (plain(gzip.compress(b"0" * 5_000_000), 200, "Content-Encoding: gzip"), "after decompression"),
        (plain(b"no gzip", 200, "Content-Encoding: gzip"), "malformed gzip"),
        (plain(b"x", 200, "Content-Encoding: br"), "unknown content encoding"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "malformed length"),
        (b"HTTP/1.1 200 OK\r\n" + b"a" * 40_000 + b"\r\n\r\n", "header of more than"),
    ],
)
async def test_hostile_answers_cost_nothing(tmp_path: Path, answer: bytes, why: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    listening = await asyncio.start_unix_server(serve, tmp_path / "s")
    door = Door(socket=tmp_path / "s", patience_s=5)
    with pytest.raises(BadAnswer, match=why):
        await door.send(Request("GET", "/", {"Host": "x"}))
    listening.close()
    await listening.wait_closed()


async def test_good_encodings_and_a_closed_idle_connection(tmp_path: Path) -> None:
    answers = [
        plain(gzip.compress(b"zipped"), 200, "Content-Encoding: gzip"),
        plain(zlib.compress(b"deflated"), 200, "Content-Encoding: deflate"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
    ]

    async def answer(request: bytes) -> bytes:
        del request
        return answers.pop(0)

    async with server(tmp_path / "s", answer) as door:
        texts = [(await door.send(Request("GET", "/", {"Host": "x"}))).text for _ in range(4)]
    assert texts == ["zipped", "deflated", "abcde", "until the end"]


async def test_no_edge_is_our_failure(tmp_path: Path) -> None:
    with pytest.raises(EdgeGone, match="cannot reach the edge"):
        await Door(socket=tmp_path / "none").send(Request("GET", "/", {}))
