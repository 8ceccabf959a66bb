"""A checklist: the owner writes steps, the member ticks one, one is deleted."""

from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task


async def accept(scene: Customer) -> None:
    steps = [f"<{scene.nonce()}>" for _ in range(3)]
    mine = await scene.enter(scene.owner)
    task = await new_task(mine, await new_project(mine, f"Project {scene.nonce()}"), scene.nonce())
    for step in steps:
        await mine.press("Add step", {"Step": step}, "add a step")
    await mine.press("Add step", {"Step": " "}, "add an empty step", expect=(422,))
    theirs = await scene.enter(scene.member)
    page = await theirs.go(task, "open the task")
    shown = page.texts("ul", "checklist")[:1]
    places = [shown[0].find(step) for step in steps] if shown else [-1]
    if -1 in places or places != sorted(places):
        missing(theirs, "read the steps", "the steps are not in their order", item=steps[0])
    await theirs.press(f"Tick {steps[1]}", {}, "tick a step")
    page = await mine.go(task, "open the task again")
    ticked = page.texts("li", "ticked")
    if len(ticked) != 1 or steps[1] not in ticked[0]:
        missing(mine, "see what is done", "the ticked step is not shown as such", item=steps[1])
    await mine.press(f"Delete step {steps[0]}", {}, "delete a step")
    page = await mine.press(f"Untick {steps[1]}", {}, "untick a step")
    if page.texts("li", "ticked") or steps[0] in page.text or steps[1] not in page.text or steps[2] not in page.text:
        missing(mine, "read the steps again", "the steps are not as they were left", item=steps[1])
