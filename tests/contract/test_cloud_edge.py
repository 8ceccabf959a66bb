"""The edge before hostile and clumsy instances: caps hold, users get an answer, and the next request is served."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from cloud_client import Client

from bus.simtime import SimTime
from services.cloud.edge import edge as edge_module
from services.cloud.edge.access import AccessLog
from services.cloud.edge.edge import Edge
from services.cloud.edge.http1 import ResponseHead
from services.cloud.edge.policy import Firewall, RateLimit
from services.cloud.edge.upstream import Upstream

pytestmark = pytest.mark.anyio

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Stand:
    """An edge before made-up instances."""

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self.edge = Edge(AccessLog(folder / "access.jsonl"), lambda: SimTime(0))
        self.heads: list[bytes] = []
        self._folder = folder
        self._stack = stack

    async def instance(self, name: str, behaviour: Behaviour) -> Upstream:
        """An instance that does as told with each connection."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await behaviour(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        path = str(self._folder / name)
        server = await asyncio.start_unix_server(serve, path)
        self._stack.callback(server.close)
        upstream = Upstream(name, path)
        self.edge.add(upstream)
        return upstream

    async def answers(self, data: bytes) -> Upstream:
        """An instance that answers every request with these bytes."""

        async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(data)
                await writer.drain()

        return await self.instance("fixed", behaviour)

    def client(self, address: str = "198.51.100.7") -> Client:
        client = Client(str(self._folder / "edge.sock"), address)
        self._stack.push_async_callback(client.close)
        return client


@asynccontextmanager
async def stand(folder: Path) -> AsyncGenerator[Stand]:
    async with AsyncExitStack() as stack:
        made = Stand(folder, stack)
        await stack.enter_async_context(made.edge.listening(folder / "edge.sock"))
        yield made


@pytest.fixture(autouse=True)
def short_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_module, "RESPONSE_SECONDS", 1.0)
    monkeypatch.setattr(edge_module, "RESPONSE_BYTES", 1 << 20)


async def test_headers_are_cleaned_both_ways(tmp_path: Path) -> None:
    async with stand(tmp_path) as it:
        await it.answers(
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Edge-Error: lie\r\nKeep-Alive: 5\r\n"
            b"Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nok"
        )
        client = it.client("203.0.113.5")
        answer = await client.get("/x", X_Forwarded_For="6.6.6.6", X_Sim_Time="5", X_Real_IP="6.6.6.6", TE="trailers")
        assert answer.text == "ok"
        assert not {"x-edge-error", "keep-alive", "connection", "x-hop"} & set(answer.headers)
        head = it.heads[0].lower()
        assert b"x-forwarded-for: 203.0.113.5\r\n" in head
        assert b"6.6.6.6" not in head
        assert b"x-sim" not in head
        assert b"te:" not in head
        await client.get("/again")
        assert len(it.heads) == 2


async def test_bodies_go_through_both_ways_chunked_or_not(tmp_path: Path) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0]) if b"content-length" in head else 0
            body = await reader.readexactly(length)
            chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[n : n + 7]), body[n : n + 7]) for n in range(0, length, 7))
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")

    async with stand(tmp_path) as it:
        await it.instance("echo", echo)
        client = it.client()
        body = bytes(range(256)) * 100
        assert (await client.send("POST", "/", body)).body == body
        await client.raw(b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        assert (await client.answer()).body == b"abcde"
        await client.raw(b"POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert (await client.answer()).status == 100
        await client.raw(b"ok")
        assert (await client.answer()).body == b"ok"


@pytest.mark.parametrize(
    ("method", "data", "status"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", 200),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n", 204),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", 304),
        ("GET", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, 200),
    ],
)
async def test_answers_without_a_body(tmp_path: Path, method: str, data: bytes, status: int) -> None:
    async with stand(tmp_path) as it:
        await it.answers(data)
        client = it.client()
        for _ in range(2):
            assert (await client.send(method, "/")).status == status


async def refuse_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"nonsense\r\n\r\n", "bad_response"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", "bad_response"),
        (b"HTTP/1.1 200 OK\r\nBad Header: 1\r\n\r\n", "bad_response"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 40_000, "bad_response"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "bad_response"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", "response_too_large"),
    ],
)
async def test_what_is_no_answer_becomes_a_502_of_the_edges_own(tmp_path: Path, data: bytes, error: str) -> None:
    async with stand(tmp_path) as it:
        await it.answers(data)
        client = it.client()
        for _ in range(2):
            answer = await client.get("/")
            assert (answer.status, answer.headers["x-edge-error"]) == (502, error)
        assert it.edge.answers == {error: 2}


async def test_closing_early_hanging_and_absence(tmp_path: Path) -> None:
    async with stand(tmp_path) as it:
        closing = await it.instance("closing", refuse_nothing)
        answer = await it.client().get("/")
        assert (answer.status, answer.headers["x-edge-error"]) == (502, "closed_early")
        await it.edge.drain(closing, seconds=0)
        hanging = await it.instance("hanging", hang)
        answer = await it.client().get("/")
        assert (answer.status, answer.headers["x-edge-error"]) == (504, "timeout")
        await it.edge.drain(hanging, seconds=0)
        answer = await it.client().get("/")
        assert (answer.status, answer.headers["x-edge-error"]) == (503, "no_instance")
        it.edge.add(Upstream("gone", str(tmp_path / "nobody")))
        answer = await it.client().get("/")
        assert (answer.status, answer.headers["x-edge-error"]) == (502, "connect_failed")


