"""The way out of a letter breaks: its link is opened at once, and again after the instances were restarted."""

import re

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import task_in_project

LINK = re.compile(r"/unsubscribe/[^\s>]+")


async def check(scene: Scene) -> Verdict:
    nonce = scene.nonce()
    await scene.enter(scene.member)
    mine = await scene.enter(scene.owner)
    await task_in_project(mine, nonce, {"Assignee": scene.member.name})
    letters = [letter for letter in scene.mailbox(scene.member.email) if nonce in letter.text + letter.subject]
    found = LINK.search(letters[-1].text) if letters else None
    control(found is not None, "the assignee gets a letter with a way out")
    address = found[0] if found else ""
    reader = scene.visit()
    await reader.go(address, "open the link", typed=True)
    control(reader.page.form("Unsubscribe") is not None, "the link offers the way out")
    await scene.restart()
    await reader.go(address, "open the link after a restart", typed=True, expect=range(200, 500))
    if reader.page.form("Unsubscribe") is not None:
        return safe()
    return defect(f"after a restart of the product the link out of a letter answers {reader.answer.status}")
