"""What people write becomes markup of the page: a harmless tag is written wherever text is taken, and looked for."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import comment, new_project, new_task, search


async def check(scene: Scene) -> Verdict:
    plain, mark = scene.nonce(), scene.nonce()
    raw = f'<i title="{mark}">'
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"P {plain} {raw}")
    task = await new_task(mine, project, f"T {plain} {raw}", {"Description": f"D {plain} {raw}"})
    await comment(mine, task, f"C {plain} {raw}")
    theirs = await scene.enter(scene.member)
    page = await theirs.go(task, "read the task")
    control(all(f"{what} {plain}" in page.text for what in "PTDC"), "a colleague reads all that was written as text")
    for target in (task, f"{task}/edit", project, f"{project}/settings", "/projects", "/activity"):
        await theirs.go(target, "look at what was written")
        if raw in theirs.answer.text:
            return defect(f"a tag that somebody wrote is a tag of the page {target}")
    await search(theirs, plain)
    return defect("a tag in a title is a tag of the search page") if raw in theirs.answer.text else safe()