async def test_an_endless_body_is_cut_at_the_cap(tmp_path: Path) -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    async with stand(tmp_path) as it:
        await it.instance("endless", endless)
        client = it.client()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError, ValueError)):
            await client.get("/")
        assert it.edge.answers == {"response_too_large": 1}
        assert it.edge.take_bytes() <= 1 << 20


async def test_a_slow_drip_is_cut_by_time(tmp_path: Path) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx")
        await reader.read()

    async with stand(tmp_path) as it:
        await it.instance("drip", drip)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await it.client().get("/")
        assert it.edge.answers == {"timeout": 1}


async def test_a_second_answer_to_one_request_poisons_nobody(tmp_path: Path) -> None:
    async with stand(tmp_path) as it:
        await it.answers(OK + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
        for _ in range(3):
            assert (await it.client().get("/")).text == "ok"


async def test_a_dead_keep_alive_connection_is_replaced(tmp_path: Path) -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await reader.readuntil(b"\r\n\r\n")

    async with stand(tmp_path) as it:
        await it.instance("once", once)
        client = it.client()
        assert [(await client.get("/")).status for _ in range(4)] == [200] * 4
        assert (await client.send("POST", "/", b"x")).status == 502


async def test_another_instance_is_asked_when_one_is_gone(tmp_path: Path) -> None:
    async with stand(tmp_path) as it:
        it.edge.add(Upstream("dead", str(tmp_path / "nobody")))
        await it.answers(OK)
        client = it.client()
        assert [(await client.send("POST", "/", b"x")).status for _ in range(4)] == [200] * 4


async def test_whoever_broke_off_may_have_ended_though_its_socket_takes_connections(tmp_path: Path) -> None:
    taken: list[bytes] = []

    async def dying(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(await reader.readuntil(b"\r\n\r\n"))

    async with stand(tmp_path) as it:
        await it.instance("dying", dying)
        client = it.client()
        assert (await client.get("/")).status == 502
        await it.answers(OK)
        assert [(await client.get("/")).status for _ in range(4)] == [200] * 4
        assert len(taken) > 1
        assert sorted([(await client.send("POST", "/", b"x")).status for _ in range(2)]) == [200, 502]  # perhaps done


async def test_whoever_answers_again_is_trusted_again(tmp_path: Path) -> None:
    answers = [b"", OK, b""]

    async def stumbling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answers.pop(0).replace(b"\r\n", b"\r\nConnection: close\r\n", 1))

    async with stand(tmp_path) as it:
        await it.instance("stumbling", stumbling)
        client = it.client()
        assert [(await client.get("/")).status for _ in range(3)] == [502, 200, 502]
        assert answers == []


async def test_bad_requests_are_refused_and_limits_hold(tmp_path: Path) -> None:
    async with stand(tmp_path) as it:
        await it.answers(OK)
        for data, status in (
            (b"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            (b"POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n", 413),
            (b"GET / HTTP/1.1\r\nX: " + b"y" * 40_000, 431),
            (b"GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n", 400),
        ):
            client = it.client()
            await client.raw(data)
            assert (await client.answer()).status == status
        assert it.heads == []
        it.edge.limit = RateLimit(2)
        client = it.client("192.0.2.1")
        assert [(await client.get("/")).status for _ in range(3)] == [200, 200, 429]
        assert (await client.get("/", X_Sim_Time="60000")).status == 200
        it.edge.firewall = Firewall(["192.0.2.0/24", "/private"])
        assert (await client.get("/")).headers["x-edge-error"] == "blocked"
        assert (await it.client().get("/private/x")).status == 403


async def test_a_large_body_flows_with_a_slow_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory of the edge stays bounded: it stops reading from the instance while the client does not."""
    monkeypatch.setattr(edge_module, "RESPONSE_BYTES", 64 << 20)
    monkeypatch.setattr(edge_module, "RESPONSE_SECONDS", 60.0)
    written = 0

    async def large(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (32 << 20))
        for _ in range(512):
            writer.write(b"x" * 65_536)
            await writer.drain()
            written += 65_536

    async with stand(tmp_path) as it:
        await it.instance("large", large)
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "edge.sock"))
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        before = -1
        while written != before:
            before = written
            for _ in range(200):
                await asyncio.sleep(0)  # noqa: TID251 (gives the loop its turns; no time passes)
        assert written < 8 << 20
        body = await reader.readexactly(32 << 20)
        assert len(body) == 32 << 20
        writer.close()
        await writer.wait_closed()


async def test_a_connection_that_waited_for_a_slow_reader_serves_again(tmp_path: Path) -> None:
    """The last bytes of a body may fill the client's buffer; the connection to the instance is read again all the same."""

    class Full:
        """A client that takes no more for now."""

        def head(self, head: ResponseHead) -> None:
            assert head.status == 200

        def body(self, data: bytes) -> bool:
            return False

    async with stand(tmp_path) as it:
        upstream = await it.answers(OK)
        async with asyncio.timeout(edge_module.RESPONSE_SECONDS):
            for _ in range(3):
                await upstream.exchange(b"GET / HTTP/1.1\r\n\r\n", b"GET", Full(), 100, lambda _connection: None)
        upstream.close()
    assert len(it.heads) == 3
