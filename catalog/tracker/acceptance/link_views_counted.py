"""Views of a link are counted, and not those of another link or of none."""

from itertools import pairwise

from agents.web.browser import Browser
from agents.web.page import Page, visible
from catalog.checking import Customer, missing
from catalog.tracker.steps import new_project


async def accept(scene: Customer) -> None:
    mine = await scene.enter(scene.owner)
    project = await new_project(mine, f"Project {scene.nonce()}")
    links: list[str] = []
    for _ in range(2):
        await mine.go(f"{project}/share", "open the form")
        page = await mine.press("Create share link", {}, "make a link", expect=(201,))
        links.append(next((link.target for link in page.links if "/share/" in link.target), ""))
    await see(mine, f"{project}/share", ["0", "0"])
    if last_viewed(mine.page) != ["–", "–"]:
        missing(mine, "see that nobody has looked", "a new link has been viewed", item=project)
    theirs, before = await scene.enter(scene.member), scene.now
    for _ in range(2):
        await theirs.go(links[0], "open the link")
    await theirs.go("/share/" + "x" * 43, "open no link", expect=(404,))
    await see(mine, f"{project}/share", ["0", "2"])
    days = {f"{moment:%d %b %Y}" for moment in (before, scene.now)}
    if last_viewed(mine.page)[0] != "–" or last_viewed(mine.page)[1] not in days:
        missing(mine, "see when it was", f"the last views were {last_viewed(mine.page)}", item=project)
    await theirs.go(links[1], "open the other link")
    await see(mine, "/share-links", ["1", "2"])


async def see(tab: Browser, address: str, wanted: list[str]) -> None:
    """The views in a table of links, from the newest link to the oldest, begin as they should."""
    views = (await tab.go(address, "open the links")).texts("td", "views")[: len(wanted)]
    if views != wanted:
        missing(tab, "see the views", f"the views are {views} and not {wanted}", item=address)


def last_viewed(page: Page) -> list[str]:
    """What the cells after those of the views say."""
    cells = page.main.split("<td")
    pairs = pairwise(cells)
    return [visible(f"<td{after}") for cell, after in pairs if "views" in cell.partition(">")[0]]
