"""The edge itself: firewall, limits, routing, retries, log."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bus.simtime import SimTime
from services.cloud.edge.access import AccessLog, Line, bucket
from services.cloud.edge.http1 import Headers, RequestHead, forwarded, head_bytes
from services.cloud.edge.listener import Listener, Request, Responder
from services.cloud.edge.policy import Balancer, Firewall, RateLimit
from services.cloud.edge.upstream import Connection, Failed, Upstream

RESPONSE_SECONDS = 60.0
"""Generous cap in wall time on one response, for what hangs or drips."""
RESPONSE_BYTES = 16 << 20
"""Cap on one response's body; a client never gets more."""
CLIENT_HEADER, TIME_HEADER = b"x-sim-client", b"x-sim-time"
DROPPED = frozenset(
    (CLIENT_HEADER, TIME_HEADER, b"x-forwarded-for", b"x-forwarded-proto", b"forwarded", b"x-real-ip", b"expect")
)
SAFE_TO_REPEAT = frozenset((b"GET", b"HEAD", b"OPTIONS"))
LOCAL = "127.0.0.1"


class Edge:
    """Accepts requests of simulated people and passes them to ready instances.

    A trusted client names the simulated address by the header `X-Sim-Client` and may name the simulated time of the
    request, in milliseconds, by `X-Sim-Time`; neither reaches the product.
    """

    def __init__(self, log: AccessLog, now: Callable[[], SimTime]) -> None:
        self.log = log
        self.firewall = Firewall()
        self.limit = RateLimit(0)
        self.balancer = Balancer("round_robin")
        self.body_bytes = 10 << 20
        self.upstreams: list[Upstream] = []
        """Ready instances, in a stable order."""
        self.answers: Counter[str] = Counter()
        """Responses since `take_answers`, by status or edge error."""
        self.sent_bytes = 0
        """Bytes of bodies since the metering took them."""
        self._now = now

    @asynccontextmanager
    async def listening(self, socket: Path | None, port: int | None = None) -> AsyncGenerator[int | None]:
        """Listen on a unix socket, on a port of 127.0.0.1 (0 is any), or both; gives the port."""
        loop = asyncio.get_running_loop()
        servers: list[asyncio.Server] = []
        try:
            if socket is not None:
                socket.unlink(missing_ok=True)  # noqa: ASYNC240 (microseconds)
                servers.append(await loop.create_unix_server(self._listener, str(socket)))
            bound = None
            if port is not None:
                server = await loop.create_server(self._listener, LOCAL, port)
                servers.append(server)
                bound = int(server.sockets[0].getsockname()[1])
            yield bound
        finally:
            for server in servers:
                server.close()
            self.log.flush()
            for upstream in self.upstreams:
                upstream.close()

    def add(self, upstream: Upstream) -> None:
        """Send it requests from now on."""
        self.upstreams = sorted([*self.upstreams, upstream], key=lambda one: one.name)

    async def drain(self, upstream: Upstream, *, seconds: float) -> None:
        """Send it no more, and wait (up to a cap in wall time) until it has answered what it has."""
        self.upstreams = [one for one in self.upstreams if one is not upstream]
        try:
            async with asyncio.timeout(seconds):
                await upstream.settled()
        except TimeoutError:
            pass
        upstream.close()

    def take_answers(self) -> Counter[str]:
        """What was answered since the last call."""
        taken, self.answers = self.answers, Counter()
        return taken

    def take_bytes(self) -> int:
        """Bytes sent since the last call."""
        taken, self.sent_bytes = self.sent_bytes, 0
        return taken

    def _listener(self) -> Listener:
        return Listener(self.serve, lambda: self.body_bytes)

    async def serve(self, request: Request, responder: Responder) -> None:
        """Answer one request."""
        begun = asyncio.get_running_loop().time()
        client, at = self._identity(request)
        name, error = "", ""
        try:
            if self.firewall.blocks(client, request.head.target):
                raise Failed("blocked")
            if not self.limit.allows(client, at):
                raise Failed("rate_limited")
            async with asyncio.timeout(RESPONSE_SECONDS):
                name = await self._pass_on(request, responder, client)
            responder.finish()
        except Failed as failed:
            error = failed.code
            responder.fail(STATUS.get(error, 502), error)
        except TimeoutError:
            error = "timeout"
            responder.fail(504, error)
        finally:
            took = asyncio.get_running_loop().time() - begun
            self._record(request.head, responder, client, at, name, error, took)

    def _identity(self, request: Request) -> tuple[str, SimTime]:
        client, at = request.peer or LOCAL, self._now()
        for name, value in request.head.headers:
            if name == CLIENT_HEADER:
                client = value.decode("latin-1")[:64]
            elif name == TIME_HEADER and value.isdigit():
                at = SimTime(int(value))
        return client, at

    async def _pass_on(self, request: Request, responder: Responder, client: str) -> str:
        """Exchange with one instance; with another (or a fresh connection) if the first never saw the request, or may not have
        seen it and it is safe to repeat."""
        ready = self.upstreams
        if not ready:
            raise Failed("no_instance")
        first = self.balancer.choose(client, len(ready))
        data = _request_bytes(request, client)

        def connected(connection: Connection) -> None:
            responder.on_resume = connection.resume

        for attempt in range(len(ready) + 1):
            upstream = ready[(first + attempt // 2) % len(ready)]
            try:
                await upstream.exchange(data, request.head.method, responder, RESPONSE_BYTES, connected)
            except Failed as failed:
                unsent = failed.code == "connect_failed"
                repeat = unsent or (failed.untouched and request.head.method in SAFE_TO_REPEAT)
                if not repeat or attempt == len(ready):
                    raise
            else:
                return upstream.name
        raise Failed("connect_failed")

    def _record(
        self, head: RequestHead, responder: Responder, client: str, at: SimTime, name: str, error: str, took: float
    ) -> None:
        self.answers[error or str(responder.status)] += 1
        self.sent_bytes += responder.sent
        path = head.target[:300].decode("latin-1")
        line = Line(
            at, client, head.method.decode("latin-1"), path, responder.status, responder.sent, bucket(took), name, error
        )
        self.log.add(line)


STATUS = {"blocked": 403, "rate_limited": 429, "no_instance": 503, "connect_failed": 502}
"""Status of each of the edge's own errors; the others are 502."""


def _request_bytes(request: Request, client: str) -> bytes:
    head = request.head
    headers: Headers = forwarded(head.headers, DROPPED)
    if head.framing.chunked:
        headers.append((b"content-length", b"%d" % len(request.body)))
    headers.append((b"x-forwarded-for", client.encode("latin-1")))
    headers.append((b"x-forwarded-proto", b"https"))
    return head_bytes(head.method + b" " + head.target + b" HTTP/1.1", headers) + request.body
