"""From a request to an answer in JSON: check the token, read the body, answer, commit; once per idempotency key."""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from invoicing import members
from invoicing.inputs import Inputs
from invoicing.observing import note
from invoicing.paging import API_ROWS, MOST_ROWS, Window
from invoicing.people import Person
from invoicing.refusals import Conflict, Invalid, KeyReused, LoginRequired, Malformed, Refusal, TooLarge
from invoicing.runtime import RUNTIME, Runtime
from invoicing.tables import IdempotencyKey

PREFIX = "/api/v1"
_KEY = re.compile(r"[\x21-\x7e]{1,100}")


@dataclass
class Call:
    """What an operation works with."""

    request: web.Request
    runtime: Runtime
    db: AsyncSession
    person: Person
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def param(self, name: str) -> str:
        """Return a part of the path."""
        return self.request.match_info[name]

    def query(self, name: str) -> str:
        """Return a field of the query; empty if absent."""
        return self.request.query.get(name, "")

    def inputs(self) -> Inputs:
        """Read the body."""
        return Inputs(self.body)

    def window(self) -> Window:
        """Return which page of a list is asked for."""
        inputs = Inputs(self.request.query)
        rows = inputs.whole("limit", "limit", 1, MOST_ROWS, API_ROWS)
        inputs.finish()
        return Window(rows, self.query("cursor"))


@dataclass(frozen=True)
class Answer:
    """What an operation says."""

    body: Any
    status: int = 200


Operation = Callable[[Call], Awaitable[Answer]]


class Calls:
    """The routes of one module. To read takes any role, to write a bookkeeper."""

    def __init__(self) -> None:
        self.routes: list[web.RouteDef] = []

    def on(self, method: str, path: str, *, once: bool = False) -> Callable[[Operation], Operation]:
        """Serve an operation; with ``once`` it takes an ``Idempotency-Key``."""

        def add(operation: Operation) -> Operation:
            self.routes.append(web.route(method, PREFIX + path, _Route(operation, once).serve))
            return operation

        return add


@dataclass(frozen=True)
class _Route:
    operation: Operation
    once: bool

    async def serve(self, request: web.Request) -> web.Response:
        try:
            answer = await self._answer(request)
            return web.json_response(answer.body, status=answer.status)
        except IntegrityError:
            return refused(Conflict("Somebody did the same at this moment. Please try again."))
        except Refusal as refusal:
            return refused(refusal)

    async def _answer(self, request: web.Request) -> Answer:
        runtime = request.app[RUNTIME]
        writes = request.method not in ("GET", "HEAD")
        raw, body = await _read(request) if writes else (b"", {})
        async with runtime.storage.open(writes=writes) as session:
            person = await _identify(request, session)
            if writes:
                person.require("bookkeeper")
            call = Call(request, runtime, session, person, body)
            key = request.headers.get("Idempotency-Key") if self.once else None
            answer = await (self.operation(call) if key is None else self._once(call, key, raw))
            await session.commit()
        return answer

    async def _once(self, call: Call, key: str, raw: bytes) -> Answer:
        """Answer as the first time, if this request came before. Key and effect are committed together."""
        if not _KEY.fullmatch(key):
            raise Malformed("Idempotency-Key must have 1 to 100 visible ASCII characters.")
        asked = f"{call.request.method} {call.request.path}\n".encode() + raw
        digest = hashlib.sha256(asked).hexdigest()
        known = await call.db.scalar(
            select(IdempotencyKey).where(IdempotencyKey.firm_id == call.person.firm.id, IdempotencyKey.key == key)
        )
        if known is not None:
            if known.request != digest:
                raise KeyReused("This Idempotency-Key came with another request before.")
            return Answer(json.loads(known.answer), known.status)
        answer = await self.operation(call)
        call.db.add(
            IdempotencyKey(
                firm_id=call.person.firm.id,
                key=key,
                request=digest,
                status=answer.status,
                answer=json.dumps(answer.body),
            )
        )
        return answer


async def _identify(request: web.Request, session: AsyncSession) -> Person:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    person = await members.who(session, secret.strip()) if scheme.lower() == "bearer" else None
    if person is None:
        raise LoginRequired("Send a valid API token: Authorization: Bearer fol_…", {"WWW-Authenticate": "Bearer"})
    note(request, person)
    return person


async def _read(request: web.Request) -> tuple[bytes, Mapping[str, Any]]:
    """Read all of the body before a session is open; an empty one is an empty object."""
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise TooLarge("That is too large.") from None
    if not raw:
        return raw, {}
    if request.content_type != "application/json":
        raise Malformed("Send JSON, with Content-Type: application/json.")
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise Malformed("The body is not valid JSON.") from None
    if not isinstance(found, dict):
        raise Malformed("The body must be a JSON object.")
    return raw, found


def refused(refusal: Refusal) -> web.Response:
    """Answer with an error."""
    error: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    if isinstance(refusal, Invalid):
        error["fields"] = refusal.problems
    return web.json_response({"error": error}, status=refusal.status, headers=refusal.headers)
