"""Look something up that was stored long ago or just now: the audit that every customer does without knowing."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import check_task, check_text, enter, follow_found, search


async def find_again(visit: Visit) -> None:
    """The search must find the task by its title or reference, and the task must be whole, with what was said about it."""
    tab = await enter(visit)
    item = visit.account.pick("task", visit.chance)
    if item is None:
        return
    words = item.title if visit.chance.random() < 0.5 else item.nonce
    await search(tab, words, "search for it")
    await follow_found(tab, item, "open what was found")
    check_task(tab, item, "read the task")
    for said in item.said:
        check_text(tab, said, "read the comments", item)


journey = Journey(
    name="find_again",
    theme="search",
    weights={"solo": 14, "team": 13, "business": 14},
    work={"list": 1, "search": 1, "task": 1, "login": 0.1},
    walk=find_again,
    words="look up an older task",
)
