"""A rate is set by the owner; the file has hours and amounts, and no formulas."""

import csv
import io

from agents.web.browser import Browser
from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task


async def accept(scene: Customer) -> None:
    what, title = scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    task = await new_task(mine, project, title)
    await mine.follow("Hours", "open the hours")
    await mine.press("Add hours", {"Hours": "1.25", "Day": "2027-02-01", "For what": f"=SUM({what})"}, "note hours")
    await mine.go(project, "open the project")
    await mine.follow("Project settings", "open the settings")
    await mine.press("Save rate", {"Rate per hour": "80.50"}, "set the rate")
    await mine.go(f"{project}/settings", "open the settings")
    await mine.press("Save rate", {"Rate per hour": "much"}, "set no rate", expect=(422,))
    theirs = await scene.enter(scene.member)
    await theirs.go(project, "open the project")
    page = await theirs.follow("Hours", "open the project's hours")
    link = page.link("Download hours")
    if link is None:
        missing(theirs, "download the hours", "there is no link to the file", item=title)
    rows = list(csv.reader(io.StringIO((await theirs.download(link.target, "download the hours")).decode())))
    if rows[0] != ["Day", "Person", "Task", "Hours", "For what", "Amount"]:
        missing(theirs, "read the file", f"its columns are {rows[0]}", item=title)
    if rows[1:] != [["2027-02-01", scene.owner.email, title, "1.25", f"'=SUM({what})", "100.63"]]:
        missing(theirs, "read the file", f"its lines are {rows[1:]}", item=title)
    await mine.go(f"{project}/settings", "open the settings")
    await mine.press("Save rate", {"Rate per hour": ""}, "take the rate away")
    last = list(csv.reader(io.StringIO((await theirs.download(link.target, "download again")).decode())))[-1]
    if last[3:] != ["1.25", f"'=SUM({what})", ""]:
        missing(theirs, "read the file again", "there is an amount without a rate", item=title)
    await task_is_there(theirs, task, title)


async def task_is_there(tab: Browser, task: str, title: str) -> None:
    """The task is as it was."""
    if (await tab.go(task, "open the task")).heading != title:
        missing(tab, "open the task", "the task is another one", item=title)
