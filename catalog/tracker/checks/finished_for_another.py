"""Finishing a colleague's task that nobody took fails; with an assignee, or one's own, it works."""

from catalog.checking import Scene, Verdict, control, defect, failing, safe
from catalog.tracker.steps import new_project, new_task, set_status


async def check(scene: Scene) -> Verdict:
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, scene.nonce())
    task = await new_task(mine, project, f"Free {scene.nonce()}")
    theirs = await scene.enter(scene.member)
    own = await new_task(theirs, project, f"Own {scene.nonce()}")
    await set_status(theirs, own, "Done")
    await set_status(theirs, task, "Doing")
    control("Doing" in theirs.page.text, "a member finishes an own task, and begins a colleague's")
    refused = await failing(set_status(theirs, task, "Done"))
    if refused is not None and refused.exchange.status >= 500:
        return defect(f"finishing a colleague's unassigned task: {refused}")
    page = await mine.go(task, "look at it again")
    control("Done" in page.texts("dl", "details")[0], "the owner sees that it is done")
    return safe()
