"""Two people (or one with two tabs) edit the same task: nobody's change may vanish without a word."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import check_task, enter, open_task


async def two_tabs(visit: Visit) -> None:
    """Both read the same version; the second to save must get a conflict, or both changes must be there."""
    item = visit.account.pick("task", visit.chance)
    first = await enter(visit)
    if item is None:
        return
    second = await enter(visit, visit.colleague())
    for tab in (first, second):
        await open_task(tab, item)
        await tab.follow("Edit task", "open the form")
    item.doubtful = True
    change = f"Settled by phone, see {visit.nonce()}."
    await first.press("Save changes", {"Description": change}, "save the first change")
    item.facts["Description"] = change
    check_task(first, item, "read what was saved", "failed_save")
    priority = "Urgent" if item.facts["Priority"] != "Urgent" else "Low"
    await second.press("Save changes", {"Priority": priority}, "save the second change", expect=(200, 409))
    if second.answer.status == 200:
        item.facts["Priority"] = priority
    await first.go(item.target, "look again")
    check_task(first, item, "look for both changes", "lost_item")
    item.doubtful = False


journey = Journey(
    name="two_tabs",
    theme="edits",
    weights={"solo": 2, "team": 5, "business": 6},
    work={"list": 2, "task": 4, "form": 2, "write": 2, "login": 0.2},
    walk=two_tabs,
    words="edit a task while a colleague has it open",
)
