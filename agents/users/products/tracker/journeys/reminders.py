"""Put a date on a task and rely on being reminded, once."""

from datetime import date, timedelta

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft, save
from agents.users.products.tracker.site import enter, open_project
from bus.simtime import HOUR

GRACE = 26 * HOUR
"""Reminders come twice a day for what is due tomorrow (deploy/infra.toml); a day later everybody counts on it."""


async def reminders(visit: Visit) -> None:
    """Yesterday's reminder must be there, exactly once; then a task for tomorrow is written down."""
    tab = await enter(visit)
    await _read_due(visit)
    due = (visit.now + timedelta(days=1)).date()
    item = draft(visit, **{"Due date": due.isoformat(), "Assignee": visit.person.who.name})
    await open_project(tab, item.place)
    await save(tab, item)
    visit.keep(item)
    names = [one.who.name for one in visit.account.people]
    if names.count(visit.person.who.name) == 1:  # with namesakes nobody knows who was chosen
        item.facts["reminds"] = str(visit.person.seat)


async def _read_due(visit: Visit) -> None:
    for item in visit.account.known("task"):
        if "reminds" not in item.facts or visit.at - item.born < GRACE:
            continue
        person = visit.account.people[int(item.facts.pop("reminds"))]
        if item.facts["Status"] == "Done" or not _is_due(item, visit.now.date()):
            continue
        tab = await enter(visit, person)
        await tab.follow("Notifications", "open the notifications")
        while item.nonce not in tab.page.text and tab.page.link("Next page") is not None:
            await tab.follow("Next page", "leaf through the notifications")
        count = tab.page.text.count(item.nonce)
        if count != 1:
            detail = "there is no reminder" if count == 0 else f"the reminder is there {count} times"
            raise tab.failure("stale_read", "read the reminder", detail, item=item.nonce)


def _is_due(item: Item, today: date) -> bool:
    return date.fromisoformat(item.facts["Due date"]) <= today + timedelta(days=1)


journey = Journey(
    name="reminders",
    theme="reminders",
    weights={"solo": 5, "team": 4, "business": 4},
    work={"list": 2.8, "form": 1, "write": 1, "task": 1, "page": 0.8, "login": 0.2},
    walk=reminders,
    words="rely on reminders",
)
