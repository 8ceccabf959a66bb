"""One visit of a page: who, with what, and the ways to answer."""

import base64
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from multidict import MultiDict
from sqlalchemy.ext.asyncio import AsyncSession

from tracker.accounts import SESSION_LIFE
from tracker.actors import Actor
from tracker.addresses import client_address
from tracker.bodies import Form
from tracker.errors import Invalid, LoginRequired, Refusal
from tracker.fields import Fields, clean
from tracker.ids import new_secret, sign, signed_by
from tracker.paging import WEB_PAGE, Window
from tracker.services import Services

SESSION_COOKIE = "session"
VISITOR_COOKIE = "visitor"
FLASH_COOKIE = "flash"


@dataclass
class Visit:
    """What a page's handler works with."""

    request: web.Request
    services: Services
    db: AsyncSession
    form: Form = field(default_factory=MultiDict[Any])
    known: Actor | None = None
    refusal: Refusal | None = None
    """Why the posted form is shown again."""
    status: int = 200
    """Of a page that is not a refusal."""

    @property
    def actor(self) -> Actor:
        """Who is logged in."""
        if self.known is None:
            raise LoginRequired("Please log in.")
        return self.known

    @property
    def problems(self) -> Mapping[str, str]:
        """What was wrong with the form that is shown again, by field; empty for the other fields."""
        return defaultdict(str, self.refusal.problems if isinstance(self.refusal, Invalid) else {})

    @property
    def address(self) -> str:
        """The client's network address. Behind the edge, which speaks to our socket, the edge tells us."""
        return client_address(self.request)

    @property
    def own_address(self) -> str:
        """How people reach us, as in ``https://tracker.example``; the edge tells the scheme."""
        scheme = "https" if self.services.settings.secure_cookies else self.request.scheme
        return f"{scheme}://{self.request.host}"

    def param(self, name: str) -> str:
        """Return a part of the path."""
        return self.request.match_info[name]

    def query(self, name: str) -> str:
        """Return a field of the query, cleaned; empty if absent."""
        return clean(self.request.query.get(name, ""))

    def fields(self) -> Fields:
        """Read the posted form."""
        return Fields(self.form)

    def window(self, limit: int = WEB_PAGE) -> Window:
        """Return which page of a list was asked for."""
        return Window(limit, self.request.query.get("after"))

    def next_address(self, cursor: str | None) -> str | None:
        """Return the address of this list's next page, keeping the filters."""
        return str(self.request.rel_url.update_query(after=cursor)) if cursor else None

    def first_address(self) -> str:
        """Return the address of this list's first page, keeping the filters."""
        return str(self.request.rel_url.without_query_params("after"))

    def typed(self, name: str, default: object = "") -> str:
        """Return what the person typed into a field of a form that is shown again, else its default."""
        value = self.form.get(name, default)
        return value if isinstance(value, str) else str(default if default is not None else "")

    def render(self, template: str, **values: Any) -> web.Response:
        """Show a page."""
        key, is_new = self._form_key()
        page = self.services.templates.get_template(template).render(
            visit=self,
            actor=self.known,
            csrf_token=sign(self.services.settings.secret, "form", key),
            flash=self._flash(),
            **values,
        )
        status = self.refusal.status if self.refusal else self.status
        response = web.Response(text=page, content_type="text/html", status=status)
        if is_new:
            self.set_cookie(response, VISITOR_COOKIE, key)
        if FLASH_COOKIE in self.request.cookies:
            response.del_cookie(FLASH_COOKIE, path="/")
        return response

    def redirect(self, address: str, flash: str = "") -> web.Response:
        """Go to another page, which shows a message."""
        response = web.Response(status=303, headers={"Location": address})
        if flash:
            text = base64.urlsafe_b64encode(json.dumps(flash).encode()).decode()
            signature = sign(self.services.settings.secret, "flash", text)
            self.set_cookie(response, FLASH_COOKIE, f"{text}.{signature}", seconds=60)
        return response

    def log_in(self, response: web.Response, secret: str) -> web.Response:
        """Hand the browser its session."""
        self.set_cookie(response, SESSION_COOKIE, secret, seconds=int(SESSION_LIFE.total_seconds()))
        return response

    def set_cookie(self, response: web.Response, name: str, value: str, seconds: int | None = None) -> None:
        """Set a cookie that scripts cannot read and other sites cannot send along with a post."""
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=self.services.settings.secure_cookies,
        )

    def token_is_ours(self, token: str) -> bool:
        """Tell whether a form's ``csrf_token`` was made for this browser."""
        key, is_new = self._form_key()
        return not is_new and signed_by(self.services.settings.secret, "form", key, token)

    def _form_key(self) -> tuple[str, bool]:
        cookies = self.request.cookies
        found = cookies.get(SESSION_COOKIE) if self.known else cookies.get(VISITOR_COOKIE)
        return (found, False) if found else (new_secret(), True)

    def _flash(self) -> str:
        text, _, signature = self.request.cookies.get(FLASH_COOKIE, "").partition(".")
        if not text or not signed_by(self.services.settings.secret, "flash", text, signature):
            return ""
        return json.loads(base64.urlsafe_b64decode(text))
