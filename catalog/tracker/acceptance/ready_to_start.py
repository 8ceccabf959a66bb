"""Tasks are ready when what they wait for is done."""

from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task, set_status


async def accept(scene: Customer) -> None:
    first, second = scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    one = await new_task(mine, project, first, {"Assignee": scene.owner.name})
    two = await new_task(mine, project, second)
    await mine.follow("Waits for", "open what it waits for")
    await mine.press("Wait for it", {"Address of the task": one}, "wait for a task")
    await mine.go("/my-tasks", "open my tasks")
    page = await mine.follow("Ready to start", "see what is ready")
    if page.link(first) is None or page.link(second) is not None:
        missing(mine, "see what is ready", "the list is not of what can be started", item=first)
    await set_status(mine, one, "Done")
    theirs = await scene.enter(scene.member)
    await theirs.go("/my-tasks", "open my tasks")
    page = await theirs.follow("Ready to start", "see what is ready")
    if page.link(second) is None or page.link(first) is not None:
        missing(theirs, "see what is ready now", "the list is not of what can be started now", item=second)
    page = await theirs.follow("Only mine", "see what is ready for me")
    if page.link(second) is not None:
        missing(theirs, "see what is ready for me", "the list has what is not mine", item=second)
    await set_status(mine, two, "Doing")
    page = await theirs.follow("Everybody's", "see what is ready")
    if page.link(second) is not None:
        missing(theirs, "see what is ready", "the list has what was begun", item=second)
    for count in range(26):
        await new_task(mine, project, f"{second}-{count}")
    page = await theirs.go(theirs.target, "see what is ready")
    if page.link(f"{second}-25") is None or page.link(f"{second}-0") is not None:
        missing(theirs, "see the newest", "the first page is not the newest 25", item=second)
    page = await theirs.follow("Next page", "see the older ones")
    if page.link(f"{second}-0") is None:
        missing(theirs, "see the older ones", "the next page has not the older ones", item=second)
