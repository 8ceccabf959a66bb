"""Search misses a title that was changed with other things: a task is renamed and handed on, and a colleague searches for it."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import search, task_in_project


async def check(scene: Scene) -> Verdict:
    old, new = scene.nonce(), scene.nonce()
    theirs = await scene.enter(scene.member)
    mine = await scene.enter(scene.owner)
    task = await task_in_project(mine, old)
    await search(theirs, old)
    control(theirs.page.link(old) is not None, "a colleague finds the task by its first title")
    await mine.go(f"{task}/edit", "open the form")
    changes = {"Title": new, "Priority": "High", "Assignee": scene.member.name}
    await mine.press("Save changes", changes, "rename the task and hand it on")
    page = await theirs.go(task, "open the task")
    control(new in page.text, "a colleague reads the new title")
    await search(theirs, new)
    return safe() if theirs.page.link(new) is not None else defect("the task is not found by its new title")
