"""Reminders stop at an organisation without anything due: an older one has nothing due, a younger one has."""

from datetime import timedelta

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import task_in_project


async def check(scene: Scene) -> Verdict:
    idle = await scene.enter(scene.outsider)  # the older organisation
    await task_in_project(idle, scene.nonce())
    title = scene.nonce()
    tab = await scene.enter(scene.owner)
    tomorrow = (scene.now + timedelta(days=1)).date().isoformat()
    await task_in_project(tab, title, {"Due date": tomorrow})
    await tab.follow("Notifications", "look for news")
    ended = await scene.run_job("reminders")
    control(ended.code == 0, f"the job ends well: {ended.detail[-200:]}")
    digest = await scene.run_job("digest")
    page = await tab.go("/notifications", "look for the reminder")
    control(digest.code == 0 and "This week" in page.text, "the notifications show what another job wrote")
    return safe() if title in page.text else defect("a task is due tomorrow, the job ended well, and no reminder came")
