"""Tasks can be changed by other organisations: an outsider sends changes by API and by form; the owner reads them."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import new_project, new_task, send_altered, set_status

ANY = range(200, 500)


async def check(scene: Scene) -> Verdict:
    title, new, forged = scene.nonce(), scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, scene.nonce())
    task = await new_task(mine, project, title)
    own = await scene.program(scene.owner)
    await own.call("PATCH", f"/api/v1{task}", "change the task", {"title": new, "version": 1})
    await set_status(mine, task, "Doing")
    page = await mine.go(task, "look at it again")
    control(
        new in page.heading and "Doing" in page.texts("dl", "details")[0],
        "the owner changes a task, by API and by form",
    )
    version = (await own.call("GET", f"/api/v1{task}", "read the task"))["version"]
    foreign = await scene.program(scene.outsider)
    change = {"title": forged, "version": version}
    await foreign.call("PATCH", f"/api/v1{task}", "change a foreign task", change, expect=ANY)
    await foreign.call("POST", f"/api/v1{task}/comments", "comment on it", {"body": forged}, expect=ANY)
    theirs = await scene.enter(scene.outsider)
    status = {"status": "done", "version": str(version)}
    await send_altered(theirs, "Log out", "move a foreign task", action=f"{task}/status", extra=status)
    page = await mine.go(task, "look at it again")
    if forged in page.text:
        return defect("another organisation's program has written on a task")
    moved = "Done" in page.texts("dl", "details")[0]
    return defect("another organisation's form has moved a task") if moved else safe()
