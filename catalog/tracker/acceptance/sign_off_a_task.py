"""A task is not done before the person who is named has signed it off, whichever way somebody tries."""

from agents.web.browser import Browser
from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task, send_altered, set_status


async def accept(scene: Customer) -> None:
    title, free = scene.nonce(), scene.nonce()
    mine, theirs = await scene.enter(scene.owner), await scene.enter(scene.member)
    project = await new_project(mine, f"Project {scene.nonce()}")
    await set_status(mine, await new_task(mine, project, free), "Done")
    task = await new_task(mine, project, title)
    await name(mine, task, scene.member.name)
    if mine.page.form("Sign off") is not None:
        missing(mine, "leave the sign-off to others", "who is not named can sign off", item=title)
    await mine.go(task, "open the task")
    await mine.press("Update status", {"Status": "Done"}, "be done too early", expect=(422,))
    await theirs.go(task, "open the task")
    await theirs.follow("Edit task", "open the form")
    await theirs.press("Save changes", {"Status": "Done"}, "be done too early", expect=(422,))
    await mine.go(project, "open the project")
    picked = {f"Select {title}": True, "Set status": "Done"}
    await mine.press("Change selected tasks", picked, "be done with several", expect=(422,))
    program = await scene.program(scene.owner)
    read = await program.call("GET", f"/api/v1{task}", "read the task")
    done = {"status": "done", "version": read["version"]}
    await program.call("PATCH", f"/api/v1{task}", "be done by API", done, expect=(422,))
    if (await program.call("GET", f"/api/v1{task}", "read it again"))["status"] != "todo":
        missing(mine, "wait for the sign-off", "the task is done without it", item=title)
    await set_status(mine, task, "Doing")
    await sign(theirs, task)
    await name(mine, task, scene.member.name)
    await set_status(mine, task, "Done")
    await set_status(mine, task, "To do")
    await name(theirs, task, scene.owner.name)
    await send_altered(theirs, "Save sign-off", "sign off for another", action=await action(mine, task))
    if theirs.answer.status != 403:
        missing(theirs, "leave the sign-off to others", f"signing for another is status {theirs.answer.status}")
    await mine.go(task, "open the task")
    await mine.press("Update status", {"Status": "Done"}, "be done with another's sign-off", expect=(422,))
    await name(mine, task, "Nobody")
    await set_status(mine, task, "Done")


async def name(tab: Browser, task: str, who: str) -> None:
    """Say who has to sign a task off."""
    await tab.go(task, "open the task")
    await tab.follow("Sign-off", "open the sign-off")
    await tab.press("Save sign-off", {"Who signs off": who}, "say who signs off")
    await tab.go(task, "open the task")
    page = await tab.follow("Sign-off", "open the sign-off")
    if who not in " ".join(page.texts("dl", "sign-off")):
        missing(tab, "read who signs off", "the page does not say who signs off", item=task)


async def sign(tab: Browser, task: str) -> None:
    """Sign it off."""
    await tab.go(task, "open the task")
    page = await tab.follow("Sign-off", "open the sign-off")
    if not " ".join(page.texts("dl", "sign-off")).endswith("–"):
        missing(tab, "see that it waits", "the page shows a sign-off that nobody gave", item=task)
    page = await tab.press("Sign off", {}, "sign off")
    if page.form("Sign off") is not None:
        missing(tab, "sign off once", "the task can be signed off again", item=task)
    if " ".join(page.texts("dl", "sign-off")).endswith("–"):
        missing(tab, "see the sign-off", "the page does not show when it was signed off", item=task)


async def action(tab: Browser, task: str) -> str:
    """Where the button of who is named leads to."""
    await tab.go(task, "open the task")
    form = (await tab.follow("Sign-off", "open the sign-off")).form("Sign off")
    if form is None:
        missing(tab, "be asked to sign off", "who is named has no button", item=task)
    return form.action
