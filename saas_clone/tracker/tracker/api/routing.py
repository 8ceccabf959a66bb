"""From a request to an answer in JSON: check the token, read the body, answer, commit."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tracker import attachments, mail, tokens
from tracker.actors import Actor
from tracker.addresses import client_address
from tracker.bodies import read_json
from tracker.errors import Conflict, Invalid, LoginRequired, Malformed, Refusal
from tracker.fields import Fields
from tracker.observing import note_actor
from tracker.paging import API_PAGE, API_PAGE_MOST, Window
from tracker.services import SERVICES

PREFIX = "/api/v1"


@dataclass
class Call:
    """What an operation works with."""

    request: web.Request
    db: AsyncSession
    actor: Actor
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def param(self, name: str) -> str:
        """Return a part of the path."""
        return self.request.match_info[name]

    def query(self, name: str) -> str:
        """Return a field of the query; empty if absent."""
        return self.request.query.get(name, "")

    def fields(self) -> Fields:
        """Read the body."""
        return Fields(self.body)

    def window(self) -> Window:
        """Return which page of a list was asked for."""
        limit = Fields(self.request.query)
        count = (
            limit.number("limit", "limit", least=1, most=API_PAGE_MOST) if limit.has("limit") else API_PAGE
        )
        limit.finish()
        return Window(count, self.query("cursor"))

    def version(self) -> int:
        """Return the version that the client has read: from ``If-Match``, else from the body."""
        match = self.request.headers.get("If-Match")
        if match is None:
            fields = self.fields()
            version = fields.number("version", "version (or If-Match)", least=1)
            fields.finish()
            return version
        if not re.fullmatch(r'"[0-9]{1,9}"', match.strip()):
            raise Malformed('If-Match must be a version in quotes, as in "3".')
        return int(match.strip().strip('"'))


Operation = Callable[[Call], Awaitable[web.Response]]


class Operations:
    """The routes of one module."""

    def __init__(self) -> None:
        self.routes: list[web.RouteDef] = []

    def on(self, method: str, path: str) -> Callable[[Operation], Operation]:
        """Serve ``method`` at ``path`` (below the API's prefix)."""

        def add(operation: Operation) -> Operation:
            route = web.route(method, PREFIX + path, _Handler(operation).serve)
            self.routes.append(route)
            return operation

        return add


class _Handler:
    """Serves the requests of one operation."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation

    async def serve(self, request: web.Request) -> web.Response:
        try:
            return await self._answer(request)
        except IntegrityError:
            return refused(Conflict("Somebody did the same at this moment. Please try again."))
        except Refusal as refusal:
            return refused(refusal)

    async def _answer(self, request: web.Request) -> web.Response:
        services = request.app[SERVICES]
        reads = request.method in ("GET", "HEAD")
        body = {} if reads else await read_json(request, services.settings.max_body_bytes)
        async with services.database.session(writes=not reads) as session:
            actor = await _identify(request, session)
            response = await self._operation(Call(request, session, actor, body))
            await session.commit()
        await services.files.discard(attachments.doomed(session))
        await services.mail.hand_over(mail.outgoing(session))
        return response


async def _identify(request: web.Request, session: AsyncSession) -> Actor:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    actor = await tokens.who(session, secret.strip()) if scheme.lower() == "bearer" else None
    if actor is None:
        refusal = LoginRequired("Send a valid API token: Authorization: Bearer trk_…")
        refusal.headers["WWW-Authenticate"] = "Bearer"
        raise refusal
    note_actor(request, actor)
    return replace(actor, address=client_address(request))


def refused(refusal: Refusal) -> web.Response:
    """Answer with an error."""
    error: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    if isinstance(refusal, Invalid):
        error["fields"] = refusal.problems
    return web.json_response({"error": error}, status=refusal.status, headers=refusal.headers)
