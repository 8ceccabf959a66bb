"""A board: tasks in columns, moved by buttons."""

from agents.web.browser import Browser
from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task


async def accept(scene: Customer) -> None:
    title, other = scene.nonce(), scene.nonce()
    mine, theirs = await scene.enter(scene.owner), await scene.enter(scene.member)
    project = await new_project(mine, f"Project {scene.nonce()}")
    await new_task(mine, project, title, {"Assignee": scene.member.name})
    await new_task(mine, project, other, {"Status": "Done"})
    await mine.go(project, "open the project")
    await mine.follow("Board", "open the board")
    in_columns(mine, title, todo=[title], done=[other])
    await mine.press(f"Move {title} to Doing", {}, "move a task")
    in_columns(mine, title, doing=[title], done=[other])
    await theirs.go(project, "open the project")
    page = await theirs.follow("Board", "open the board")
    if scene.member.name not in page.text:
        missing(theirs, "see whose it is", "the board does not show the assignee", item=title)
    await theirs.press(f"Move {title} to Done", {}, "move it on")
    await theirs.press(f"Move {other} to To do", {}, "move the other one back")
    in_columns(theirs, title, done=[title], todo=[other])
    page = await theirs.follow("List", "open the list")
    if page.link(title) is None or page.link("Board") is None:
        missing(theirs, "read the list", "the list is not shown", item=title)


def in_columns(tab: Browser, item: str, **wanted: list[str]) -> None:
    """Each column has those tasks and no others."""
    everything = [title for titles in wanted.values() for title in titles]
    for status in ("todo", "doing", "done"):
        shown = tab.page.texts("ul", f"column-{status}")
        titles = wanted.get(status, [])
        if len(shown) != 1 or any((title in shown[0]) != (title in titles) for title in everything):
            missing(tab, "look at the board", f"the column {status} has not {titles}", item=item)
