"""A template is corrected, in all projects that it is offered in; an older correction does not undo a newer one."""

from agents.web.browser import Browser
from agents.web.page import Page
from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project


async def accept(scene: Customer) -> None:
    name, other, words, late = (scene.nonce() for _ in range(4))
    mine = await scene.enter(scene.owner)
    elsewhere = await new_project(mine, f"Project {scene.nonce()}")
    project = await new_project(mine, f"Project {scene.nonce()}")
    for template in (name, other):
        await shelf(mine, project)
        content = {"Template name": template, "Title": "Draft", "Priority": "High"}
        await mine.press("Save template", content, "save a template")
    await mine.press(f"Offer {name} in all projects", {}, "offer a template")
    await mine.follow(f"Edit template {name}", "open the form")
    theirs = await scene.enter(scene.member)
    await shelf(theirs, project)
    await theirs.follow(f"Edit template {name}", "open the form")
    await theirs.press("Save changes", {"Title": f"<{words}>"}, "correct the template")
    await mine.press("Save changes", {"Title": late}, "correct what has changed since", expect=(409,))
    await shelf(mine, project)
    await mine.follow(f"Edit template {name}", "open the form again")
    await mine.press("Save changes", {"Template name": other}, "take another's name", expect=(409, 422))
    await shelf(mine, project)
    await mine.follow(f"Edit template {name}", "open the form once more")
    await mine.press("Save changes", {"Description": f"{late} & more"}, "correct it too")
    page = await shelf(theirs, elsewhere)
    if page.form(f"Stop offering {name}") is None or page.link(f"Edit template {name}") is not None:
        missing(theirs, "see what is offered", "the other project does not offer it as before", item=name)
    await theirs.follow(name, "use the template")
    page = await theirs.press("Create task", {}, "create a task")
    if page.heading != f"<{words}>" or f"{late} & more" not in page.text or "High" not in page.text:
        missing(theirs, "read the task", "the template does not say what it was corrected to", item=words)


async def shelf(tab: Browser, project: str) -> Page:
    """The templates of the project at that address."""
    await tab.go(f"{project}/tasks/new", "open the form")
    return await tab.follow("Templates", "open the templates")
