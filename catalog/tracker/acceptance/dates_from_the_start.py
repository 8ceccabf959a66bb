"""Templates with days: the due date is filled from today, and from a first day that somebody chooses."""

from datetime import timedelta

from agents.web.browser import Browser
from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project


async def accept(scene: Customer) -> None:
    soon, bare, title = (scene.nonce() for _ in range(3))
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    await mine.go(f"{project}/tasks/new", "open the form")
    await mine.follow("Templates", "open the templates")
    shelf = mine.target
    for name, days in ((soon, "30"), (bare, "")):
        await mine.press(
            "Save template", {"Template name": name, "Title": title, "Due after days": days}, "save a template"
        )
    for wrong in ("-1", "1.5", "soon", "3651"):
        content = {"Template name": f"{soon} {wrong}", "Title": title, "Due after days": wrong}
        await mine.press("Save template", content, "save one with wrong days", expect=(422,))
        await mine.go(shelf, "open the templates")
    theirs = await scene.enter(scene.member)
    await theirs.go(shelf, "open the templates")
    await theirs.follow(soon, "use the template")
    using = theirs.target
    days = {str(scene.now.date() + timedelta(days=30 + around)) for around in (-1, 0, 1)}
    if due_date(theirs) not in days:
        missing(theirs, "read the due date", f"the due date is {due_date(theirs)!r}", item=title)
    await theirs.press("Fill in dates", {"Start": "2028-02-01"}, "choose a first day")
    page = await theirs.press("Create task", {}, "create a task")
    if page.heading != title or "2028-03-02" not in page.text:
        missing(theirs, "read the task", "it is not due 30 days after the start", item=title)
    await theirs.go(using, "use the template again")
    await theirs.press("Fill in dates", {"Start": "soon"}, "choose no day", expect=(422,))
    await theirs.go(shelf, "open the templates")
    await theirs.follow(bare, "use the template without days")
    if due_date(theirs) != "":
        missing(theirs, "read no due date", f"the due date is {due_date(theirs)!r}", item=title)


def due_date(tab: Browser) -> str | None:
    """What the field says in the form of the new task."""
    form = tab.page.form("Create task")
    field = form.labelled("Due date") if form else None
    return field.value if field else None
