"""Move a task on with one click, and see it where it belongs."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import STATUSES, check_task, check_text, enter, open_task


async def move_task(visit: Visit) -> None:
    """The new status must show on the task and in the project's filtered list; nothing else may change."""
    tab = await enter(visit)
    item = visit.account.pick("task", visit.chance)
    if item is None:
        return
    await open_task(tab, item)
    status = visit.chance.choice([each for each in STATUSES if each != item.facts["Status"]])
    item.doubtful = True
    await tab.press("Update status", {"Status": status}, "move the task")
    item.facts["Status"] = status
    check_task(tab, item, "read what was saved", "failed_save")
    await tab.follow(item.place, "back to the project")
    await tab.press("Apply filters", {"Status": status}, "filter by status", pain="error")
    while tab.page.link(item.title) is None and tab.page.link("Next page") is not None:
        await tab.follow("Next page", "leaf through the list")
    check_text(tab, item.title, "see it in the list", item, "stale_read")
    item.doubtful = False


journey = Journey(
    name="move_task",
    theme="lists",
    weights={"solo": 9, "team": 10, "business": 9},
    work={"list": 4.5, "task": 2, "write": 1, "login": 0.1},
    walk=move_task,
    words="move a task to another status",
)
