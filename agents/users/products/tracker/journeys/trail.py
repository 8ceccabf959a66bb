"""A task that is finished, taken up again and thrown away: it is gone, and the feed tells all of it."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft, save
from agents.users.products.tracker.site import check_task, enter, open_project, search

STEPS = 4
"""Made, finished, taken up again, deleted."""


async def trail(visit: Visit) -> None:
    """Nothing leads to the deleted task any more, and each thing that was done with it is a line of the feed."""
    tab = await enter(visit)
    item = draft(visit)
    await open_project(tab, item.place)
    await save(tab, item)
    for status in ("Done", "To do"):
        await tab.press("Update status", {"Status": status}, f"set it to {status!r}")
        item.facts["Status"] = status
        check_task(tab, item, "read what was saved", "failed_save")
    await tab.press("Delete task", {}, "delete the task")
    await tab.go(item.target, "open it again", expect=(200, 404), typed=True)
    if tab.answer.status == 200:
        raise tab.failure("failed_save", "open it again", "the deleted task is still there", item=item.nonce)
    await search(tab, item.nonce, "search for it")
    if tab.page.link(item.title) is not None:
        raise tab.failure("stale_read", "search for it", "the search finds the deleted task", item=item.nonce)
    await tab.follow("Activity", "read the feed")
    told = tab.page.text.count(item.nonce)
    if told < STEPS:
        detail = f"the feed tells {told} of the {STEPS} things that were done with a task"
        raise tab.failure("stale_read", "read the feed", detail, item=item.nonce)
    if tab.page.link(item.title) is not None:
        raise tab.failure("error", "read the feed", "it has a link to a task that is gone", item=item.nonce)


journey = Journey(
    name="trail",
    theme="comments",
    weights={"solo": 0.1, "team": 0.2, "business": 0.2},
    work={"list": 3, "form": 1, "write": 4, "task": 4, "search": 1, "feed": 1, "login": 0.1},
    walk=trail,
    words="delete a task",
)
