"""Long comments lose their end: a long one is written, and read again by a colleague."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import comment, task_in_project


async def check(scene: Scene) -> Verdict:
    first, last, short = scene.nonce(), scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    task = await task_in_project(mine, scene.nonce())
    await comment(mine, task, f"Agreed: {short}.")
    await comment(mine, task, f"{first} " + "and so on with all the details " * 60 + last)
    theirs = await scene.enter(scene.member)
    page = await theirs.go(task, "read the comments")
    control(
        short in page.text and first in page.text, "a colleague reads a short comment, and the beginning of a long one"
    )
    return safe() if last in page.text else defect("the end of a comment of 2,000 characters is gone")
