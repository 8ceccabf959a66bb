"""A template of a project: written by the owner, used by the member, deleted without harm to its tasks."""

from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project


async def accept(scene: Customer) -> None:
    name, title, words, own = (scene.nonce() for _ in range(4))
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    await mine.follow("New task", "open the form")
    await mine.follow("Templates", "open the templates")
    shelf = mine.target
    content = {"Title": f"<{title}>", "Description": f"First this.\n\nThen {words} & that.", "Priority": "High"}
    await mine.press("Save template", {"Template name": f"<{name}>", **content}, "save a template")
    await mine.press("Save template", {"Template name": f"<{name}>", **content}, "save it twice", expect=(409, 422))
    await mine.go(shelf, "open the templates")
    await mine.press("Save template", {"Template name": " ", **content}, "save one without a name", expect=(422,))
    theirs = await scene.enter(scene.member)
    await theirs.go(shelf, "open the templates")
    page = await theirs.follow(f"<{name}>", "use the template")
    form = page.form("Create task")
    fields = {each.label: each.shown for each in form.fields} if form else {}
    if (
        fields.get("Title") != f"<{title}>"
        or fields.get("Priority") != "High"
        or words not in fields.get("Description", "")
    ):
        missing(theirs, "use the template", "the form is not filled as the template says", item=title)
    page = await theirs.press("Create task", {"Title": own}, "create a task")
    task = theirs.target
    if page.heading != own or f"Then {words} & that." not in page.text or "High" not in page.text:
        missing(theirs, "read the task", "the task does not say what the template does", item=words)
    await theirs.go(shelf, "open the templates")
    page = await theirs.press(f"Delete template <{name}>", {}, "delete the template")
    if page.link(f"<{name}>") is not None:
        missing(theirs, "see it gone", "the deleted template is still offered", item=name)
    page = await mine.go(task, "open the task")
    if words not in page.text:
        missing(mine, "read the task again", "the task went with its template", item=words)
    if title in (await mine.go(project, "open the project")).text:
        missing(mine, "see the project's tasks", "a task was made before anybody asked for it", item=title)
