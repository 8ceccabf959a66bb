"""Every page as assistive technology meets it: landmarks, headings, names, labels."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from tests.browser import VOID, Browser, Page

pytestmark = pytest.mark.anyio
NAMED_BY_TEXT = {"a", "button", "h1", "h2", "h3", "label", "caption", "summary", "title", "th"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    parents: list[str]
    text: str = ""


@dataclass
class Outline(HTMLParser):
    """The elements of a page in order, each with its text."""

    elements: list[Element] = field(default_factory=list)
    _open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> says {names}"
        element = Element(tag, {k: v or "" for k, v in attrs}, [each.tag for each in self._open])
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def of(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]


def problems(page: Page) -> list[str]:
    """Return what is wrong with a page."""
    outline = Outline()
    outline.feed(page.body)
    return [
        *_once(outline),
        *_ids(outline),
        *_headings(outline),
        *_fields(outline),
        *_names(outline),
        *_tables(outline),
    ]


def _once(outline: Outline) -> list[str]:
    counts = {tag: len(outline.of(tag)) for tag in ("h1", "main", "title")}
    wrong = [f"{count} x <{tag}>" for tag, count in counts.items() if count != 1]
    if not [html for html in outline.of("html") if html.attributes.get("lang")]:
        wrong.append("no language")
    return wrong


def _ids(outline: Outline) -> list[str]:
    ids = [element.attributes["id"] for element in outline.elements if "id" in element.attributes]
    wrong = [f"id {each!r} twice" for each in sorted(set(ids)) if ids.count(each) > 1]
    for element in outline.elements:
        asked = element.attributes.get("aria-describedby", "").split()
        asked += element.attributes.get("aria-labelledby", "").split()
        target = element.attributes.get("href", "")
        asked += [target[1:]] if target.startswith("#") else []
        wrong += [
            f"<{element.tag}> refers to {each!r}, which is nowhere" for each in asked if each not in ids
        ]
    return wrong


def _headings(outline: Outline) -> list[str]:
    levels = [int(element.tag[1]) for element in outline.of("h1", "h2", "h3", "h4")]
    steps = zip([0, *levels], levels, strict=False)
    return [f"<h{after}> follows <h{before}>" for before, after in steps if after > before + 1]


def _fields(outline: Outline) -> list[str]:
    labelled = {label.attributes.get("for") for label in outline.of("label")}
    wrong = []
    for element in outline.of("input", "select", "textarea"):
        own = element.attributes
        if own.get("type") == "hidden":
            continue
        if own.get("id") not in labelled and not own.get("aria-label"):
            wrong.append(f"<{element.tag} name={own.get('name')}> has no label")
        if (own.get("aria-invalid") == "true") != ("aria-describedby" in own):
            wrong.append(f"<{element.tag} name={own.get('name')}> does not say what is wrong")
    return wrong


def _names(outline: Outline) -> list[str]:
    wrong = [f"<{each.tag}> without words" for each in outline.of(*NAMED_BY_TEXT) if not each.text.strip()]
    parts = outline.of("nav", "aside") + [x for x in outline.of("section") if "aria-label" in x.attributes]
    names = [(part.tag, part.attributes.get("aria-label", "")) for part in parts]
    wrong += [f"<{tag}> without a name" for tag, name in names if not name]
    return wrong + [f"{name} is there twice" for name in set(names) if names.count(name) > 1]


def _tables(outline: Outline) -> list[str]:
    captions, heads = len(outline.of("caption")), outline.of("th")
    wrong = [] if captions == len(outline.of("table")) else ["a table without a caption"]
    return wrong + [f"<th>{head.text}</th> has no scope" for head in heads if "scope" not in head.attributes]


VISITORS = ["/", "/signup", "/login", "/nowhere", "/join/not-a-real-invitation-at-all"]
PEOPLE = [
    "/projects",
    "/projects?archived=1",
    "/my-tasks",
    "/activity",
    "/labels",
    "/members",
    "/notifications",
    "/billing",
    "/account",
    "/account/tokens",
    "/reports",
    "/audit",
    "/settings",
    "/filters",
    "/recurring",
    "/share-links",
    "/webhooks",
    "/export",
    "/import",
    "/account/mail",
    "/search?q=",
    "/search?q=notes",
    "/search?q=nothing-of-the-kind",
    "/projects/aaaaaaaaaaaa",
]


@pytest.fixture
async def busy(ada: Browser) -> tuple[Browser, str]:
    """Ada in a company where every list has something; with the path of a task."""
    task = await ada.make_task(
        "Write the notes", Description="All of them", Assignee="Ada", Due_date="2030-01-31"
    )
    await ada.submit("Add comment", Comment="Nearly.")
    await ada.post("/labels", {"name": "engine", "colour": "green"})
    await ada.post("/labels", {"name": "loom", "colour": "red"})
    await ada.open(task)
    await ada.submit("Add label", Label="engine")
    await ada.make_token()
    await ada.open("/members")
    assert problems(await ada.submit("Create invitation", Email="bob@example.com")) == []
    return ada, task


@pytest.mark.parametrize("path", VISITORS)
async def test_pages_for_visitors(visitor: Browser, path: str) -> None:
    assert problems(await visitor.open(path)) == []


async def test_pages_for_people(busy: tuple[Browser, str]) -> None:
    ada, task = busy
    project = (await ada.open(task)).links["Notes"]
    own = [task, f"{task}/edit", project, f"{project}?status=done", f"{project}/settings"]
    own += [f"{project}/activity", f"{project}/tasks/new"]
    found = {path: problems(await ada.open(path)) for path in PEOPLE + own}
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


async def test_pages_of_an_empty_company(ada: Browser) -> None:
    found = {path: problems(await ada.open(path)) for path in PEOPLE}
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    ("path", "button", "typed"),
    [
        ("/projects", "Create project", {"Project_name": " "}),
        ("/labels", "Create label", {"Label_name": "x" * 51}),
        ("/members", "Create invitation", {"Email": "nobody"}),
        ("/billing", "Change plan", {"Seats": "0"}),
        ("/account", "Save name", {"Your_name": " "}),
        ("/account/tokens", "Create token", {"Token_name": " "}),
    ],
)
async def test_a_mistake_is_tied_to_its_field(
    ada: Browser, path: str, button: str, typed: dict[str, str]
) -> None:
    await ada.open(path)
    page = await ada.submit(button, **typed)
    assert page.status == 422
    assert problems(page) == []
    described = re.findall(r'aria-invalid="true" aria-describedby="([^"]+)"', page.body)
    assert len(described) == 1
    told = re.findall(rf'<span class="problem" id="{described[0]}">([^<]+)<', page.body)
    assert len(told) == 1 and told[0] in page.alert


async def test_a_conflict_is_a_whole_page(busy: tuple[Browser, str]) -> None:
    ada, task = busy
    await ada.open(f"{task}/edit")
    stale = ada.page
    await ada.submit("Save changes", Title="Second")
    ada.page = stale
    page = await ada.submit("Save changes", Title="Third")
    assert page.status == 409 and problems(page) == []


async def test_the_navigation_says_where_one_is(busy: tuple[Browser, str]) -> None:
    ada, task = busy
    for path, place, kind in (
        ("/my-tasks", "My tasks", "page"),
        ("/account/tokens", "Account", "true"),
        (task, "Projects", "true"),
    ):
        current = re.findall(r'<a [^>]*aria-current="(\w+)">([^<]+)<', (await ada.open(path)).body)
        assert current == [(kind, place)]


async def test_the_checks_find_what_is_wrong(ada: Browser) -> None:
    body = (
        '<html><head><title></title></head><body><main><h1>One</h1><h3 id="a">Deep</h3><p id="a">Twice</p>'
        '<input name="q"><a href="#b"></a><nav></nav><table><tr><th>x</th></tr></table></main></body></html>'
    )
    assert len(problems(Page(200, "/", body))) == 10


async def test_the_icon(visitor: Browser) -> None:
    async with visitor.http.get(visitor.server.make_url("/static/icon.svg")) as response:
        assert response.content_type == "image/svg+xml" and "<svg" in await response.text()
