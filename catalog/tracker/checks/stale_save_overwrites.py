"""A stale form overwrites: two tabs on one task, interleaved on purpose."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import task_in_project


async def check(scene: Scene) -> Verdict:
    mine = await scene.enter(scene.owner)
    task = await task_in_project(mine, scene.nonce())
    theirs = await scene.enter(scene.member)
    first, second, third = scene.nonce(), scene.nonce(), scene.nonce()
    await mine.go(f"{task}/edit", "open the form")
    await theirs.go(f"{task}/edit", "open the form")
    await mine.press("Save changes", {"Title": first}, "save")
    await theirs.press("Save changes", {"Title": second}, "save a stale title", expect=(200, 409))
    control(theirs.answer.status == 409, "a stale title is refused")
    await mine.go(f"{task}/edit", "open the form")
    await theirs.go(f"{task}/edit", "open the form")
    await mine.press("Save changes", {"Description": third}, "save")
    control(third in mine.page.text, "a description is saved")
    await theirs.press("Save changes", {"Priority": "High"}, "save a stale priority", expect=range(200, 500))
    page = await mine.go(task, "look at it again")
    if third not in page.text:
        return defect("two forms were open; saving the second one threw away what the first had saved")
    return safe() if theirs.answer.status == 409 else defect(f"a stale form was not refused but {theirs.answer.status}")
