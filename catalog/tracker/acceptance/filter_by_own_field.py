"""A project's list, filtered by one of its own fields."""

from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task


async def accept(scene: Customer) -> None:
    word, size = scene.nonce(), scene.nonce()
    first, second = scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    await mine.follow("Project settings", "open the settings")
    await mine.follow("Fields", "open the fields")
    await mine.press("Add field", {"Field name": "Customer", "Kind": "Text"}, "add a field")
    await mine.press("Add field", {"Field name": size, "Kind": "Number"}, "add a field")
    for title, value, number in ((first, f"Ärger {word}", "2.5"), (second, f"{word} and more", "25")):
        await new_task(mine, project, title)
        await mine.follow("Fields", "open the task's fields")
        await mine.press("Save fields", {"Customer": value, size: number}, "fill the fields")
    theirs = await scene.enter(scene.member)
    for field, value, found in (
        ("Customer", f"ärger {word.upper()}", {first}),
        ("Customer", word, set[str]()),
        (size, "2.50", {first}),
        (size, "25", {second}),
        (size, "", {first, second}),
    ):
        await theirs.go(project, "open the project")
        page = await theirs.press("Filter by field", {"Field": field, "Field value": value}, "filter the list")
        if {title for title in (first, second) if page.link(title)} != found:
            missing(theirs, "read the filtered list", f"{value!r} does not find what has it", item=first)
