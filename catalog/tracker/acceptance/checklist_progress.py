"""Progress on the project's list and on My tasks."""

from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task


async def accept(scene: Customer) -> None:
    title, first, second, bare = (scene.nonce() for _ in range(4))
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    await new_task(mine, project, bare)
    task = await new_task(mine, project, title, {"Assignee": scene.owner.name})
    for step in (first, second):
        await mine.press("Add step", {"Step": step}, "add a step")
    await mine.press(f"Tick {first}", {}, "tick a step")
    for address in (project, "/my-tasks"):
        page = await mine.go(address, "open a list")
        if page.texts("span", "progress") != ["1 of 2"]:
            missing(mine, "see how far it is", "the list does not show 1 of 2", item=title)
    await mine.go(task, "open the task")
    await mine.press(f"Delete step {second}", {}, "delete a step")
    page = await mine.go(project, "open the list again")
    if page.texts("span", "progress") != ["1 of 1"]:
        missing(mine, "see how far it is now", "the list does not show 1 of 1", item=title)
