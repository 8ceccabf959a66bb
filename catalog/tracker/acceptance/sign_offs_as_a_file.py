"""The file has each task for which somebody is named, with when they signed, for owners only."""

import csv
import io

from agents.web.browser import Browser
from catalog.checking import Customer, Person, missing
from catalog.tracker.steps import new_project, new_task, set_status

COLUMNS = ["Task", "Project", "Status", "Who signs off", "Signed off"]


async def accept(scene: Customer) -> None:
    signed, open_one, formula, free = [scene.nonce() for _ in range(4)]
    where = f"Project {scene.nonce()}"
    mine, theirs = await scene.enter(scene.owner), await scene.enter(scene.member)
    project = await new_project(mine, where)
    task = await new_task(mine, project, signed)
    await name(mine, task, scene.member)
    await theirs.go(task, "open the task")
    await theirs.follow("Sign-off", "open the sign-off")
    await theirs.press("Sign off", {}, "sign off")
    await set_status(mine, task, "Done")
    await name(mine, await new_task(mine, project, open_one), scene.owner)
    await name(mine, await new_task(mine, project, f"=1+{formula}"), scene.owner)
    await new_task(mine, project, free)
    await mine.go("/notifications", "open the notifications")
    page = await mine.follow("Waiting for my sign-off", "see what waits")
    link = page.link("Download sign-offs")
    if link is None:
        missing(mine, "download the sign-offs", "there is no link to the file", item=signed)
    rows = list(csv.reader(io.StringIO((await mine.download(link.target, "download the sign-offs")).decode())))
    if rows[0] != COLUMNS:
        missing(mine, "read the file", f"its columns are {rows[0]}", item=signed)
    lines = [row for row in rows[1:] if row[1] == where]
    wanted = [
        [signed, where, "done", scene.member.email],
        [open_one, where, "todo", scene.owner.email],
        [f"'=1+{formula}", where, "todo", scene.owner.email],
    ]
    if [row[:4] for row in lines] != wanted:
        missing(mine, "read the file", f"its lines are {lines}", item=signed)
    if not lines[0][4].startswith(f"{scene.now:%Y-}") or any(row[4] for row in lines[1:]):
        missing(mine, "read when", f"the file says {[row[4] for row in lines]}", item=signed)
    await theirs.go("/notifications", "open the notifications")
    page = await theirs.follow("Waiting for my sign-off", "see what waits")
    if page.link("Download sign-offs") is not None:
        missing(theirs, "leave the file to owners", "a member is offered the file", item=signed)
    await theirs.go(link.target, "try to download it", expect=(403,))


async def name(tab: Browser, task: str, who: Person) -> None:
    """Say who has to sign a task off."""
    await tab.go(task, "open the task")
    await tab.follow("Sign-off", "open the sign-off")
    await tab.press("Save sign-off", {"Who signs off": who.name}, "say who signs off")
