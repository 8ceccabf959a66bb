"""From a request to a page: read the body, open a session, find out who asks, answer, commit."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from aiohttp import web
from multidict import MultiDict
from sqlalchemy.exc import IntegrityError

from tracker import accounts, attachments, mail
from tracker.bodies import Form, read_form
from tracker.errors import Conflict, Forbidden, LoginRequired, NotFound, Refusal, TooLarge
from tracker.observing import note_actor
from tracker.services import SERVICES
from tracker.web.visit import SESSION_COOKIE, Visit

Page = Callable[[Visit], Awaitable[web.StreamResponse]]


class Pages:
    """The routes of one module."""

    def __init__(self) -> None:
        self.routes: list[web.RouteDef] = []

    def get(self, path: str, *, public: bool = False) -> Callable[[Page], Page]:
        """Show a page at ``path``; ``public`` ones need no account."""

        def add(page: Page) -> Page:
            self.routes.append(web.get(path, _Handler(page, public=public).serve))
            return page

        return add

    def post(self, path: str, *, again: Page | None = None, public: bool = False) -> Callable[[Page], Page]:
        """Take a form at ``path``. A form with mistakes is shown ``again``, with what was typed."""

        def add(page: Page) -> Page:
            self.routes.append(web.post(path, _Handler(page, again=again, public=public).serve))
            return page

        return add


class _Handler:
    """Serves the requests of one route."""

    def __init__(self, page: Page, *, again: Page | None = None, public: bool) -> None:
        self._page = page
        self._again = again
        self._public = public

    async def serve(self, request: web.Request) -> web.StreamResponse:
        form: Form = MultiDict[Any]()
        try:
            if request.method == "POST":
                form = await read_form(request, request.app[SERVICES].settings.max_body_bytes)
            return await self._answer(request, form)
        except IntegrityError:
            refusal = Conflict("Somebody did the same at this moment. Please try again.")
        except Refusal as caught:
            refusal = caught
        return await self._refuse(request, form, refusal)

    async def _answer(self, request: web.Request, form: Form) -> web.StreamResponse:
        services = request.app[SERVICES]
        writes = request.method == "POST"
        async with services.database.session(writes=writes) as session:
            visit = Visit(request, services, session, form)
            if not self._public:
                await identify(visit)
                if visit.known is None:
                    raise LoginRequired("Please log in.")
            if writes:
                _require_own_form(visit)
            response = await self._page(visit)
            await session.commit()
        await services.files.discard(attachments.doomed(session))
        await services.mail.hand_over(mail.outgoing(session))
        return response

    async def _refuse(self, request: web.Request, form: Form, refusal: Refusal) -> web.StreamResponse:
        """Explain, in a new session: the old one was rolled back."""
        if isinstance(refusal, LoginRequired):
            back = f"?next={quote(request.path_qs)}" if request.method == "GET" else ""
            return web.Response(status=303, headers={"Location": f"/login{back}"})
        services = request.app[SERVICES]
        async with services.database.session(writes=False) as session:
            visit = Visit(request, services, session, form, refusal=refusal)
            if not self._public:
                await identify(visit)
            again = self._again
            if again is None or isinstance(refusal, (NotFound, TooLarge)):
                again = error_page
            try:
                response = await again(visit)
            except Refusal as second:
                visit.refusal = second
                response = await error_page(visit)
        response.headers.update(refusal.headers)
        return response


async def error_page(visit: Visit) -> web.StreamResponse:
    """Say what was refused."""
    return visit.render("error.html")


async def identify(visit: Visit) -> None:
    """Find out who is logged in, if anybody."""
    secret = visit.request.cookies.get(SESSION_COOKIE)
    actor = await accounts.who(visit.db, secret) if secret else None
    if actor is not None:
        visit.known = replace(actor, address=visit.address)
        note_actor(visit.request, visit.known)


def _require_own_form(visit: Visit) -> None:
    """Refuse a form that another site made this browser send."""
    headers = visit.request.headers
    site = headers.get("Sec-Fetch-Site")
    origin = headers.get("Origin")
    if site is not None:
        ours = site in ("same-origin", "none")
    elif origin is not None:
        ours = origin.partition("://")[2] == visit.request.host
    else:
        token = visit.form.get("csrf_token", "")
        ours = isinstance(token, str) and visit.token_is_ours(token)
    if not ours:
        raise Forbidden("This form did not come from our pages. Open the page again and retry.")
