"""See what the others did: the feed must tell what was just done."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import check_text, enter, open_task


async def activity(visit: Visit) -> None:
    """A comment made now must be in the feed that a colleague opens."""
    item = visit.account.pick("task", visit.chance)
    tab = await enter(visit)
    if item is None:
        return
    await open_task(tab, item)
    said = visit.nonce()
    await tab.press("Add comment", {"Comment": f"For the record: {said}"}, "save the comment")
    check_text(tab, said, "read what was saved", item, "failed_save")
    reader = await enter(visit, visit.colleague())
    await reader.follow("Activity", "open the feed")
    check_text(reader, item.nonce, "read the feed", item, "stale_read")


journey = Journey(
    name="activity",
    theme="comments",
    weights={"solo": 2, "team": 5, "business": 5},
    work={"list": 2, "task": 2, "write": 1, "feed": 1, "login": 0.2},
    walk=activity,
    words="look at the activity feed",
)
