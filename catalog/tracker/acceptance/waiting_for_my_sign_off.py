"""Who is named finds the tasks that wait for them on one page, until they have signed them off."""

from agents.web.browser import Browser
from catalog.checking import Customer, Person, missing
from catalog.tracker.steps import new_project, new_task, set_status

MANY = 25


async def accept(scene: Customer) -> None:
    mine, theirs = await scene.enter(scene.owner), await scene.enter(scene.member)
    project = await new_project(mine, f"Project {scene.nonce()}")
    first, second, third = [scene.nonce() for _ in range(3)]
    one, two = await waiting(mine, project, first, scene.member), await waiting(mine, project, second, scene.member)
    await waiting(mine, project, third, scene.owner)
    await look(theirs, here=[first, second], gone=[third])
    await look(mine, here=[third], gone=[first, second])
    await theirs.go(one, "open the first task")
    await theirs.follow("Sign-off", "open the sign-off")
    await theirs.press("Sign off", {}, "sign off")
    await set_status(mine, one, "Doing")
    await look(theirs, here=[second], gone=[first, third])
    await name(mine, two, scene.owner.name)
    await look(theirs, here=[], gone=[first, second, third])
    await look(mine, here=[second, third], gone=[first])
    finished = await new_task(mine, project, first, {"Status": "Done"})
    await name(mine, finished, scene.member.name)
    await look(theirs, here=[], gone=[first])
    await set_status(mine, finished, "To do")
    await look(theirs, here=[first], gone=[])
    for count in range(MANY):
        await waiting(mine, project, f"{third}-{count}", scene.member)
    await look(theirs, here=[f"{third}-{count}" for count in range(MANY)], gone=[first])
    page = await theirs.follow("Next page", "see the older ones")
    if page.link(first) is None:
        missing(theirs, "see the older ones", "the next page has not the older ones", item=first)


async def waiting(tab: Browser, project: str, title: str, signer: Person) -> str:
    """A new task that waits for somebody's sign-off; its address."""
    task = await new_task(tab, project, title)
    await name(tab, task, signer.name)
    return task


async def name(tab: Browser, task: str, who: str) -> None:
    """Say who has to sign a task off."""
    await tab.go(task, "open the task")
    await tab.follow("Sign-off", "open the sign-off")
    await tab.press("Save sign-off", {"Who signs off": who}, "say who signs off")


async def look(tab: Browser, here: list[str], gone: list[str]) -> None:
    """The page has some tasks, and not the others."""
    await tab.go("/notifications", "open the notifications")
    page = await tab.follow("Waiting for my sign-off", "see what waits")
    for title in here:
        if page.link(title) is None:
            missing(tab, "see what waits", "a task that waits for them is not there", item=title)
    for title in gone:
        if page.link(title) is not None:
            missing(tab, "see what waits", "a task that does not wait for them is there", item=title)
