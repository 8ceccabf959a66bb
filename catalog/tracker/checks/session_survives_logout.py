"""Logging out does not end the session: a copy of the cookies still opens pages afterwards."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import task_in_project


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    task = await task_in_project(await scene.enter(scene.owner), nonce)
    tab = await scene.other_device(scene.owner)
    page = await tab.go(task, "read the task")
    control(nonce in page.text, "a task is shown to who is logged in")
    copied = dict(tab.visitor.jar)
    await tab.press("Log out", {}, "log out")
    tab.visitor.jar.clear()
    await tab.go(task, "read the task", expect=range(200, 500))
    control(nonce not in tab.answer.text, "a task is not shown to who is logged out")
    tab.visitor.jar.update(copied)
    await tab.go(task, "read the task with the old cookies", expect=range(200, 500))
    return defect("cookies copied before the log-out still open pages") if nonce in tab.answer.text else safe()
