"""Finish a task, and see it in the report of the week."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft, save
from agents.users.products.tracker.site import check_task, enter, open_project, open_task
from agents.web.browser import Browser


async def reports(visit: Visit) -> None:
    """The number of finished tasks must grow by one."""
    tab = await enter(visit)
    before = await _finished(tab)
    item = draft(visit)
    await open_project(tab, item.place)
    await save(tab, item)
    await tab.press("Update status", {"Status": "Done"}, "finish the task")
    item.facts["Status"] = "Done"
    check_task(tab, item, "read what was saved", "failed_save")
    visit.keep(item)
    after = await _finished(tab)
    if after != before + 1:
        detail = f"it counts {after} finished tasks after {before}, when one more was finished"
        raise tab.failure("stale_read", "read the report", detail, item=item.nonce)
    await open_task(tab, item, "open the task again")


async def _finished(tab: Browser) -> int:
    await tab.follow("Reports", "read the report")
    shown = tab.page.texts("td", "finished-this-week")
    if len(shown) != 1 or not shown[0].isdecimal():
        raise tab.failure("error", "read the report", "it does not say how much was finished this week")
    return int(shown[0])


journey = Journey(
    name="reports",
    theme="feed",
    weights={"solo": 0.5, "team": 1, "business": 1.5},
    work={"feed": 2, "list": 2, "form": 1, "write": 2, "task": 3, "login": 0.1},
    walk=reports,
    words="read the weekly report",
)
