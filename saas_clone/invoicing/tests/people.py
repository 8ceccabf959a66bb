"""People and programs for tests: links are followed by their text, forms filled by their labels."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer
from yarl import URL

PASSWORD = "correct horse"
VOID = {"meta", "link", "input", "br"}


@dataclass
class Form:
    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """Of fields, by the id of the element."""
    labels: dict[str, str] = field(default_factory=dict)
    """Ids, by label."""
    options: dict[str, dict[str, str]] = field(default_factory=dict)
    button: str = ""


class Page(HTMLParser):
    """An answer as it is read; badly nested HTML fails."""

    def __init__(self, status: int, url: str, html: str) -> None:
        super().__init__()
        self.status, self.url, self.html = status, url, html
        self.links: dict[str, str] = {}
        self.forms: list[Form] = []
        self.roles: dict[str, str] = {}
        self.h1 = ""
        self.text = ""
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self._select = ""
        self.feed(html)
        assert not self._open, f"never closed in {url}: {[tag for tag, *_ in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        self.text += " "
        if tag == "form":
            self.forms.append(Form(own["action"], own.get("method", "get")))
        if tag in ("input", "select", "textarea"):
            form = self.forms[-1]
            form.names[own.get("id", "")] = own["name"]
            form.values[own["name"]] = own.get("value", "")
            if tag == "select":
                self._select = own["name"]
                form.options[self._select] = {}
        if tag == "option" and ("selected" in own or not self.forms[-1].options[self._select]):
            self.forms[-1].values[self._select] = own["value"]
        if tag not in VOID:
            self._open.append((tag, own, []))

    def handle_data(self, data: str) -> None:
        self.text += data
        for _, _, parts in self._open:
            parts.append(data)

    def handle_endtag(self, tag: str) -> None:
        opened, own, parts = self._open.pop()
        assert opened == tag, f"<{opened}> is closed by </{tag}> in {self.url}"
        raw = "".join(parts)
        text = " ".join(raw.split())
        if tag == "h1":
            assert not self.h1, f"two h1 in {self.url}"
            self.h1 = text
        elif tag == "a":
            self.links.setdefault(text, own["href"])
        elif tag == "label":
            self.forms[-1].labels[text] = own["for"]
        elif tag == "textarea":
            self.forms[-1].values[own["name"]] = raw.removeprefix("\n")
        elif tag == "option":
            self.forms[-1].options[self._select][text] = own["value"]
        elif tag == "button":
            self.forms[-1].button = text
        if "role" in own:
            self.roles[own["role"]] = text

    def form(self, button: str) -> Form:
        found = [form for form in self.forms if form.button == button]
        assert len(found) == 1, f"{button!r} is {len(found)} times among {[form.button for form in self.forms]}"
        return found[0]

    def says(self, text: str) -> bool:
        return text in " ".join(self.text.split())

    @property
    def path(self) -> str:
        return URL(self.url).path


class Someone:
    """A browser with a person in front."""

    def __init__(self, server: TestServer) -> None:
        self.server = server
        self.origin = str(server.make_url("/")).rstrip("/")
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.page = Page(0, "", "")

    async def __aenter__(self) -> "Someone":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.close()

    async def open(self, path: str) -> Page:
        async with self.http.get(self.server.make_url(path)) as response:
            self.page = Page(response.status, str(response.url), await response.text())
        return self.page

    async def click(self, link: str) -> Page:
        return await self.open(self.page.links[link])

    async def press(self, button: str, **typed: str) -> Page:
        """Fill the form with this button by its labels (``_`` for a space) and send it."""
        form = self.page.form(button)
        values = dict(form.values)
        for label, text in typed.items():
            name = form.names[form.labels[label.replace("_", " ")]]
            values[name] = form.options.get(name, {}).get(text, text)
        if form.method == "get":
            return await self.open(str(URL(form.action).with_query(values)))
        return await self.post(form.action, values)

    async def post(self, path: str, values: dict[str, str]) -> Page:
        headers = {"Origin": self.origin}
        async with self.http.post(self.server.make_url(path), data=values, headers=headers) as response:
            self.page = Page(response.status, str(response.url), await response.text())
        return self.page

    async def sign_up(self, firm: str, name: str, email: str) -> None:
        await self.open("/signup")
        await self.press_typed(
            "Create account", {"Firm name": firm, "Your name": name, "Email": email, "Password": PASSWORD}
        )
        assert self.page.h1 == "Overview", self.page.html
        await self.add_client(f"{name}'s client")

    async def press_typed(self, button: str, typed: dict[str, str]) -> Page:
        """As ``press``, for labels that are no names of Python."""
        return await self.press(button, **{label.replace(" ", "_"): text for label, text in typed.items()})

    async def add_client(self, name: str) -> str:
        await self.open("/clients/new")
        await self.press("Add client", Client_name=name, Email="client@example.com")
        assert self.page.h1 == name, self.page.html
        return self.page.path

    async def draft(self, *lines: dict[str, str], subject: str = "Work") -> str:
        """Write a draft and return its path."""
        await self.open("/invoices/new")
        await self.press("Create draft", Subject=subject)
        for line in lines or ({},):
            await self.press_typed("Add line", LINE | line)
            assert self.page.status == 200, self.page.html
        return self.page.path

    async def issue(self, *lines: dict[str, str], subject: str = "Work") -> str:
        """Issue an invoice and return its path."""
        path = await self.draft(*lines, subject=subject)
        await self.press("Issue invoice")
        assert self.page.h1.startswith("Invoice "), self.page.html
        return path

    async def invite(self, other: "Someone", name: str, role: str) -> None:
        await self.open("/members")
        page = await self.press("Create invitation", Email=f"{name.lower()}@example.com", Role=role)
        link = next(address for address in page.links.values() if "/join/" in address)
        await other.open(URL(link).path)
        await other.press("Join firm", Your_name=name, Password=PASSWORD)
        assert other.page.h1 == "Overview", other.page.html

    async def make_token(self) -> str:
        await self.open("/account")
        page = await self.press("Create token", Token_name="script")
        return page.html.split('class="token">')[1].split("<")[0]


LINE = {"Description": "Hours", "Quantity": "1", "Unit price": "100", "Tax rate %": "19"}


@dataclass
class Caller:
    """A program with a token."""

    owner: Someone
    token: str

    async def call(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": key} if key else {})
        url = self.owner.server.make_url(f"/api/v1{path}")
        async with self.owner.http.request(method, url, json=body, headers=headers) as response:
            text = await response.text()
            return response.status, json.loads(text)

    async def client_id(self) -> str:
        _, found = await self.call("GET", "/clients")
        return found["items"][0]["id"]

    async def new_invoice(self, **changed: Any) -> dict[str, Any]:
        line = {"description": "Hours", "quantity": "2.5", "unit_price": "80", "tax_rate": "19"}
        return {"client_id": await self.client_id(), "subject": "By API", "lines": [line], **changed}
