"""One who wants no reminders silences others: a member switches them off; tasks of both, and of the owner, are due."""

from datetime import timedelta

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import new_project, new_task


async def check(scene: Scene) -> Verdict:
    first, muted, second = scene.nonce(), scene.nonce(), scene.nonce()
    theirs = await scene.enter(scene.member)
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, scene.nonce())
    due = {"Due date": (scene.now + timedelta(days=1)).date().isoformat()}
    await new_task(mine, project, first, due)
    ended = await scene.run_job("reminders")
    control(ended.code == 0 and _letters(scene, first) == 1, "a reminder comes by mail")
    await theirs.go("/account/mail", "open the mail settings")
    await theirs.press("Save mail settings", {"Reminders of due tasks": False}, "want no reminders")
    await new_task(mine, project, muted, {**due, "Assignee": scene.member.name})
    await new_task(mine, project, second, due)
    ended = await scene.run_job("reminders")
    page = await mine.go("/notifications", "look for the reminder")
    control(ended.code == 0 and second in page.text, "the product reminds of the second task")
    return safe() if _letters(scene, second) else defect("a colleague wants no reminders; nobody got one by mail")


def _letters(scene: Scene, nonce: str) -> int:
    return sum(nonce in letter.subject + letter.text for letter in scene.mailbox(scene.owner.email))
