"""Projects are found by their notes, by present words only."""

from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, search


async def accept(scene: Customer) -> None:
    name, first, second = f"Project {scene.nonce()}", scene.nonce(), scene.nonce()
    tab = await scene.enter(scene.owner)
    project = await new_project(tab, name)
    await tab.follow("Project settings", "open the settings")
    await tab.press("Save note", {"Note": f"Supplier ÄRGER {first}"}, "write the note")
    await search(tab, f"{first} ärger")
    if tab.page.link(name) is None:
        missing(tab, "find the project", "the search does not know its note", item=first)
    await tab.go(f"{project}/settings", "open the settings")
    await tab.press("Save note", {"Note": second}, "change the note")
    await search(tab, second)
    if tab.page.link(name) is None:
        missing(tab, "find the project again", "the search does not know the new note", item=second)
    await search(tab, first)
    if tab.page.link(name) is not None:
        missing(tab, "look for the old words", "the search still knows the old note", item=first)
