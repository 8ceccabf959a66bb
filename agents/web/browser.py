"""A person's browser: follows links by their text, fills forms by their labels, presses buttons by their text.

It sends what browsers send and nothing else: an attacker's, a customer's and a check's requests look alike.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode, urljoin, urlsplit

from agents.web.failure import EXCERPT, Exchange, JourneyFailed
from agents.web.page import Field, Form, Page
from agents.web.wire import CLIENT, MOMENT, BadAnswer, Door, Request, Response
from bus.messages.users import PainKind
from bus.simtime import SECOND, SimTime

MAX_REDIRECTS = 5
MAX_COOKIES = 40
READING = 9 * SECOND
"""Between two requests of one person (assumed)."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
_SAFE = "/?:@!$&'()*+,;=%-._~[]"

Values = Mapping[str, str | bool]
"""What is typed into a form, by label; of a select, the text of the option; of a checkbox, whether it is ticked."""


@dataclass
class Visitor:
    """Who sits in front: address, browser, and the cookies kept between sessions."""

    address: str
    user_agent: str
    language: str
    jar: dict[str, str] = field(default_factory=dict[str, str])
    at: SimTime = SimTime(0)
    """Simulated time of the next request: the edge counts requests by the minute."""

    def moment(self) -> str:
        """The next request's time as text; each takes some seconds of reading and typing."""
        self.at = SimTime(self.at + READING)
        return str(self.at)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file put into the form's file field of that label."""

    label: str
    name: str
    content: bytes


