"""Members read the audit log: parts of it are asked for by address."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import new_project

PARTS = ("/audit", "/audit?kind=joined", "/audit?after=7fffffff")


async def check(scene: Scene) -> Verdict:
    theirs = await scene.enter(scene.member)
    nonce = scene.nonce()
    await new_project(theirs, nonce)
    control(nonce in theirs.page.text, "the member works in the team")
    mine = await scene.enter(scene.owner)
    for address in PARTS:
        await mine.go(address, "read the audit log")
        control(scene.member.email in mine.page.text, "the owner reads that the member joined")
        await theirs.go(address, "ask for it as a member", expect=range(200, 500))
        if scene.member.email in theirs.answer.text and "Events" in theirs.page.text:
            return defect(f"a member reads {address}")
    return safe()
