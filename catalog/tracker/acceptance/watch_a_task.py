"""Who watches a task is told once of each comment and change of others, until they stop."""

from agents.web.browser import Browser
from catalog.checking import Customer, missing
from catalog.tracker.steps import comment, set_status, task_in_project


async def accept(scene: Customer) -> None:
    title, other = scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    unwatched = await task_in_project(mine, other)
    task = await task_in_project(mine, title)
    theirs = await scene.enter(scene.member)
    await comment(mine, task, "Before anybody watches.")
    await watch(theirs, task)
    if scene.member.name not in " ".join(theirs.page.texts("ul", "watchers")):
        missing(theirs, "see who watches", "the list of watchers does not name them", item=title)
    await comment(mine, unwatched, "Nobody watches this.")
    await comment(mine, task, "Somebody watches this.")
    await told(theirs, title, 1, "a comment")
    await set_status(mine, task, "Doing")
    await told(theirs, title, 2, "a change of the status")
    program = await scene.program(scene.owner)
    read = await program.call("GET", f"/api/v1{task}", "read the task")
    await program.call("PATCH", f"/api/v1{task}", "change it", {"priority": "high", "version": read["version"]})
    await told(theirs, title, 3, "a change by API")
    await comment(mine, task, f"@{scene.member.name}, please look.")
    await told(theirs, title, 4, "a comment that mentions them")
    await set_status(theirs, task, "Done")
    await comment(theirs, task, "I have done it.")
    await told(theirs, title, 4, "what they did themselves")
    await told(theirs, other, 0, "a task that they do not watch")
    await watch(mine, task)
    await theirs.go(task, "open the task")
    await theirs.follow("Watchers", "see who watches")
    await theirs.press("Stop watching", {}, "stop watching")
    await comment(mine, task, "They are gone.")
    await told(theirs, title, 4, "a task that they stopped watching")
    await comment(theirs, task, "I am still here.")
    await told(mine, title, 1, "a comment on a task that they watch")


async def watch(tab: Browser, task: str) -> None:
    """Begin to watch a task."""
    await tab.go(task, "open the task")
    await tab.follow("Watchers", "see who watches")
    await tab.press("Watch this task", {}, "watch it")


async def told(tab: Browser, title: str, count: int, what: str) -> None:
    """So many notifications are about that task; the last one would be of `what`."""
    page = await tab.go("/notifications", "read the notifications")
    found = sum(link.text == title for link in page.links)
    if found != count:
        missing(tab, "read the notifications", f"{found} are about the task, not {count}, after {what}", item=title)
