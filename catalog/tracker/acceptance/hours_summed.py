"""A project's hours by person: two people work on two tasks."""

from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task


async def accept(scene: Customer) -> None:
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    tasks = [await new_task(mine, project, scene.nonce()) for _ in range(2)]
    for task, amount in zip(tasks, ("2.5", "1.25"), strict=True):
        await mine.go(task, "open a task")
        await mine.follow("Hours", "open the hours")
        await mine.press("Add hours", {"Hours": amount}, "note hours")
    theirs = await scene.enter(scene.member)
    await theirs.go(tasks[0], "open a task")
    await theirs.follow("Hours", "open the hours")
    await theirs.press("Add hours", {"Hours": "0.5"}, "note hours")
    await theirs.go(project, "open the project")
    page = await theirs.follow("Hours", "open the project's hours")
    for person, amount in ((scene.owner, "3.75"), (scene.member, "0.50")):
        if f"{person.name} {amount}" not in page.text:
            missing(theirs, "read a person's hours", f"{person.name} has not {amount} hours", item=person.name)
    if page.texts("td", "hours-total") != ["4.25"]:
        missing(theirs, "read the sum", "the project's hours do not add up to 4.25")
