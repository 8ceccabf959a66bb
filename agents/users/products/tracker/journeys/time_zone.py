"""Due today, where today is not what it is elsewhere: the days of an organisation are those of its time zone."""

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft, save
from agents.users.products.tracker.journeys.month_ends import today
from agents.users.products.tracker.site import enter, open_project
from agents.web.browser import Browser

WEST, EAST = "Pacific/Pago_Pago", "Pacific/Kiritimati"
"""UTC-11 and UTC+14, without summer time: at every moment it is another day there."""
MOST_OVERDUE = 50
"""Tasks that the report names (the product's docs say: the oldest)."""


async def time_zone(visit: Visit) -> None:
    """What is due today is not overdue; with the organisation moved to where it is tomorrow, it is."""
    tab = await enter(visit)
    waiting = visit.account.known("recurring")
    for item in waiting:
        item.doubtful = True  # their day is another one, should this end midway
    shown = await _zone(tab)
    home = visit.account.notes.setdefault("time zone", shown)
    await _move(tab, WEST)
    task = draft(visit, **{"Due date": await _today(tab)})
    await open_project(tab, task.place)
    await save(tab, task)
    await tab.follow("Reports", "read what is overdue")
    if tab.page.link(task.title) is not None and await _today(tab) == task.facts["Due date"]:
        raise tab.failure("error", "read what is overdue", "what is due today is said to be late", item=task.nonce)
    await _zone(tab)
    await _move(tab, EAST)
    await tab.follow("Reports", "read what is overdue there")
    named = [link for link in tab.page.links if link.target.startswith("/tasks/")]
    if tab.page.link(task.title) is None and len(named) < MOST_OVERDUE:
        detail = "what was due yesterday is not said to be late"
        raise tab.failure("stale_read", "read what is overdue there", detail, item=task.nonce)
    await _zone(tab)
    await _move(tab, home)
    visit.keep(task)
    if shown == home:
        _trust(waiting)


async def _zone(tab: Browser) -> str:
    """Open the settings, and read which zone they show."""
    await tab.follow("Settings", "open the settings")
    form = tab.page.form("Save settings")
    field = form.labelled("Time zone") if form else None
    if field is None:
        raise tab.failure("error", "open the settings", "there is no time zone")
    return field.shown


async def _move(tab: Browser, zone: str) -> None:
    await tab.press("Save settings", {"Time zone": zone}, "choose the time zone")


async def _today(tab: Browser) -> str:
    await tab.follow("Settings", "open the settings")
    await tab.follow("Recurring tasks", "look which day it is")
    return today(tab).isoformat()


def _trust(items: list[Item]) -> None:
    for item in items:
        item.doubtful = False


journey = Journey(
    name="time_zone",
    theme="reminders",
    weights={"solo": 0.03, "team": 0.04, "business": 0.05},
    work={"list": 3, "page": 8, "form": 1, "write": 4, "task": 1, "feed": 2, "login": 0.1},
    walk=time_zone,
    words="set our time zone",
    by_owner=True,
)
