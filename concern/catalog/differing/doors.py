"""Ways in which several requests of a journey meet: through two instances, pressed twice, and by two people at once."""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agents.web.wire import BadAnswer, Door, Request, Response

_NONCE = re.compile(rb"ref[0-9a-f]{10}")
"""As a patron draws them."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass
class BalancedDoor(Door):
    """Several instances take turns, as behind a balancer; what came of each request is kept."""

    inner: Sequence[Door] = ()
    failed: int = 0
    """Requests that no instance could answer, or with a status of 500 and above."""

    async def send(self, request: Request) -> Response:
        door = self.inner[self.sent % len(self.inner)]
        self.sent += 1
        try:
            answer = await door.send(request)
        except BadAnswer:
            self.failed += 1
            raise
        self.failed += answer.status >= 500
        return answer


@dataclass
class DoubleDoor(Door):
    """Sends whatever changes something twice at once, as by a double click, and answers with the first."""

    inner: Door = field(default_factory=Door)
    on: bool = False
    """Off while people get in."""

    async def send(self, request: Request) -> Response:
        if not self.on or request.method in SAFE:
            return await self.inner.send(request)
        return await self._both(request, self._second(request))

    async def _both(self, request: Request, second: Request) -> Response:
        first, other = await asyncio.gather(self.inner.send(request), self.inner.send(second), return_exceptions=True)
        if isinstance(first, BaseException):
            raise first
        if isinstance(other, BaseException) and not isinstance(other, BadAnswer):
            raise other
        self._noted(request, second, first, None if isinstance(other, BaseException) else other)
        return first

    def _second(self, request: Request) -> Request:
        return request

    def _noted(self, first: Request, second: Request, answer: Response, other: Response | None) -> None:
        pass


@dataclass
class CrossedDoor(DoubleDoor):
    """Whoever writes a text meets a colleague who writes another one in the same place at the same moment."""

    accepted: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """One's own text and the colleague's, where the product took both."""

    def _second(self, request: Request) -> Request:
        body = _NONCE.sub(_another, request.body)
        return replace(request, body=body)

    def _noted(self, first: Request, second: Request, answer: Response, other: Response | None) -> None:
        if answer.status < 400 and other is not None and other.status < 400:
            pairs = zip(_NONCE.findall(first.body), _NONCE.findall(second.body), strict=True)
            self.accepted |= {(mine.decode(), theirs.decode()) for mine, theirs in pairs}


def _another(found: re.Match[bytes]) -> bytes:
    return b"ref" + hashlib.sha256(found[0]).hexdigest()[:10].encode()