@dataclass
class Browser:
    """One tab. Every method raises `JourneyFailed` when the product does not do its part."""

    door: Door
    visitor: Visitor
    host: str
    page: Page = field(default_factory=lambda: Page(""))
    target: str = "/"
    """Path and query of the page that is shown."""
    answer: Response = field(default_factory=lambda: Response(0, {}))
    exchange: Exchange = field(default_factory=lambda: Exchange("GET", "/", 0, ""))
    """The last request and its answer."""

    async def go(self, target: str, step: str, *, expect: Collection[int] = (200,), typed: bool = False) -> Page:
        """Open an address: a link's, or, `typed`, one from the address bar."""
        await self._load("GET", target, step, site="none" if typed else "same-origin")
        return self._demand(expect, step, "error")

    async def follow(self, text: str, step: str, *, expect: Collection[int] = (200,)) -> Page:
        """Click the link with that text."""
        link = self.page.link(text)
        if link is None:
            raise self.failure("error", step, f"there is no link {text!r}")
        return await self.go(link.target, step, expect=expect)

    async def press(
        self,
        button: str,
        values: Values,
        step: str,
        *,
        expect: Collection[int] = (200,),
        pain: PainKind = "failed_save",
        upload: Upload | None = None,
    ) -> Page:
        """Fill the form that has this button, and press it. `pain` is what a refusal means to the person."""
        form = self.page.form(button)
        if form is None:
            raise self.failure("error", step, f"there is no button {button!r}")
        self._fill(form, values, step)
        pairs = _successful(form, button)
        if form.method != "POST":
            target = urljoin(self.target, form.action or self.target).split("?")[0] + "?" + urlencode(pairs)
            return await self.go(target, step, expect=expect)
        kind, body = _encode(form, pairs, upload)
        await self._load("POST", form.action or self.target, step, body=body, kind=kind)
        return self._demand(expect, step, pain)

    async def download(self, target: str, step: str) -> bytes:
        """Save what a link leads to; the page stays."""
        page, place = self.page, self.target
        await self.go(target, step)
        self.page, self.target = page, place
        return self.answer.body

    def failure(self, kind: PainKind, step: str, detail: str, *, item: str | None = None) -> JourneyFailed:
        """The failure that the last exchange shows, with what was readable of it."""
        seen = self.exchange
        if not seen.excerpt:
            seen = replace(seen, excerpt=Page(self.answer.text).text[:EXCERPT])
        return JourneyFailed(kind, step, seen, detail, item)

    def _fill(self, form: Form, values: Values, step: str) -> None:
        for label, value in values.items():
            control = form.labelled(label)
            if control is None:
                raise self.failure("error", step, f"there is no field {label!r}")
            if isinstance(value, bool):
                control.checked = value
            elif control.options:
                chosen = [option for option, text in control.options if value in (text, option)]
                if not chosen:
                    raise self.failure("error", step, f"{label!r} does not offer {value!r}")
                control.value = chosen[0]
            else:
                control.value = value

    def _demand(self, expect: Collection[int], step: str, pain: PainKind) -> Page:
        if self.exchange.edge_error is not None:
            raise self.failure("outage", step, f"the service did not answer: {self.exchange.edge_error}")
        if self.answer.status not in expect:
            broken = pain if pain == "failed_save" or self.answer.status < 500 else "error"
            raise self.failure(broken, step, f"status {self.answer.status}")
        return self.page

    async def _load(
        self,
        method: str,
        address: str,
        step: str,
        *,
        body: bytes = b"",
        kind: str = "",
        site: str = "same-origin",
    ) -> None:
        for _ in range(MAX_REDIRECTS + 1):
            target = self._local(address, step)
            await self._exchange(Request(method, target, self._headers(method, kind, site), body), step)
            self.target = target
            if self.answer.status not in _REDIRECTS or "location" not in self.answer.headers:
                self.page = Page(self.answer.text)
                return
            address = self.answer.headers["location"]
            if self.answer.status not in (307, 308):
                method, body, kind = "GET", b"", ""
        raise self.failure("error", step, f"more than {MAX_REDIRECTS} redirects")

    async def _exchange(self, request: Request, step: str) -> None:
        try:
            self.answer = await self.door.send(request)
        except BadAnswer as error:
            self.answer = Response(0, {})
            self.exchange = Exchange(request.method, request.target, 0, str(error))
            raise self.failure("error", step, str(error)) from None
        self.exchange = Exchange(
            request.method,
            request.target,
            self.answer.status,
            "",
            self.answer.edge_error,
        )
        self._keep_cookies()

    def _local(self, address: str, step: str) -> str:
        """The path and query of an address on this site."""
        parts = urlsplit(urljoin(f"https://{self.host}{self.target}", address))
        if parts.netloc != self.host:
            raise self.failure("error", step, f"it leads away, to {parts.netloc[:60]!r}")
        return quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_SAFE)

    def _headers(self, method: str, kind: str, site: str) -> dict[str, str]:
        visitor = self.visitor
        headers = {
            "Host": self.host,
            CLIENT: visitor.address,
            MOMENT: visitor.moment(),
            "User-Agent": visitor.user_agent,
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": visitor.language,
            "Accept-Encoding": "gzip, deflate",
            "Sec-Fetch-Site": site,
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
        }
        if site == "same-origin":
            headers["Referer"] = f"https://{self.host}{self.target}"
        if visitor.jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in visitor.jar.items())
        if method == "POST":
            headers["Origin"] = f"https://{self.host}"
            headers["Content-Type"] = kind
        return headers

    def _keep_cookies(self) -> None:
        for line in self.answer.cookies[:MAX_COOKIES]:
            pair, _, rest = line.partition(";")
            name, _, value = pair.strip().partition("=")
            gone = not value.strip('"') or "max-age=0" in rest.lower().replace(" ", "")
            if gone:
                self.visitor.jar.pop(name, None)
            elif len(self.visitor.jar) < MAX_COOKIES:
                self.visitor.jar[name] = value


def _successful(form: Form, button: str) -> list[tuple[str, str]]:
    """Names and values of what a browser would send, line ends as in the standard."""
    pairs = [(each.name, _value(each)) for each in form.fields if each.name and _is_sent(each)]
    wanted = button.casefold()
    pressed = next((name, value) for text, name, value in form.buttons if text.casefold() == wanted)
    return [*pairs, pressed] if pressed[0] else pairs


def _is_sent(each: Field) -> bool:
    return each.kind not in ("file", "button", "reset") and (each.kind not in ("checkbox", "radio") or each.checked)


def _value(each: Field) -> str:
    return each.value.replace("\r\n", "\n").replace("\n", "\r\n") if each.kind == "textarea" else each.value


def _encode(form: Form, pairs: list[tuple[str, str]], upload: Upload | None) -> tuple[str, bytes]:
    if not form.multipart:
        return "application/x-www-form-urlencoded", urlencode(pairs).encode()
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in pairs
    ]
    control = form.labelled(upload.label) if upload else None
    if upload and control:
        parts.append(
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{control.name}"; filename="{upload.name}"\r\n'
            f"Content-Type: application/octet-stream\r\n\r\n".encode()
        )
        parts += [upload.content, b"\r\n"]
    parts.append(f"--{_BOUNDARY}--\r\n".encode())
    return f"multipart/form-data; boundary={_BOUNDARY}", b"".join(parts)
