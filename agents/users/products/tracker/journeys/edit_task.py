"""Change a task in its form; what was not touched must stay."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import PRIORITIES, check_task, enter, open_task


async def edit_task(visit: Visit) -> None:
    """The form must show the present values, and the page the new ones."""
    tab = await enter(visit)
    item = visit.account.pick("task", visit.chance)
    if item is None:
        return
    await open_task(tab, item)
    await tab.follow("Edit task", "open the form")
    form = tab.page.form("Save changes")
    for label in ("Title", "Description", "Status", "Priority"):
        field = form.labelled(label) if form else None
        wanted = item.title if label == "Title" else item.facts.get(label, "")
        if field is None or field.shown.replace("\r\n", "\n").strip() != wanted:
            raise tab.failure("lost_item", "read the form", f"{label} is not {wanted[:60]!r}", item=item.nonce)
    changes = {
        "Description": f"Changed plans, see {visit.nonce()}.",
        "Priority": visit.chance.choice(PRIORITIES),
    }
    item.doubtful = True
    await tab.press("Save changes", changes, "save the change")
    item.facts |= changes
    check_task(tab, item, "read what was saved", "failed_save")
    item.doubtful = False


journey = Journey(
    name="edit_task",
    theme="edits",
    weights={"solo": 9, "team": 9, "business": 8},
    work={"list": 1, "task": 2, "form": 1, "write": 1, "login": 0.1},
    walk=edit_task,
    words="edit a task",
)
