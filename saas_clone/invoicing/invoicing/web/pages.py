"""From a request to a page: read the body, find out who asks, check the role, answer, commit."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from aiohttp import web
from multidict import MultiDict, MultiMapping
from sqlalchemy.exc import IntegrityError

from invoicing import accounts
from invoicing.observing import note
from invoicing.refusals import Conflict, Forbidden, LoginRequired, Malformed, NotFound, Refusal, TooLarge
from invoicing.runtime import RUNTIME
from invoicing.web.visit import SESSION, Visit

ANYBODY = ""
"""The role of pages that need no account."""
FORM = "application/x-www-form-urlencoded"

Page = Callable[[Visit], Awaitable[web.StreamResponse]]


class Pages:
    """The routes of one module. Each says which role it takes: to read is for readers, to write for bookkeepers."""

    def __init__(self) -> None:
        self.routes: list[web.RouteDef] = []

    def get(self, path: str, role: str = "reader") -> Callable[[Page], Page]:
        """Show a page."""
        return self._add("GET", path, role, None)

    def post(self, path: str, role: str = "bookkeeper", *, again: Page | None = None) -> Callable[[Page], Page]:
        """Take a form. One with mistakes is shown ``again``, with what was typed."""
        return self._add("POST", path, role, again)

    def _add(self, method: str, path: str, role: str, again: Page | None) -> Callable[[Page], Page]:
        def add(page: Page) -> Page:
            route = _Route(page, role, again)
            self.routes.append(web.route(method, path, route.serve))
            return page

        return add


@dataclass(frozen=True)
class _Route:
    page: Page
    role: str
    again: Page | None

    async def serve(self, request: web.Request) -> web.StreamResponse:
        form: MultiMapping[Any] = MultiDict()
        try:
            if request.method == "POST":
                form = await _read_form(request)
            return await self._answer(request, form)
        except IntegrityError:
            refusal: Refusal = Conflict("Somebody did the same at this moment. Please look again.")
        except Refusal as caught:
            refusal = caught
        return await self._refuse(request, form, refusal)

    async def _answer(self, request: web.Request, form: MultiMapping[Any]) -> web.StreamResponse:
        runtime = request.app[RUNTIME]
        async with runtime.storage.open(writes=request.method == "POST") as session:
            visit = Visit(request, runtime, session, form)
            if self.role != ANYBODY:
                await identify(visit)
                visit.person.require(self.role)
            if request.method == "POST" and not visit.is_own_form():
                raise Forbidden("This form did not come from our pages. Open the page again and retry.")
            response = await self.page(visit)
            await session.commit()
        return response

    async def _refuse(self, request: web.Request, form: MultiMapping[Any], refusal: Refusal) -> web.StreamResponse:
        """Explain, in a session of its own: the other one was rolled back."""
        if isinstance(refusal, LoginRequired):
            back = f"?next={quote(request.path_qs)}" if request.method == "GET" else ""
            return web.Response(status=303, headers={"Location": f"/login{back}"})
        runtime = request.app[RUNTIME]
        async with runtime.storage.open(writes=False) as session:
            visit = Visit(request, runtime, session, form, refusal=refusal)
            if self.role != ANYBODY:
                await identify(visit)
            response = await self._explain(visit, refusal)
        response.headers.update(refusal.headers)
        return response

    async def _explain(self, visit: Visit, refusal: Refusal) -> web.StreamResponse:
        if self.again is not None and not isinstance(refusal, (NotFound, TooLarge, Forbidden)):
            try:
                return await self.again(visit)
            except Refusal as second:
                visit.refusal = second
        return visit.render("refused.html")


async def identify(visit: Visit) -> None:
    """Find out who is logged in, if anybody."""
    secret = visit.request.cookies.get(SESSION)
    if secret:
        visit.known = await accounts.who(visit.db, secret)
    if visit.known is not None:
        note(visit.request, visit.known)


async def _read_form(request: web.Request) -> MultiMapping[Any]:
    """Read all of a form before a session is open: a slow sender must not hold the write lock."""
    if request.content_type != FORM:
        if request.content_length:
            raise Malformed("Send a form.")
        return MultiDict()
    try:
        return await request.post()
    except web.HTTPRequestEntityTooLarge:
        raise TooLarge("That is too large.") from None
    except (ValueError, LookupError):  # wrong encoding, unknown charset
        raise Malformed("The form could not be read.") from None
