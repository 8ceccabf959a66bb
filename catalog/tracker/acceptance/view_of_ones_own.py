"""One person chooses the board, another keeps the list."""

from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task


async def accept(scene: Customer) -> None:
    title = scene.nonce()
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    await new_task(mine, project, title)
    await mine.go("/account", "open the account")
    await mine.press("Save view", {"Open projects as": "Board"}, "choose the board")
    await mine.press("Log out", {}, "log out")
    mine = await scene.enter(scene.owner)
    await mine.go("/projects", "open the projects")
    page = await mine.go(project, "open the project")
    if not page.texts("ul", "column-todo"):
        missing(mine, "see the board", "the project does not open as a board", item=title)
    page = await mine.follow("List", "open the list")
    if page.texts("ul", "column-todo") or page.link(title) is None:
        missing(mine, "see the list", "the link List does not lead to the list", item=title)
    page = await mine.go(f"{project}?status=todo", "filter the list")
    if page.texts("ul", "column-todo") or page.link(title) is None:
        missing(mine, "see the filtered list", "a filter does not lead to the list", item=title)
    theirs = await scene.enter(scene.member)
    page = await theirs.go(project, "open the project")
    if page.texts("ul", "column-todo") or page.link(title) is None:
        missing(theirs, "see the list", "somebody else's choice has changed it", item=title)
    await mine.go("/account", "open the account")
    await mine.press("Save view", {"Open projects as": "List"}, "choose the list again")
    page = await mine.go(project, "open the project")
    if page.texts("ul", "column-todo"):
        missing(mine, "see the list again", "the project still opens as a board", item=title)
