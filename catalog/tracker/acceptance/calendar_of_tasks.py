"""A month's calendar: what is due, and what begins."""

from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task


async def accept(scene: Customer) -> None:
    title, done = scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    await new_task(mine, project, done, {"Due date": "2028-02-29", "Status": "Done"})
    await new_task(mine, project, title, {"Due date": "2028-02-29"})
    await mine.follow("Plan", "open the plan")
    await mine.press("Save plan", {"Start date": "2028-01-31", "Estimate in hours": ""}, "save the plan")
    theirs = await scene.enter(scene.member)
    await theirs.go("/my-tasks", "open my tasks")
    await theirs.follow("Calendar", "open the calendar")
    page = await theirs.go("/calendar?month=2028-02", "open February")
    if "February 2028" not in page.text or page.texts("td", "day-2028-02-29") != [f"29 {title}"]:
        missing(theirs, "see what is due", "February 29 does not show what is due", item=title)
    page = await theirs.follow("Previous month", "open January")
    cell = page.texts("td", "day-2028-01-31")
    if page.link(title) is None or not cell or f"Begins: {title}" not in cell[0]:
        missing(theirs, "see what begins", "January 31 does not show what begins", item=title)
    await theirs.go("/calendar?month=2028-13", "open no month", expect=(422,))
