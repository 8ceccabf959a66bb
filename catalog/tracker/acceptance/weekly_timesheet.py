"""One's own week by day and task, and the week before."""

from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task


async def accept(scene: Customer) -> None:
    title, other = scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    task = await new_task(mine, project, title)
    second = await new_task(mine, project, other)
    for address, day, amount in ((task, "2027-01-11", "2"), (task, "2027-01-12", "1.5"), (second, "2027-01-04", "4")):
        await mine.go(address, "open a task")
        await mine.follow("Hours", "open the hours")
        await mine.press("Add hours", {"Hours": amount, "Day": day}, "note hours")
    await mine.go("/my-tasks", "open my tasks")
    await mine.follow("Timesheet", "open the timesheet")
    page = await mine.go("/timesheet?week=2027-01-17", "open the week of January 11")
    if page.link(title) is None or page.link(other) is not None or "2.00 1.50" not in page.text:
        missing(mine, "read the week", "the week does not show its hours by day", item=title)
    if page.texts("td", "hours-total") != ["3.50"]:
        missing(mine, "read the sum", "the week's hours do not add up to 3.50")
    page = await mine.follow("Previous week", "go a week back")
    if page.link(other) is None or page.texts("td", "hours-total") != ["4.00"]:
        missing(mine, "read the week before", "the week before is not shown", item=other)
    theirs = await scene.enter(scene.member)
    page = await theirs.go("/timesheet?week=2027-01-11", "open the timesheet")
    if page.link(title) is not None or page.texts("td", "hours-total") != ["0.00"]:
        missing(theirs, "read one's own week", "the timesheet shows somebody else's hours", item=title)
