"""A browser for tests: follows links by their text, and fills forms by their labels."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType

import aiohttp
from aiohttp.test_utils import TestServer
from yarl import URL

PASSWORD = "correct horse"
VOID = {"meta", "link", "input", "br", "img"}


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    """What is sent if nothing is typed."""
    ids: dict[str, str] = field(default_factory=dict)
    """From an element's id to its field's name."""
    labels: dict[str, str] = field(default_factory=dict)
    """From a label's text to an element's id."""
    options: dict[str, dict[str, str]] = field(default_factory=dict)
    """From a select's name to its values by text."""
    button: str = ""


class Page(HTMLParser):
    """One answer: status, text, links and forms."""

    def __init__(self, status: int, url: str, body: str) -> None:
        super().__init__()
        self.status, self.url, self.body = status, url, body
        self.links: dict[str, str] = {}
        self.forms: list[Form] = []
        self.h1 = ""
        self.alert = ""
        self.message = ""
        self._open: list[tuple[str, dict[str, str]]] = []
        self._text: list[str] = []
        self._select = ""
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(attributes.get("action", ""), attributes.get("method", "get")))
        form = self.forms[-1] if self.forms else None
        if form is not None and tag in ("input", "select", "textarea"):
            form.ids[attributes.get("id", "")] = attributes["name"]
            if tag == "input" and attributes.get("type") not in ("checkbox", "file"):
                form.fields[attributes["name"]] = attributes.get("value", "")
            if tag == "select":
                self._select = attributes["name"]
                form.options[self._select] = {}
        if tag == "option" and form is not None and "selected" in attributes:
            form.fields[self._select] = attributes["value"]
        if tag not in VOID:
            self._open.append((tag, attributes))
            self._text.append("")

    def handle_data(self, data: str) -> None:
        self._text = [text + data for text in self._text]

    def handle_endtag(self, tag: str) -> None:
        opened, attributes = self._open.pop()
        assert opened == tag, f"<{opened}> is closed by </{tag}> in {self.url}"
        text = " ".join((raw := self._text.pop()).split())
        form = self.forms[-1] if self.forms else None
        if tag == "h1":
            assert not self.h1, "one h1 per page"
            self.h1 = text
        elif tag == "a":
            self.links[text] = attributes.get("href", "")
        elif attributes.get("role") == "alert":
            self.alert = text
        elif attributes.get("role") == "status":
            self.message = text
        elif form is not None and tag == "label":
            form.labels[text] = attributes["for"]
        elif form is not None and tag == "textarea":
            form.fields[attributes["name"]] = raw.removeprefix("\n")
        elif form is not None and tag == "option":
            options = form.options[self._select]
            form.fields.setdefault(self._select, attributes["value"])
            options[text] = attributes["value"]
        elif form is not None and tag == "button":
            form.button = text

    def form(self, button: str) -> Form:
        found = [form for form in self.forms if form.button == button]
        assert len(found) == 1, f"{button!r} is on {len(found)} of {[form.button for form in self.forms]}"
        return found[0]

    @property
    def path(self) -> str:
        return URL(self.url).path


class Browser:
    """Keeps cookies, follows redirects, says which site a form came from."""

    def __init__(self, server: TestServer) -> None:
        self.server = server
        self.origin = str(server.make_url("/")).rstrip("/")
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.page = Page(0, "", "")

    async def __aenter__(self) -> "Browser":
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

    async def submit(self, button: str, **typed: str) -> Page:
        """Fill the form with this button by the labels' texts (``_`` for a space) and send it."""
        form = self.page.form(button)
        data = dict(form.fields)
        for label, text in typed.items():
            name = form.ids[form.labels[label.replace("_", " ")]]
            data[name] = form.options.get(name, {}).get(text, text)
        if form.method == "get":
            query = URL(form.action).with_query(data)
            return await self.open(str(query))
        return await self.post(form.action, data)

    async def post(self, path: str, data: object) -> Page:
        headers = {"Origin": self.origin}
        async with self.http.post(self.server.make_url(path), data=data, headers=headers) as response:
            self.page = Page(response.status, str(response.url), await response.text())
        return self.page

    async def sign_up(self, company: str, name: str, email: str) -> None:
        await self.open("/signup")
        await self.submit(
            "Create account", Company_name=company, Your_name=name, Email=email, Password=PASSWORD
        )
        assert self.page.h1 == "Projects", self.page.body

    async def invited_by(self, inviter: "Browser", name: str, email: str, role: str = "Member") -> None:
        await inviter.open("/members")
        page = await inviter.submit("Create invitation", Email=email, Role=role)
        link = next(address for text, address in page.links.items() if "/join/" in text)
        await self.open(URL(link).path)
        await self.submit("Join team", Your_name=name, Password=PASSWORD)
        assert self.page.h1 == "Projects", self.page.body

    async def make_task(self, title: str = "Write the notes", **typed: str) -> str:
        """Create a task in a new project and return its path."""
        await self.open("/projects")
        await self.submit("Create project", Project_name="Notes")
        await self.click("New task")
        await self.submit("Create task", Title=title, **typed)
        assert self.page.h1 == title, self.page.body
        return self.page.path

    async def make_token(self) -> str:
        """Create an API token and return its secret."""
        await self.open("/account/tokens")
        page = await self.submit("Create token", Token_name="script")
        return page.body.split('class="token">')[1].split("<")[0]
