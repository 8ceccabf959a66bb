"""Reminders stop early: an older organisation has nothing due and a younger one has; then both have."""

from datetime import timedelta

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import task_in_project


async def check(scene: Scene) -> Verdict:
    theirs = await scene.enter(scene.outsider)  # the older organisation
    await task_in_project(theirs, scene.nonce())
    first, second = scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    due = {"Due date": (scene.now + timedelta(days=1)).date().isoformat()}
    await task_in_project(mine, first, due)
    ended = await scene.run_job("reminders")
    control(ended.code == 0, f"the job ends well: {ended.detail[-200:]}")
    digest = await scene.run_job("digest")
    page = await mine.go("/notifications", "look for the reminder")
    control(digest.code == 0 and "This week" in page.text, "the notifications show what another job wrote")
    if first not in page.text:
        return defect("another organisation has nothing due; the job ended well, and no reminder came")
    await task_in_project(theirs, scene.nonce(), due)
    await task_in_project(mine, second, due)
    await scene.run_job("reminders")
    page = await mine.go("/notifications", "look for the reminder")
    return safe() if second in page.text else defect("two organisations have something due; only one was reminded")
