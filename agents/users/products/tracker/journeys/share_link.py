"""Show a task to somebody without an account, by a link, and take the link back."""

from agents.users.accounts import Colleague, Item
from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.invite import FREELANCERS
from agents.users.products.tracker.site import check_text, enter, open_task
from agents.web.browser import Browser


async def share_link(visit: Visit) -> None:
    """A stranger reads the task and nothing else; once the link is revoked, nothing at all."""
    item = visit.account.pick("task", visit.chance)
    tab = await enter(visit)
    if item is None:
        return
    await open_task(tab, item)
    await tab.follow("Share task", "open the sharing of the task")
    await tab.press("Create share link", {}, "share the task", expect=(200, 201))
    link = next((link.target for link in tab.page.links if "/share/" in link.target), None)
    if link is None:
        raise tab.failure("error", "share the task", "there is no link to send")
    path = link[link.index("/share/") :]
    reader = await _read(visit, FREELANCERS.newcomer(visit), path, item)
    await tab.go(item.target, "go back to the task")
    await tab.follow("Share task", "open the sharing of the task")
    await tab.press("Revoke share link 1", {}, "revoke the link")
    await reader.go(path, "open the revoked link", expect=(200, 404), typed=True)
    if item.nonce in reader.page.text:
        raise reader.failure("foreign_item", "open the revoked link", "it still shows the task", item=item.nonce)


async def _read(visit: Visit, guest: Colleague, path: str, item: Item) -> Browser:
    reader = visit.browser(guest)
    await reader.go(path, "open the shared link", typed=True)
    for words in (item.title, item.facts.get("Description", "")):
        check_text(reader, words, "read the shared task", item)
    hidden = [visit.person.who.email, *item.said]
    if any(words in reader.page.text for words in hidden):
        detail = "a stranger sees comments or addresses that were not shared"
        raise reader.failure("foreign_item", "read the shared task", detail, item=item.nonce)
    return reader


journey = Journey(
    name="share_link",
    theme="team",
    weights={"solo": 1, "team": 1, "business": 1.2},
    work={"list": 1, "page": 4, "write": 2, "task": 2, "login": 0.1},
    walk=share_link,
    words="share a task by a link",
)
