"""A project's fields: three kinds, values on a task, one deleted."""

from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task


async def accept(scene: Customer) -> None:
    customer, size, supplier, word = (scene.nonce() for _ in range(4))
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    await mine.follow("Project settings", "open the settings")
    await mine.follow("Fields", "open the fields")
    fields = mine.target
    for name, kind, choices in ((customer, "Text", ""), (size, "Number", ""), (supplier, "Choice", "North; South")):
        values = {"Field name": name, "Kind": kind, "Choices": choices}
        await mine.press("Add field", values, "add a field")
    for name, kind in ((customer.upper(), "Text"), ("", "Text"), (scene.nonce(), "Choice")):
        await mine.press("Add field", {"Field name": name, "Kind": kind, "Choices": ""}, "add no field", expect=(422,))
        await mine.go(fields, "open the fields")
    theirs = await scene.enter(scene.member)
    task = await new_task(theirs, project, scene.nonce())
    await theirs.follow("Fields", "open the task's fields")
    values = {customer: f"<{word}>", size: "2.50", supplier: "South"}
    await theirs.press("Save fields", values, "fill the fields")
    await theirs.press("Save fields", {size: "large"}, "fill one wrongly", expect=(422,))
    await mine.go(task, "open the task")
    page = await mine.follow("Fields", "open the task's fields")
    shown = " ".join(page.texts("dl", "fields"))
    for wanted in (f"{customer} <{word}>", f"{size} 2.5", f"{supplier} South"):
        if wanted not in shown or "2.50" in shown:
            missing(mine, "read the fields", f"the task does not show {wanted!r}", item=word)
    await mine.go(fields, "open the fields")
    await mine.press(f"Delete field {customer}", {}, "delete a field")
    await mine.go(task, "open the task")
    page = await mine.follow("Fields", "open the task's fields")
    if word in page.text or f"{size} 2.5" not in " ".join(page.texts("dl", "fields")):
        missing(mine, "read what is left", "the deleted field is there, or another is not", item=size)
