"""A task waits for another until that is done; circles and strangers are refused."""

from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task, set_status


async def accept(scene: Customer) -> None:
    names = [scene.nonce() for _ in range(3)]
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    first, second, third = [await new_task(mine, project, name) for name in names]
    for task, before in ((second, first), (third, f"https://tracker.example{second}")):
        await mine.go(task, "open a task")
        await mine.follow("Waits for", "open what it waits for")
        await mine.press("Wait for it", {"Address of the task": before}, "wait for a task")
    await mine.go(first, "open the first task")
    await mine.follow("Waits for", "open what it waits for")
    for wrong in (third, first, "/tasks/aaaaaaaaaaaa", "nonsense"):
        await mine.press("Wait for it", {"Address of the task": wrong}, "wait for what cannot be", expect=(422,))
    theirs = await scene.enter(scene.member)
    await theirs.go(second, "open the second task")
    page = await theirs.follow("Waits for", "open what it waits for")
    if page.link(names[0]) is None or page.texts("p", "waiting") != ["Waits for 1 open tasks"]:
        missing(theirs, "see what it waits for", "the task does not say what it waits for", item=names[0])
    await set_status(mine, first, "Done")
    await theirs.go(second, "open the second task")
    page = await theirs.follow("Waits for", "open what it waits for again")
    if page.link(names[0]) is None or page.texts("p", "waiting"):
        missing(theirs, "see that it waits no more", "the task still waits for one that is done", item=names[0])
    page = await theirs.press(f"Do not wait for {names[0]}", {}, "wait no more")
    if page.link(names[0]) is not None:
        missing(theirs, "see nothing to wait for", "the task still names the other one", item=names[0])
    await mine.go(second, "open the second task")
    await mine.press("Delete task", {}, "delete it")
    await mine.go(third, "open the third task")
    page = await mine.follow("Waits for", "open what it waits for")
    if page.link(names[1]) is not None or page.texts("p", "waiting"):
        missing(mine, "wait for nothing", "a deleted task is still waited for", item=names[1])
