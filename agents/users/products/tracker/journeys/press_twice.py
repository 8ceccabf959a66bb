"""A slow phone and an impatient person: pressed twice, gone back, and an old form sent once more."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import PRIORITIES, check_task, enter, open_task


async def press_twice(visit: Visit) -> None:
    """What was saved first must stay: the second press changes nothing, and an old form does not bring old values back."""
    tab = await enter(visit)
    item = visit.account.pick("task", visit.chance)
    if item is None:
        return
    await open_task(tab, item)
    await tab.follow("Edit task", "open the form")
    old_page, old_target = tab.page, tab.target
    change = {"Description": f"As she said on the phone, see {visit.nonce()}."}
    item.doubtful = True
    await tab.press("Save changes", change, "save the change")
    item.facts |= change
    check_task(tab, item, "read what was saved", "failed_save")
    tab.page, tab.target = old_page, old_target
    await tab.press("Save changes", change, "press the button again", expect=(200, 409))
    tab.page, tab.target = old_page, old_target
    priority = visit.chance.choice([each for each in PRIORITIES if each != item.facts["Priority"]])
    await tab.press("Save changes", {"Priority": priority}, "go back and send the old form", expect=(200, 409))
    if tab.answer.status == 200:
        item.facts["Priority"] = priority
    await open_task(tab, item, "open the task again")
    check_task(tab, item, "read it again")
    item.doubtful = False


journey = Journey(
    name="press_twice",
    theme="edits",
    weights={"solo": 0.2, "team": 0.25, "business": 0.25},
    work={"list": 1, "task": 3, "form": 1, "write": 3, "search": 0.3, "login": 0.1},
    walk=press_twice,
    words="save a task on my phone",
)
