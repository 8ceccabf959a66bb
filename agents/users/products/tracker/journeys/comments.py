"""Say something about a task; a colleague reads it."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import check_text, enter, open_task
from agents.users.products.tracker.words import REMARKS


async def comment(visit: Visit) -> None:
    """The comment and its author's name must be there for the colleague, in another browser."""
    item = visit.account.pick("task", visit.chance)
    tab = await enter(visit)
    if item is None:
        return
    await open_task(tab, item)
    said = visit.nonce()
    await tab.press("Add comment", {"Comment": f"{_talk(visit)} {said}."}, "save the comment")
    check_text(tab, said, "read what was saved", item, "failed_save")
    reader = await enter(visit, visit.colleague())
    await open_task(reader, item, "the colleague opens the task")
    check_text(reader, said, "the colleague reads it", item, "stale_read")
    check_text(reader, visit.person.who.name, "the colleague sees who wrote it", item, "error")
    item.said = [*item.said, said][-5:]


def _talk(visit: Visit) -> str:
    """A remark; every second person goes on at length before they come to the point."""
    remarks = [visit.chance.choice(REMARKS)]
    if visit.chance.random() < 0.5:
        remarks += visit.chance.choices(REMARKS, k=visit.chance.randint(20, 80))
    return " ".join(remarks)


journey = Journey(
    name="comment",
    theme="comments",
    weights={"solo": 5, "team": 10, "business": 10},
    work={"list": 2, "task": 3, "write": 1, "login": 0.2},
    walk=comment,
    words="comment on a task",
)
