"""A link with a password: closed for whoever lacks it, open for whoever has it, and void when it is revoked."""

from agents.web.browser import Browser
from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project, new_task


async def accept(scene: Customer) -> None:
    title, late, words, password = (scene.nonce() for _ in range(4))
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    task = await new_task(mine, project, title, {"Description": words})
    await mine.go(f"{project}/share", "open the form")
    await mine.press("Create share link", {"Password": "short"}, "choose a short password", expect=(422,))
    plain = await link_to(mine, task, "")
    closed = await link_to(mine, project, f"{password} & more")
    theirs = await scene.enter(scene.member)
    if words not in (await theirs.go(plain, "open the link without one")).text:
        missing(theirs, "read the task", "a link without a password shows nothing", item=words)
    page = await theirs.go(closed, "open the link", expect=(200, 401))
    if title in theirs.answer.text or page.form("Open") is None:
        missing(theirs, "be asked for the password", "the link does not ask for its password", item=title)
    page = await theirs.press("Open", {"Password": f"{password} & less"}, "send a wrong one", expect=(401,))
    if title in theirs.answer.text:
        missing(theirs, "be kept out", "a wrong password opens the link", item=title)
    page = await theirs.press("Open", {"Password": f"{password} & more"}, "send the password")
    if title not in page.text:
        missing(theirs, "read the project", "the right password does not open the link", item=title)
    await new_task(mine, project, late)
    if late not in (await theirs.go(closed, "open the link again")).text:
        missing(theirs, "read what is new", "the link does not stay open for that browser", item=late)
    page = await mine.go(closed, "open it oneself", expect=(200, 401))
    if late in mine.answer.text:
        missing(mine, "be asked too", "the link is open for whoever has not sent the password", item=late)
    page = await mine.go(f"{project}/share", "open the links")
    if "with a password" not in page.text:
        missing(mine, "see which has one", "the table does not say it", item=title)
    await mine.press("Revoke share link 1", {}, "revoke the link")
    await theirs.go(closed, "open the revoked link", expect=(404,))


async def link_to(tab: Browser, address: str, password: str) -> str:
    """A new link to what is at that address."""
    await tab.go(f"{address}/share", "open the form")
    page = await tab.press("Create share link", {"Password": password}, "make a link", expect=(201,))
    return next((link.target for link in page.links if "/share/" in link.target), "")
