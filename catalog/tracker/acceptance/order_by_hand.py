"""Tasks are put in order by hand, and everybody sees it."""

from agents.web.browser import Browser
from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task


async def accept(scene: Customer) -> None:
    names = [scene.nonce() for _ in range(3)]
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    for name in names:
        await new_task(mine, project, name)
    await mine.go(project, "open the project")
    await mine.follow("Board", "open the board")
    first, second, third = names
    in_order(mine, [third, second, first])
    if mine.page.form(f"Move {third} up") or mine.page.form(f"Move {first} down"):
        missing(mine, "look at the ends", "the first can be moved up, or the last down", item=third)
    await mine.press(f"Move {first} up", {}, "move a task up")
    in_order(mine, [third, first, second])
    await mine.press(f"Move {third} down", {}, "move a task down")
    newest = scene.nonce()
    await new_task(mine, project, newest)
    theirs = await scene.enter(scene.member)
    await theirs.go(project, "open the project")
    await theirs.follow("Board", "open the board")
    in_order(theirs, [newest, first, third, second])
    await theirs.press(f"Move {first} to Doing", {}, "move one away")
    await theirs.press(f"Move {second} up", {}, "move a task up")
    await theirs.press(f"Move {first} to To do", {}, "move it back")
    in_order(theirs, [newest, first, second, third])


def in_order(tab: Browser, wanted: list[str]) -> None:
    """The first column has those tasks in that order."""
    shown = " ".join(tab.page.texts("ul", "column-todo"))
    places = [shown.find(name) for name in wanted]
    if -1 in places or places != sorted(places):
        missing(tab, "look at the order", f"the tasks are not in the order {wanted}", item=wanted[0])
