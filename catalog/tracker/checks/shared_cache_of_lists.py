"""Private lists are kept for others: an outsider searches for what the owner has just found."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import search, task_in_project


async def check(scene: Scene) -> Verdict:
    nonce, word = scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    await task_in_project(mine, f"{nonce} {word}")
    await search(mine, word)
    control(nonce in mine.page.text, "the owner finds the task")
    if "public" in mine.answer.headers.get("cache-control", "").lower():
        return defect("what a search has found may be kept by anything on the way")
    theirs = await scene.enter(scene.outsider)
    await search(theirs, word)
    return defect("another team's search shows the task") if nonce in theirs.page.text else safe()
