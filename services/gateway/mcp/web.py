"""MCP over HTTP: one address with the episode's token in its path, on hosts that are named, for requests of bounded size."""

import logging
import secrets
import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import uvicorn
from mcp.server import Server
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

MAX_BODY: Final = 4 * 1024 * 1024
"""Bytes of one request: the largest file that a tool writes, escaped."""
HOSTS: Final = ("127.0.0.1", "localhost", "[::1]", "gateway", "operator")
"""Names under which it may be addressed: this machine, and the services in compose.yaml."""
GOODBYE_S: Final = 2
"""Real seconds for answers under way when it stops."""


@dataclass(frozen=True)
class Place:
    """Where an agent finds the tools. The token is a secret: whoever has it is the operator."""

    listener: socket.socket
    hosts: tuple[str, ...] = ()
    """Allowed beside `HOSTS`."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(18), repr=False)

    @property
    def path(self) -> str:
        return f"/{self.token}/mcp"

    @property
    def url(self) -> str:
        """As seen from this machine, or by the first host that was named."""
        host, port = self.listener.getsockname()[:2]
        if host in ("0.0.0.0", "::"):  # noqa: S104 (compared, not bound)
            host = self.hosts[0].split(":")[0] if self.hosts else "127.0.0.1"
        return f"http://{f'[{host}]' if ':' in host else host}:{port}{self.path}"


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one. `OSError` if it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


@dataclass(frozen=True)
class Gate:
    """Lets requests through that are addressed to the episode, and answers others with one line that says why not."""

    inner: ASGIApp
    place: Place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        refusal = self._refusal(scope["path"], Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, send)
        else:
            await self.inner({**scope, "path": "/mcp", "raw_path": b"/mcp"}, receive, send)

    def _refusal(self, path: str, headers: Headers) -> PlainTextResponse | None:
        host = headers.get("host", "")
        if not {host, host.rpartition(":")[0] or host} & {*HOSTS, *self.place.hosts}:
            known = ", ".join((*HOSTS, *self.place.hosts))
            return _line(421, f"host {host[:200]!r} is not allowed here; allowed: {known}; others with --allow-host")
        if path == "/healthz":
            return _line(200, "ok")
        if not secrets.compare_digest(path.rstrip("/").encode(), self.place.path.encode()):
            return _line(404, "no episode here: the address is /<token>/mcp, with the token that `concern` printed")
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > MAX_BODY:
            return _line(413, f"the request has {length} bytes; at most {MAX_BODY} are taken: write files in parts")
        return None


def _line(status: int, text: str) -> PlainTextResponse:
    return PlainTextResponse(text + "\n", status_code=status)


class _Uvicorn(uvicorn.Server):
    """A web server that leaves signals to the program that it is a part of."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@dataclass(frozen=True)
class Web:
    """An MCP server over HTTP, while `serve` runs."""

    serve: Callable[[Sequence[socket.socket]], Any]
    stop: Callable[[], None]


def web(server: Server[Any], place: Place) -> Web:
    """The server of one place: stateless, one JSON answer for each request."""
    names = (*HOSTS, *place.hosts)
    app = server.streamable_http_app(
        stateless_http=True,
        json_response=True,
        max_request_body_size=MAX_BODY,
        transport_security=TransportSecuritySettings(
            allowed_hosts=[*names, *(f"{name}:*" for name in names)],
            allowed_origins=[f"http://{name}{port}" for name in names for port in ("", ":*")],
        ),
    )
    for name in ("mcp", "uvicorn"):  # what they warn of is answered to the client; nothing may write over a screen
        logging.getLogger(name).addHandler(logging.NullHandler())
    config = uvicorn.Config(
        Gate(app, place), log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=GOODBYE_S
    )
    running = _Uvicorn(config)

    def stop() -> None:
        running.should_exit = True

    return Web(lambda sockets: running.serve(sockets=list(sockets)), stop)
