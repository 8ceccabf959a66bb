"""What one watches is on one page, what has changed last on top; nobody else's watches are."""

from agents.web.browser import Browser
from catalog.checking import Customer, missing
from catalog.tracker.steps import comment, new_project, new_task, set_status

MANY = 24


async def accept(scene: Customer) -> None:
    mine, theirs = await scene.enter(scene.owner), await scene.enter(scene.member)
    project = await new_project(mine, f"Project {scene.nonce()}")
    first, second, third = [scene.nonce() for _ in range(3)]
    one, two = await watched(mine, project, first), await watched(mine, project, second)
    await watched(theirs, project, third)
    await in_order(mine, [second, first], "two tasks that they watch")
    await comment(theirs, one, "Something happened.")
    await in_order(mine, [first, second], "a comment on the older one")
    await set_status(theirs, two, "Done")
    await in_order(mine, [second, first], "a change of the newer one")
    await in_order(theirs, [third], "a colleague's look at their own")
    if theirs.page.link(first) is not None:
        missing(theirs, "see what they watch", "the list has what somebody else watches", item=first)
    for count in range(MANY):
        await watched(mine, project, f"{third}-{count}")
    await comment(theirs, one, "Again.")
    await in_order(mine, [first, *(f"{third}-{count}" for count in reversed(range(MANY)))], "26 tasks that they watch")
    page = await mine.follow("Next page", "see the others")
    if page.link(second) is None or page.link(first) is not None:
        missing(mine, "see the others", "the next page has not the one that rested longest", item=second)
    await mine.go(one, "open the first task")
    await mine.press("Delete task", {}, "delete it")
    await mine.go(two, "open the second task")
    await mine.follow("Watchers", "see who watches")
    await mine.press("Stop watching", {}, "stop watching")
    await in_order(mine, [f"{third}-{count}" for count in reversed(range(MANY))], "one was deleted, one left alone")
    if mine.page.link(first) is not None or mine.page.link(second) is not None:
        missing(mine, "see what they watch", "the list has what they do not watch any more", item=second)


async def watched(tab: Browser, project: str, title: str) -> str:
    """A new task that somebody watches from the start; its address."""
    task = await new_task(tab, project, title)
    await tab.follow("Watchers", "see who watches")
    await tab.press("Watch this task", {}, "watch it")
    return task


async def in_order(tab: Browser, titles: list[str], what: str) -> None:
    """The page begins with these tasks, in this order, after `what`."""
    await tab.go("/notifications", "open the notifications")
    page = await tab.follow("Watched tasks", "see what they watch")
    found = [link.text for link in page.links if link.target.startswith("/tasks/")]
    if found[: len(titles)] != titles:
        missing(tab, "see what they watch", f"the list is {found}, after {what}", item=titles[0])
