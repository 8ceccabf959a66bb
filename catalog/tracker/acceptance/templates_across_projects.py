"""A template of one project is offered in another one, and is not when somebody stops that, or deletes it."""

from agents.web.browser import Browser
from agents.web.page import Page
from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project


async def accept(scene: Customer) -> None:
    name, kept, words, here = (scene.nonce() for _ in range(4))
    mine = await scene.enter(scene.owner)
    other = await new_project(mine, f"Project {here}")
    project = await new_project(mine, f"Project {scene.nonce()}")
    for template in (name, kept):
        await open_shelf(mine, project)
        content = {"Template name": template, "Title": template, "Description": words}
        await mine.press("Save template", content, "save a template")
    shelf = mine.target
    await mine.press(f"Offer {name} in all projects", {}, "offer a template")
    theirs = await scene.enter(scene.member)
    page = await open_shelf(theirs, other)
    shown = page.texts("ul", "templates-of-others")
    if len(shown) != 1 or name not in shown[0] or kept in page.text or page.form(f"Delete template {name}"):
        missing(theirs, "see what is offered", "the other project does not offer it as agreed", item=name)
    await theirs.follow(name, "use the template")
    page = await theirs.press("Create task", {}, "create a task")
    if page.heading != name or words not in page.text or page.link(f"Project {here}") is None:
        missing(theirs, "read the task", "it is not in the other project as the template says", item=words)
    await open_shelf(theirs, other)
    await theirs.press(f"Stop offering {name}", {}, "stop offering it")
    if (await open_shelf(theirs, other)).link(name) is not None:
        missing(theirs, "see it gone", "the other project still offers it", item=name)
    await mine.go(shelf, "open the templates")
    await mine.press(f"Offer {name} in all projects", {}, "offer it again")
    if (await open_shelf(theirs, other)).link(name) is None:
        missing(theirs, "see it again", "the other project does not offer it again", item=name)
    await mine.go(shelf, "open the templates")
    await mine.press(f"Delete template {name}", {}, "delete the template")
    if (await open_shelf(theirs, other)).link(name) is not None:
        missing(theirs, "see it deleted", "the other project still offers it", item=name)


async def open_shelf(tab: Browser, project: str) -> Page:
    """The templates of the project at that address."""
    await tab.go(f"{project}/tasks/new", "open the form")
    return await tab.follow("Templates", "open the templates")
