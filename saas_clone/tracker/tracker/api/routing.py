"""From a request to an answer in JSON: check the token, read the body, answer, commit."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from aiohttp import web
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tracker import attachments, idempotency, mail, tokens
from tracker.actors import Actor
from tracker.addresses import client_address
from tracker.api import cors
from tracker.bodies import read_json
from tracker.errors import (
    Conflict,
    Invalid,
    LoginRequired,
    Malformed,
    Mismatch,
    Refusal,
    Stale,
    TooLarge,
    TooManyRequests,
)
from tracker.fields import Fields
from tracker.ids import fingerprint
from tracker.observing import note_actor
from tracker.paging import API_PAGE, API_PAGE_MOST, Page, Window
from tracker.problems import problem
from tracker.services import SERVICES

PREFIX = "/api/v1"

Row = TypeVar("Row")


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
        most = min(API_PAGE_MOST, self.actor.organisation.api_page_most or API_PAGE_MOST)
        count = min(most, API_PAGE)
        if limit.has("limit"):
            count = limit.number("limit", "limit", least=1, most=most)
        limit.finish()
        return Window(count, self.query("cursor"))

    def page(self, found: Page[Row], shape: Callable[[Row], dict[str, Any]]) -> web.Response:
        """Answer with one page of a list, and say where the next one is."""
        following, headers = None, {}
        if found.next_cursor:
            following = str(self.request.rel_url.update_query(cursor=found.next_cursor))
            headers["Link"] = f'<{following}>; rel="next"'
        items = [shape(row) for row in found.rows]
        body = {"items": items, "next_cursor": found.next_cursor, "next": following}
        return web.json_response(body, headers=headers)

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
        services = request.app[SERVICES]
        secret = _secret(request)
        standing = services.rates.take(fingerprint(secret))
        try:
            if standing.exceeded:
                wait = standing.reset_seconds
                raise TooManyRequests(f"This token has asked too often. Wait {wait} seconds.", wait)
            response = await self._answer_once_more(request, secret)
        except IntegrityError:
            response = refused(Conflict("Somebody did the same at this moment. Please try again."))
        except Stale as stale:
            response = refused(Mismatch() if "If-Match" in request.headers else stale)
        except Refusal as refusal:
            response = refused(refusal)
        response.headers.update(standing.headers())
        cors.allow(request, response, services.settings.cors_origins)
        return response

    async def _answer_once_more(self, request: web.Request, secret: str) -> web.Response:
        """Answer; or give the answer of another request with the same key that was quicker."""
        try:
            return await self._answer(request, secret)
        except IntegrityError:
            if "Idempotency-Key" not in request.headers:
                raise
        return await self._answer(request, secret)

    async def _answer(self, request: web.Request, secret: str) -> web.Response:
        services = request.app[SERVICES]
        reads = request.method in ("GET", "HEAD")
        body = {} if reads else await read_json(request, services.settings.max_body_bytes)
        async with services.database.session(writes=not reads) as session:
            actor = await _identify(request, session, secret)
            most = actor.organisation.api_body_most
            if not reads and most is not None and len(await request.read()) > most:
                raise TooLarge(f"Your organisation accepts at most {most} bytes.")
            response = await self._once(Call(request, session, actor, body))
            await session.commit()
        await services.files.discard(attachments.doomed(session))
        await services.mail.hand_over(mail.outgoing(session))
        return response

    async def _once(self, call: Call) -> web.Response:
        """Do what was asked for; a POST with an idempotency key that we know is answered as it was before."""
        key = call.request.headers.get("Idempotency-Key")
        if key is None or call.request.method != "POST":
            return await self._operation(call)
        key = idempotency.checked(key)
        sent = await call.request.read()
        request = idempotency.request_fingerprint(call.request.method, call.request.path, sent)
        known = await idempotency.stored_answer(call.db, call.actor, key, request)
        if known is not None:
            headers = {"Idempotency-Replayed": "true", **({"ETag": known.etag} if known.etag else {})}
            return web.Response(
                text=known.body, status=known.status, headers=headers, content_type="application/json"
            )
        response = await self._operation(call)
        etag = response.headers.get("ETag")
        idempotency.store_answer(
            call.db, call.actor, key, request, response.status, etag, response.text or ""
        )
        return response


def _secret(request: web.Request) -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


async def _identify(request: web.Request, session: AsyncSession, secret: str) -> Actor:
    actor = await tokens.who(session, secret) if secret else None
    if actor is None:
        refusal = LoginRequired("Send a valid API token: Authorization: Bearer trk_…")
        refusal.headers["WWW-Authenticate"] = "Bearer"
        raise refusal
    note_actor(request, actor)
    return replace(actor, address=client_address(request))


def refused(refusal: Refusal) -> web.Response:
    """Answer with an error."""
    fields = refusal.problems if isinstance(refusal, Invalid) else None
    return problem(refusal.status, refusal.code, refusal.message, refusal.headers, fields)
