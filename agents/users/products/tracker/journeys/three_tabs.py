"""One person has the same task open in three tabs, and works in all of them."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import STATUSES, check_task, check_text, enter, open_task


async def three_tabs(visit: Visit) -> None:
    """The comment of one tab and the status of another stay when the third saves its older form; it is told of them."""
    item = visit.account.pick("task", visit.chance)
    writing = await enter(visit)
    if item is None:
        return
    await open_task(writing, item, "open the task in a tab")
    talking, moving = visit.browser(), visit.browser()
    await writing.follow("Edit task", "open the form")
    await open_task(talking, item, "open it in a second tab")
    await open_task(moving, item, "open it in a third tab")
    said, change = visit.nonce(), f"Written in the first tab, see {visit.nonce()}."
    status = visit.chance.choice([each for each in STATUSES if each != item.facts["Status"]])
    item.doubtful = True
    await talking.press("Add comment", {"Comment": f"From the second tab: {said}"}, "save the comment")
    await moving.press("Update status", {"Status": status}, "move the task in the third tab")
    item.facts["Status"] = status
    step = "save the form of the first tab"
    await writing.press("Save changes", {"Description": change}, step, expect=(200, 409))
    if writing.answer.status == 409:
        await writing.press("Save my version", {"Status": status}, "save it all the same")
    item.facts["Description"] = change
    check_task(writing, item, "read what was saved")
    check_text(writing, said, "read what was said in the second tab", item)
    item.doubtful = False


journey = Journey(
    name="three_tabs",
    theme="edits",
    weights={"solo": 0.3, "team": 0.3, "business": 0.3},
    work={"list": 1, "task": 6, "form": 1, "write": 4, "search": 0.3, "login": 0.1},
    walk=three_tabs,
    words="work on a task in three tabs",
)
