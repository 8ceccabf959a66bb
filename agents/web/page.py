"""What a person sees of a page: headings, texts, links, forms by label. Lazy, and tolerant of odd HTML.

Regular expressions instead of a parser: a page is read in some 0.1 ms, and only the parts a journey looks at.
Elements are paired by searching forward and never back, so a hostile page costs no more than its length.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape

_ATTRIBUTES = r"((?:\"[^\"]{0,1000}\"|'[^']{0,1000}'|[^<>\"'])*+)"
_TAG = re.compile(rf"<(/?)([a-zA-Z][a-zA-Z0-9-]*){_ATTRIBUTES}>")
_ATTRIBUTE = re.compile(r"([^\s=/\"'<>]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>`]+)))?")
_HIDDEN = re.compile(r"<(?:(script|style|template|head)\b[^<>]*>|!--)", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]{0,8000}>")


def _opening(tag: str) -> re.Pattern[str]:
    return re.compile(rf"<{tag}\b{_ATTRIBUTES}>", re.IGNORECASE)


def _closing(tag: str) -> re.Pattern[str]:
    return re.compile(rf"</{tag}\s*>", re.IGNORECASE)


_PAIRS = {tag: (_opening(tag), _closing(tag)) for tag in ("a", "form", "main", "h1")}
_ENDS = {tag: _closing(tag) for tag in ("script", "style", "template", "head")} | {"": re.compile("-->")}


def visible(html: str) -> str:
    """The text a person reads, white space collapsed."""
    return " ".join(unescape(_ANY_TAG.sub(" ", html)).split())


def attributes(text: str) -> dict[str, str]:
    """The attributes of a tag; those without a value are empty."""
    return {found[1].lower(): unescape(found[2] or found[3] or found[4] or "") for found in _ATTRIBUTE.finditer(text)}


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    target: str


@dataclass(slots=True)
class Field:
    """One control of a form. `options` are (value, text) of a select."""

    name: str
    kind: str
    value: str
    label: str = ""
    checked: bool = False
    options: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def shown(self) -> str:
        """What the person sees in it: of a select, the chosen option's text."""
        return next((text for value, text in self.options if value == self.value), self.value)


@dataclass(slots=True)
class Form:
    """One form as it can be filled and sent."""

    action: str
    method: str
    multipart: bool
    fields: list[Field]
    buttons: list[tuple[str, str, str]]
    """Text, name and value of each button."""

    def labelled(self, label: str) -> Field | None:
        """The field with that label, any case."""
        wanted = label.casefold()
        return next((field for field in self.fields if field.label.casefold() == wanted), None)


@dataclass(frozen=True)
class Page:
    """One HTML page."""

    html: str

    @cached_property
    def main(self) -> str:
        """The markup of the content: `<main>`, or everything if there is none."""
        seen = _without_hidden(self.html)
        return next((inner for _, inner in _elements(seen, "main")), seen)

    @cached_property
    def text(self) -> str:
        """The readable text of the content."""
        return visible(self.main)

    @cached_property
    def heading(self) -> str:
        """The first `<h1>`."""
        return next((visible(inner) for _, inner in _elements(self.html, "h1")), "")

    @cached_property
    def links(self) -> list[Link]:
        """All links, in order."""
        return [Link(visible(inner), attributes(own).get("href", "")) for own, inner in _elements(self.html, "a")]

    def link(self, text: str) -> Link | None:
        """The first link with that text, any case."""
        wanted = text.casefold()
        return next((link for link in self.links if link.text.casefold() == wanted), None)

    def form(self, button: str) -> Form | None:
        """The first form that has a button with that text, any case."""
        wanted = button.casefold()
        for own, inner in _elements(self.html, "form"):
            if wanted not in unescape(inner).casefold():
                continue
            form = _read_form(attributes(own), inner)
            if any(text.casefold() == wanted for text, _, _ in form.buttons):
                return form
        return None

    def texts(self, tag: str, css_class: str) -> list[str]:
        """The texts of all elements of that tag and class."""
        pattern = re.compile(rf"<(/?){re.escape(tag)}\b{_ATTRIBUTES}>", re.IGNORECASE)
        found: list[str] = []
        depth, start = 0, -1
        for hit in pattern.finditer(self.main):
            if start < 0:
                if not hit[1] and css_class in attributes(hit[2]).get("class", "").split():
                    depth, start = 1, hit.end()
                continue
            depth += -1 if hit[1] else 1
            if depth == 0:
                found.append(visible(self.main[start : hit.start()]))
                start = -1
        return found


