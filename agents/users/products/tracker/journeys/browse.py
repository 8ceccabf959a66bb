"""Look at what there is: the projects, a filtered list, one known task, one's own tasks."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import STATUSES, check_task, enter, follow_found, open_project


async def browse(visit: Visit) -> None:
    """A status filter must show the tasks of that status, and a known task must say what it said."""
    tab = await enter(visit)
    item = visit.account.pick("task", visit.chance)
    if item is None:
        await tab.follow("My tasks", "open my tasks")
        return
    await open_project(tab, item.place)
    await tab.press("Apply filters", {"Status": item.facts["Status"]}, "filter by status", pain="error")
    other = next(status for status in STATUSES if status != item.facts["Status"])
    wrong = [
        each
        for each in visit.account.known("task")
        if each.place == item.place and each.facts["Status"] == other and tab.page.link(each.title)
    ]
    if wrong:
        raise tab.failure("stale_read", "filter by status", f"a task that is {other!r} is listed", item=wrong[0].nonce)
    while tab.page.link(item.title) is None and tab.page.link("Next page") is not None:
        await tab.follow("Next page", "leaf through the list")
    await follow_found(tab, item, "open the task")
    check_task(tab, item, "read the task")
    await tab.follow("My tasks", "open my tasks")


journey = Journey(
    name="browse",
    theme="lists",
    weights={"solo": 22, "team": 24, "business": 22},
    work={"list": 3.6, "task": 1, "page": 1, "login": 0.1},
    walk=browse,
    words="look through our list of tasks",
)
