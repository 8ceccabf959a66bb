"""A link gets another password, and then none: the old one is void, and whoever had opened it is asked again."""

from agents.web.browser import Browser
from catalog.checking import Customer, missing
from catalog.tracker.steps import task_in_project

CHANGE = "Change password of share link 1"
FIELD = "New password for share link 1"


async def accept(scene: Customer) -> None:
    title, old, new = (scene.nonce() for _ in range(3))
    mine = await scene.enter(scene.owner)
    task = await task_in_project(mine, title)
    await mine.go(f"{task}/share", "open the form")
    page = await mine.press("Create share link", {"Password": f"{old} old"}, "make a link", expect=(201,))
    link = next((link.target for link in page.links if "/share/" in link.target), "")
    theirs = await scene.enter(scene.member)
    await try_password(theirs, link, f"{old} old", title)
    await change(mine, task, "short", status=422)
    if title not in (await theirs.go(link, "open the link again")).text:
        missing(theirs, "read the task still", "a refused change has closed the link", item=title)
    await change(mine, task, f"{new} new")
    await theirs.go(link, "open the link after the change", expect=(200, 401))
    if title in theirs.answer.text:
        missing(theirs, "be asked again", "the link is still open for whoever knew the old password", item=title)
    await theirs.press("Open", {"Password": f"{old} old"}, "send the old password", expect=(401,))
    await try_password(theirs, link, f"{new} new", title)
    await change(mine, task, "")
    if title not in (await mine.go(link, "open the link without a password")).text:
        missing(mine, "read the task", "the link still asks for a password", item=title)


async def change(tab: Browser, task: str, password: str, *, status: int = 200) -> None:
    """Give the only link to a task another password."""
    await tab.go(f"{task}/share", "open the links")
    await tab.press(CHANGE, {FIELD: password}, "change the password", expect=(status,))


async def try_password(tab: Browser, link: str, password: str, title: str) -> None:
    """Open a link with its password, and read what it shows."""
    await tab.go(link, "open the link", expect=(200, 401))
    page = await tab.press("Open", {"Password": password}, "send the password")
    if title not in page.text:
        missing(tab, "read the task", "the right password does not open the link", item=title)
