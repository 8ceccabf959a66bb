"""One visit of a page: who, with what, and the ways to answer."""

import base64
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from multidict import MultiDict, MultiMapping
from sqlalchemy.ext.asyncio import AsyncSession

from invoicing.accounts import SESSION_LIFE
from invoicing.inputs import Inputs, clean
from invoicing.paging import WEB_ROWS, Window
from invoicing.people import Person
from invoicing.refusals import Invalid, LoginRequired, Refusal
from invoicing.runtime import Runtime
from invoicing.security import new_secret

SESSION, VISITOR, NOTE = "session", "visitor", "note"
"""Our cookies: who is logged in, who fills forms before that, and a message for the next page."""


@dataclass
class Visit:
    """What a page works with."""

    request: web.Request
    runtime: Runtime
    db: AsyncSession
    form: MultiMapping[Any] = field(default_factory=MultiDict[Any])
    known: Person | None = None
    refusal: Refusal | None = None
    """Why a form is shown again."""

    @property
    def person(self) -> Person:
        """Who is logged in."""
        if self.known is None:
            raise LoginRequired("Please log in.")
        return self.known

    @property
    def problems(self) -> Mapping[str, str]:
        """What was wrong with the form, by field; empty for the others."""
        return defaultdict(str, self.refusal.problems if isinstance(self.refusal, Invalid) else {})

    @property
    def address(self) -> str:
        """The client's network address: on our socket only the edge speaks to us, and tells."""
        peer = self.request.transport.get_extra_info("peername") if self.request.transport else None
        if isinstance(peer, tuple):
            return str(peer[0])
        return self.request.headers.get("X-Forwarded-For", "").split(",")[0].strip()[:64] or "local"

    @property
    def own_url(self) -> str:
        """How people reach us."""
        scheme = "https" if self.runtime.settings.secure_cookies else self.request.scheme
        return self.runtime.settings.public_url or f"{scheme}://{self.request.host}"

    def param(self, name: str) -> str:
        """Return a part of the path."""
        return self.request.match_info[name]

    def query(self, name: str) -> str:
        """Return a field of the query, cleaned."""
        return clean(self.request.query.get(name, ""))

    def inputs(self) -> Inputs:
        """Read the posted form."""
        return Inputs(self.form)

    def window(self) -> Window:
        """Return which page of a list is asked for."""
        return Window(WEB_ROWS, self.request.query.get("after", ""))

    def older(self, cursor: str | None) -> str:
        """Return the address of the list's next page, with its filters."""
        return str(self.request.rel_url.update_query(after=cursor)) if cursor else ""

    def newest(self) -> str:
        """Return the address of the list's first page, with its filters."""
        return str(self.request.rel_url.without_query_params("after")) if "after" in self.request.query else ""

    def typed(self, name: str, default: object = "") -> str:
        """Return what was typed into a field of a form that is shown again, else its default."""
        value = self.form.get(name, default)
        return value if isinstance(value, str) else str("" if default is None else default)

    def render(self, template: str, status: int = 200, **values: Any) -> web.Response:
        """Show a page."""
        key = self.request.cookies.get(SESSION if self.known else VISITOR)
        form_key = key or new_secret()
        text = self.runtime.templates.get_template(template).render(
            visit=self,
            person=self.known,
            form_token=self.runtime.signer.sign("form", form_key),
            note=self._note(),
            **values,
        )
        shown = self.refusal.status if self.refusal else status
        response = web.Response(text=text, content_type="text/html", status=shown)
        if key is None:
            self.set_cookie(response, VISITOR, form_key)
        if NOTE in self.request.cookies:
            response.del_cookie(NOTE, path="/")
        return response

    def go(self, address: str, note: str = "") -> web.Response:
        """Lead to another page, which shows a message."""
        response = web.Response(status=303, headers={"Location": address})
        if note:
            text = base64.urlsafe_b64encode(json.dumps(note).encode()).decode()
            self.set_cookie(response, NOTE, f"{text}.{self.runtime.signer.sign('note', text)}", seconds=60)
        return response

    def logged_in(self, response: web.Response, secret: str) -> web.Response:
        """Hand the browser its session."""
        self.set_cookie(response, SESSION, secret, seconds=int(SESSION_LIFE.total_seconds()))
        return response

    def set_cookie(self, response: web.Response, name: str, value: str, seconds: int | None = None) -> None:
        """Set a cookie that no script reads, and that other sites do not send along with a form."""
        secure = self.runtime.settings.secure_cookies
        response.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="Lax", secure=secure)

    def is_own_form(self) -> bool:
        """Tell whether a form came from our pages: by what the browser says of it, else by its token."""
        headers = self.request.headers
        if "Sec-Fetch-Site" in headers:
            return headers["Sec-Fetch-Site"] in ("same-origin", "none")
        if "Origin" in headers:
            return headers["Origin"].partition("://")[2] == self.request.host
        key = self.request.cookies.get(SESSION if self.known else VISITOR)
        return key is not None and self.runtime.signer.holds("form", key, self.typed("form_token"))

    def _note(self) -> str:
        text, _, signature = self.request.cookies.get(NOTE, "").partition(".")
        if not text or not self.runtime.signer.holds("note", text, signature):
            return ""
        return json.loads(base64.urlsafe_b64decode(text))
