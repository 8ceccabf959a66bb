"""One person marks all as read, and a colleague's unread notifications are read too."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import comment, task_in_project

MARK = "Mark all as read"


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    theirs = await scene.enter(scene.member)
    mine = await scene.enter(scene.owner)
    task = await task_in_project(mine, nonce)
    await comment(mine, task, f"@{scene.member.name}, please look.")
    await comment(theirs, task, f"@{scene.owner.name}, done.")
    page = await theirs.go("/notifications", "read the notifications")
    control(nonce in page.text and MARK in page.html, "a colleague has something unread")
    await mine.go("/notifications", "read the own notifications")
    await mine.press(MARK, {}, "mark all as read")
    page = await mine.go("/notifications", "read them again")
    control(nonce in page.text and MARK not in page.html, "the own notifications are read")
    page = await theirs.go("/notifications", "read the notifications again")
    control(nonce in page.text, "the colleague's notification is still there")
    return safe() if MARK in page.html else defect("a colleague marked all as read; mine are read as well")
