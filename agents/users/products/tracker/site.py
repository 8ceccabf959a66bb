"""What a person knows of the tracker's pages: labels, buttons and where things are (its docs/pages.md)."""

import re
from urllib.parse import urlencode

from agents.users.accounts import Colleague, Item
from agents.users.journeys import Visit
from agents.web.browser import Browser
from bus.messages.users import PainKind

HOST = "app.tally.example"
STATUSES = ("To do", "Doing", "Done")
PRIORITIES = ("Low", "Normal", "High", "Urgent")
_PUBLIC_ID = re.compile(
    r"(?<=/)[a-z2-7]{12}(?=[./?#\s\"'<]|$)|\b[0-9a-f]{32,}\b|trk_[\w-]+|(?<=/join/|reset/|share/)[\w-]{20,}"
)


def scrub(text: str) -> str:
    """Replace ids, tokens and signatures, which differ from run to run."""
    return _PUBLIC_ID.sub("…", text)


async def enter(visit: Visit, person: Colleague | None = None) -> Browser:
    """Open the product, logging in if the browser is not."""
    who = person or visit.person
    tab = visit.browser(who)
    await tab.go("/projects", "open the product", typed=True)
    if tab.target.startswith("/login"):
        await tab.press("Log in", {"Email": who.who.email, "Password": who.who.password}, "log in", pain="error")
    if tab.page.link("Projects") is None:
        raise tab.failure("error", "log in", "the projects are not shown after logging in")
    return tab


async def open_project(tab: Browser, name: str, step: str = "open the project") -> None:
    """From anywhere to a project's list of tasks."""
    if tab.page.link(name) is None:
        await tab.follow("Projects", "open the projects")
    while tab.page.link(name) is None and tab.page.link("Next page") is not None:
        await tab.follow("Next page", "look for the project")
    if tab.page.link(name) is None:
        raise tab.failure("lost_item", step, f"the project {name!r} is gone")
    await tab.follow(name, step)


async def open_task(tab: Browser, item: Item, step: str = "open the task") -> None:
    """To a task that must be there: by its known address, else by searching for its reference."""
    if item.target:
        await tab.go(item.target, step, expect=(200, 404))
        if tab.answer.status == 404:
            raise tab.failure("lost_item", step, "the task is gone", item=item.nonce)
        return
    await search(tab, item.nonce, step)
    await follow_found(tab, item, step)


async def search(tab: Browser, words: str, step: str) -> None:
    """Use the search field."""
    await tab.press("Search", {"Search": words}, step, pain="error")


async def follow_found(tab: Browser, item: Item, step: str) -> None:
    """Click the task among what was found; it must be there."""
    if tab.page.link(item.title) is None:
        raise tab.failure("lost_item", step, "the search does not find the task", item=item.nonce)
    await tab.follow(item.title, step)
    item.target = tab.target


def check_text(tab: Browser, wanted: str, step: str, item: Item, kind: PainKind = "lost_item") -> None:
    """The page must say something."""
    if " ".join(wanted.split()) not in tab.page.text:
        raise tab.failure(kind, step, f"the page does not say {wanted[:80]!r}", item=item.nonce)


def check_task(tab: Browser, item: Item, step: str, kind: PainKind = "lost_item") -> None:
    """The task's page must say what the task is known to say."""
    check_text(tab, item.title, step, item, kind)
    for label in ("Description", "Status", "Priority", "Due date"):
        if item.facts.get(label):
            check_text(tab, item.facts[label], step, item, kind)
    badges = tab.page.texts("span", "badge")  # the page also has a select with every status
    if badges and item.facts.get("Status", badges[0]) != badges[0]:
        raise tab.failure(kind, step, f"the status is {badges[0]!r}, not {item.facts['Status']!r}", item=item.nonce)


def with_query(path: str, **query: str) -> str:
    """An address with a query."""
    return f"{path}?{urlencode(query)}"
