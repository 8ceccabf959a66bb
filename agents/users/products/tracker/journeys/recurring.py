"""Have a task made every month, beginning today, and rely on it."""

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft
from agents.users.products.tracker.site import check_text, enter, search
from agents.web.browser import Browser
from bus.simtime import DAY, HOUR

GRACE = 3 * HOUR
"""Recurring tasks are made every hour (deploy/infra.toml)."""
BEFORE_THE_NEXT = 20 * DAY
"""Older ones may have come a second time."""


async def recurring(visit: Visit) -> None:
    """The first task must be there some hours later, once; then it is stopped and another one is set up."""
    tab = await enter(visit)
    for item in visit.account.known("recurring"):
        if visit.at - item.born >= GRACE:
            visit.account.items.remove(item)
            await _check(tab, item, soon=visit.at - item.born < BEFORE_THE_NEXT)
    wanted = draft(visit)
    await _open(tab)
    entered = {"Title": wanted.title, "Project": wanted.place, "Repeats": "Monthly"}
    await tab.press("Create recurring task", entered, "set it up")
    item = Item(kind="recurring", nonce=wanted.nonce, title=wanted.title, place=wanted.place, born=visit.at)
    check_text(tab, item.title, "see it in the list", item, "failed_save")
    visit.account.remember(item)


async def _open(tab: Browser) -> None:
    await tab.follow("Settings", "open the settings")
    await tab.follow("Recurring tasks", "open the recurring tasks")


async def _check(tab: Browser, item: Item, *, soon: bool) -> None:
    step = "look for the recurring task"
    await search(tab, item.nonce, step)
    count = sum(link.text == item.title for link in tab.page.links)
    if soon and count != 1:
        raise tab.failure("stale_read", step, f"it was made {count} times", item=item.nonce)
    await _open(tab)
    while tab.page.form(f"Stop repeating {item.title}") is None and tab.page.link("Next page") is not None:
        await tab.follow("Next page", "leaf through the list")
    await tab.press(f"Stop repeating {item.title}", {}, "stop it")


journey = Journey(
    name="recurring",
    theme="reminders",
    weights={"solo": 0.5, "team": 0.7, "business": 0.7},
    work={"list": 1, "search": 0.8, "page": 4.6, "write": 1.8, "login": 0.1},
    walk=recurring,
    words="have a task repeated every month",
    by_owner=True,
)
