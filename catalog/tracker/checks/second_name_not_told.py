"""Of two people who are named in a comment one is told: both look at their notifications."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import comment, invitation_for, task_in_project


async def check(scene: Scene) -> Verdict:
    alone, both = scene.nonce(), scene.nonce()
    one = await scene.enter(scene.member)
    mine = await scene.enter(scene.owner)
    other, name = scene.visit(), f"Third {scene.nonce()}"
    await other.go(await invitation_for(mine, f"{scene.nonce()}@third.example"), "open the invitation", typed=True)
    await other.press("Join team", {"Your name": name, "Password": scene.nonce()}, "join")
    for person in (scene.member.name, name):
        await comment(mine, await task_in_project(mine, f"{alone} {person}"), f"@{person}, please look.")
    await comment(mine, await task_in_project(mine, both), f"@{name} and @{scene.member.name}, please settle this.")
    told: list[bool] = []
    for tab in (one, other):
        page = await tab.go("/notifications", "read the notifications")
        control(alone in page.text, "a colleague hears of a comment that names them alone")
        told.append(both in page.text)
    return safe() if all(told) else defect(f"of two who were named in one comment, {sum(told)} was told")
