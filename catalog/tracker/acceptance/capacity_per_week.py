"""A member's week is over its hours."""

from datetime import timedelta

from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task


async def accept(scene: Customer) -> None:
    mine = await scene.enter(scene.owner)
    theirs = await scene.enter(scene.member)
    project = await new_project(mine, f"Project {scene.nonce()}")
    day = scene.now.date() + timedelta(days=14 - scene.now.weekday())
    for offset, hours in ((0, "20"), (2, "3.5")):
        due = (day + timedelta(days=offset)).isoformat()
        values = {"Due date": due, "Assignee": scene.member.name}
        await new_task(mine, project, scene.nonce(), values)
        await mine.follow("Plan", "open the plan")
        await mine.press("Save plan", {"Start date": "", "Estimate in hours": hours}, "save the plan")
    await mine.go("/members", "open the members")
    page = await mine.follow("Capacity", "open the capacity")
    if "23.50 of 40" not in page.text or page.texts("td", "over"):
        missing(mine, "see the plan", "the week does not show 23.50 of 40", item=scene.member.name)
    field, button = f"Hours a week of {scene.member.name}", f"Save hours of {scene.member.name}"
    await mine.press(button, {field: "169"}, "say too many hours", expect=(422,))
    await mine.go("/members", "open the members")
    await mine.follow("Capacity", "open the capacity")
    await mine.press(button, {field: "20"}, "say the hours of a week")
    await theirs.go("/members", "open the members")
    page = await theirs.follow("Capacity", "open the capacity")
    if page.texts("td", "over") != ["23.50 of 20"]:
        missing(
            theirs, "see who has too much", "the week does not show 23.50 of 20 as too much", item=scene.member.name
        )
