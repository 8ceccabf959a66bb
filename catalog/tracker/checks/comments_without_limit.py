"""Comments have no limit: one of 120,000 characters is written by a program, and another one on the page."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import comment, task_in_project

LONG = "line of a log " * 8_600
"""Far beyond what people write; a form with it still weighs less than the product takes."""


async def check(scene: Scene) -> Verdict:
    short, by_program, by_hand = scene.nonce(), scene.nonce(), scene.nonce()
    tab = await scene.enter(scene.owner)
    task = await task_in_project(tab, scene.nonce())
    await comment(tab, task, short)
    control(short in (await tab.go(task, "read it")).text, "a short comment is shown")
    api = await scene.program(scene.owner)
    body = {"body": f"{LONG}{by_program}"}
    await api.call("POST", f"/api/v1{task}/comments", "comment at length", body, expect=range(200, 500))
    await tab.press("Add comment", {"Comment": f"{LONG}{by_hand}"}, "comment at length", expect=range(200, 500))
    page = await tab.go(task, "read the comments")
    if by_program in page.text:
        return defect("a program's comment of 120,000 characters is taken")
    return defect("a comment of 120,000 characters is taken") if by_hand in page.text else safe()
