"""Tick several tasks of a list and move them on at once."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft, save
from agents.users.products.tracker.site import STATUSES, check_task, enter, open_project, open_task

COUNT = 2


async def bulk_edit(visit: Visit) -> None:
    """All that were ticked must have the new status, and nothing else may change."""
    tab = await enter(visit)
    first = draft(visit)
    items = [first, *(draft(visit) for _ in range(COUNT - 1))]
    await open_project(tab, first.place)
    for item in items:
        item.place = first.place
        await save(tab, item)
        await tab.follow(item.place, "back to the project")
        visit.keep(item)
    status = visit.chance.choice(STATUSES[1:])
    ticks: dict[str, str | bool] = {f"Select {item.title}": True for item in items}
    for item in items:
        item.doubtful = True
    await tab.press("Change selected tasks", {**ticks, "Set status": status}, "move them all")
    for item in items:
        item.facts["Status"] = status
    for item in items:
        await open_task(tab, item)
        check_task(tab, item, "read what was saved", "failed_save")
        item.doubtful = False


journey = Journey(
    name="bulk_edit",
    theme="lists",
    weights={"solo": 0.6, "team": 1, "business": 1},
    work={"list": 5, "form": 2, "write": 3, "task": 4, "login": 0.1},
    walk=bulk_edit,
    words="move several tasks at once",
)
