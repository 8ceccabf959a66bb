"""A plan: written by the owner, read by the member, kept when the task changes."""

from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task, set_status


async def accept(scene: Customer) -> None:
    title, words = scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    task = await new_task(mine, project, title, {"Due date": "2027-05-20", "Description": words})
    await mine.follow("Plan", "open the plan")
    await mine.press("Save plan", {"Start date": "2027-05-03", "Estimate in hours": "12.5"}, "save the plan")
    for wrong in ({"Start date": "2027-05-21"}, {"Estimate in hours": "0"}, {"Estimate in hours": "long"}):
        await mine.press("Save plan", wrong, "save no plan", expect=(422,))
        await mine.go(task, "open the task")
        await mine.follow("Plan", "open the plan")
    await set_status(mine, task, "Doing")
    theirs = await scene.enter(scene.member)
    page = await theirs.go(task, "open the task")
    if words not in page.text:
        missing(theirs, "read the task", "the description is not there", item=words)
    page = await theirs.follow("Plan", "open the plan")
    shown = page.texts("dl", "plan")
    if not shown or "12.50" not in shown[0] or "03 May 2027" not in shown[0]:
        missing(theirs, "read the plan", "the plan is not shown", item=title)
    page = await theirs.press("Save plan", {"Start date": "", "Estimate in hours": ""}, "take the plan away")
    shown = page.texts("dl", "plan")
    if not shown or "12.50" in shown[0] or "03 May 2027" in shown[0]:
        missing(theirs, "see no plan", "the plan is still shown", item=title)
