"""Hours on a task: the owner writes some, a member adds more, wrong ones are refused."""

from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task


async def accept(scene: Customer) -> None:
    first, second = scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    task = await new_task(mine, await new_project(mine, f"Project {scene.nonce()}"), scene.nonce())
    await mine.follow("Hours", "open the hours")
    await mine.press("Add hours", {"Hours": "1.25", "Day": "2027-02-26", "For what": first}, "note hours")
    theirs = await scene.enter(scene.member)
    await theirs.go(task, "open the task")
    page = await theirs.follow("Hours", "open the hours")
    if first not in page.text or scene.owner.name not in page.text:
        missing(theirs, "read the hours", "the hours of a colleague are not shown", item=first)
    await theirs.press("Add hours", {"Hours": "0.5", "For what": second}, "note more hours")
    await theirs.press("Add hours", {"Hours": "25"}, "note too many hours", expect=(422,))
    page = await mine.go(theirs.target.removesuffix("/add"), "open the hours again")
    if second not in page.text or page.texts("td", "hours-total") != ["1.75"]:
        missing(mine, "read the sum", "the hours do not add up to 1.75", item=second)