def _elements(html: str, tag: str) -> Iterator[tuple[str, str]]:
    """Attributes and inner markup of each element of that tag; one that is never closed goes on to the end."""
    opening, closing = _PAIRS[tag]
    position = 0
    while found := opening.search(html, position):
        end = closing.search(html, found.end())
        yield found[1], html[found.end() : end.start() if end else len(html)]
        if end is None:
            return
        position = end.end()


def _without_hidden(html: str) -> str:
    """Leave out what no browser shows: the head, scripts, styles, templates and comments."""
    parts: list[str] = []
    position = 0
    while found := _HIDDEN.search(html, position):
        parts.append(html[position : found.start()])
        end = _ENDS[(found[1] or "").lower()].search(html, found.end())
        if end is None:
            return " ".join(parts)
        position = end.end()
    return " ".join((*parts, html[position:]))


def _read_form(own: dict[str, str], html: str) -> Form:
    reader = _FormReader(html)
    for hit in _TAG.finditer(html):
        reader.take(hit)
    reader.give_labels()
    return Form(
        action=own.get("action", ""),
        method=own.get("method", "get").upper(),
        multipart="multipart" in own.get("enctype", ""),
        fields=reader.fields,
        buttons=reader.buttons,
    )


class _FormReader:
    """Goes over a form's tags once, and remembers what is open."""

    def __init__(self, html: str) -> None:
        self._html = html
        self.fields: list[Field] = []
        self.buttons: list[tuple[str, str, str]] = []
        self._ids: dict[str, Field] = {}
        self._labels: list[tuple[str, str, list[Field]]] = []
        self._opened: dict[str, tuple[dict[str, str], int]] = {}
        self._wrapped: list[Field] = []

    def take(self, hit: re.Match[str]) -> None:
        """Look at one tag."""
        name = hit[2].lower()
        if hit[1]:
            self._end(name, hit.start())
            return
        own = attributes(hit[3])
        if name == "input":
            self._input(own)
        elif name in ("textarea", "select"):
            self._add(Field(own.get("name", ""), name, ""), own)
        elif name == "option":
            self._end("option", hit.start())
        elif name == "label":
            self._wrapped = []
        if name in ("label", "textarea", "option", "button"):
            self._opened[name] = (own, hit.end())

    def give_labels(self) -> None:
        """Connect labels to their fields, and settle what each select shows at first."""
        for target, text, wrapped in self._labels:
            chosen = self._ids.get(target)
            for labelled in [chosen] if chosen else wrapped:
                labelled.label = labelled.label or text
        for each in self.fields:
            if each.kind == "select" and not each.checked and each.options:
                each.value = each.options[0][0]

    def _input(self, own: dict[str, str]) -> None:
        kind = own.get("type", "text").lower()
        if kind in ("submit", "image"):
            self.buttons.append((own.get("value", "Submit"), own.get("name", ""), own.get("value", "")))
            return
        default = "on" if kind in ("checkbox", "radio") else ""
        self._add(Field(own.get("name", ""), kind, own.get("value", default), checked="checked" in own), own)

    def _add(self, added: Field, own: dict[str, str]) -> None:
        added.label = own.get("aria-label", "")
        self.fields.append(added)
        self._wrapped.append(added)
        if "id" in own:
            self._ids[own["id"]] = added

    def _end(self, name: str, position: int) -> None:
        own, start = self._opened.pop(name, ({}, -1))
        if start < 0:
            return
        inner = self._html[start:position]
        if name == "label":
            self._labels.append((own.get("for", ""), _label_text(inner), self._wrapped))
        elif name == "button":
            if own.get("type", "submit").lower() == "submit":
                self.buttons.append((visible(inner), own.get("name", ""), own.get("value", "")))
        elif name == "textarea" and self.fields:
            self.fields[-1].value = unescape(inner).removeprefix("\r").removeprefix("\n")
        elif name == "option" and self.fields and self.fields[-1].kind == "select":
            text = visible(inner)
            value = own.get("value", text)
            self.fields[-1].options.append((value, text))
            if "selected" in own:
                self.fields[-1].value, self.fields[-1].checked = value, True


def _label_text(inner: str) -> str:
    """A label's own words, without those of the control it may wrap."""
    return visible(re.split(r"<(?:select|textarea)\b", inner, maxsplit=1, flags=re.IGNORECASE)[0])
