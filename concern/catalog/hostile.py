"""Products that answer everything alike, or nothing: on each of them every check must be broken, never safe.

They stand before the good product. People get in (so that no check is broken merely for lack of an account), and from
then on nothing works; some flavours leave the half of it working.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

from agents.web.wire import BadAnswer, Door, Request, Response
from concern.catalog.workshop import ServedSite

Flavour = Callable[[Request], Response | None]
"""What a request is answered; None lets the good product answer."""

_HTML = {"content-type": "text/html; charset=utf-8"}


def _empty(request: Request) -> Response:
    return Response(200, _HTML)


def _welcome(request: Request) -> Response:
    page = '<html><body><main><h1>Welcome</h1><p>All is well.</p><a href="/projects">Projects</a></main></body></html>'
    return Response(200, _HTML, (), page.encode())


def _echo(request: Request) -> Response:
    said = escape(f"{request.target} {request.body.decode('utf-8', 'replace')}")
    page = f'<html><body><main><h1>Thank you</h1><a href="/projects">Projects</a><p>{said}</p></main></body></html>'
    return Response(200, _HTML, (), page.encode())


def _json(request: Request) -> Response:
    return Response(200, {"content-type": "application/json"}, (), b'{"ok": true, "items": [], "next_cursor": null}')


def _forbidden(request: Request) -> Response:
    return Response(403, _HTML, (), b"<main><h1>Forbidden</h1></main>")


def _unavailable(request: Request) -> Response:
    return Response(503, _HTML, (), b"<main><h1>Back soon</h1></main>")


def _closed(request: Request) -> Response:
    raise BadAnswer("the connection broke before the answer was whole")


def _read_only(request: Request) -> Response | None:
    return None if request.method == "GET" else _unavailable(request)


def _write_only(request: Request) -> Response | None:
    return _unavailable(request) if request.method == "GET" else None


FLAVOURS: Mapping[str, Flavour] = {
    "an empty page for everything": _empty,
    "one page for everything": _welcome,
    "an echo of the request": _echo,
    "the same JSON for everything": _json,
    "everything forbidden": _forbidden,
    "always unavailable": _unavailable,
    "connections closed": _closed,
    "read-only": _read_only,
    "write-only": _write_only,
}


@dataclass
class HostileDoor(Door):
    """Answers in the good product's stead."""

    inner: Door = field(default_factory=Door)
    flavour: Flavour = _empty
    admitting: bool = False

    async def send(self, request: Request) -> Response:
        if self.admitting:
            return await self.inner.send(request)
        answer = self.flavour(request)
        return await self.inner.send(request) if answer is None else answer


class HostileSite:
    """A site whose doors are hostile to those who are in; everything else is the good product's."""

    def __init__(self, good: ServedSite, flavour: Flavour) -> None:
        self._good = good
        self._door = HostileDoor(inner=good.door(), flavour=flavour)
        self._second: HostileDoor | None = None
        self.host = good.host
        self.set_clock = good.set_clock
        self.run_job = good.run_job
        self.restart = good.restart
        self.letters = good.letters
        self.profile = good.profile
        self.cpu_ns = good.cpu_ns

    @property
    def now(self) -> datetime:
        return self._good.now

    def door(self) -> Door:
        return self._door

    async def second_door(self) -> Door:
        if self._second is None:
            self._second = HostileDoor(inner=await self._good.second_door(), flavour=self._door.flavour)
        return self._second

    @contextmanager
    def admitting(self) -> Generator[None]:
        self._door.admitting = True
        try:
            yield
        finally:
            self._door.admitting = False
