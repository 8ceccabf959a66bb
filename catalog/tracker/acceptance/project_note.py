"""A note on a project: written by the owner, read and changed by a member."""

from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project


async def accept(scene: Customer) -> None:
    first, second = scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    await mine.follow("Project settings", "open the settings")
    await mine.press("Save note", {"Note": f"Documents: <shelf> {first}\nand more"}, "write the note")
    theirs = await scene.enter(scene.member)
    page = await theirs.go(project, "open the project")
    if f"Documents: <shelf> {first} and more" not in page.text:
        missing(theirs, "read the note", "the project does not show its note", item=first)
    await theirs.follow("Project settings", "open the settings")
    await theirs.press("Save note", {"Note": second}, "change the note")
    page = await mine.go(project, "open the project again")
    if second not in page.text or first in page.text:
        missing(mine, "read the changed note", "the project does not show its new note", item=second)
