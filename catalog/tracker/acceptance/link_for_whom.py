"""Two links to one task, each for somebody: the right one is found, and revoked."""

from agents.web.page import visible
from catalog.checking import Customer, missing
from catalog.tracker.steps import task_in_project


async def accept(scene: Customer) -> None:
    title, lost, kept = (scene.nonce() for _ in range(3))
    mine = await scene.enter(scene.owner)
    task = await task_in_project(mine, title)
    links: dict[str, str] = {}
    for whom in (lost, kept):
        await mine.go(task, "open the task")
        await mine.follow("Share task", "open the form")
        await mine.press("Create share link", {"For": f"<{whom}>"}, "make a link", expect=(201,))
        links[whom] = next((link.target for link in mine.page.links if "/share/" in link.target), "")
    await mine.go(f"{task}/share", "open the links")
    await mine.press("Create share link", {"For": "x" * 101}, "make a link for too many", expect=(422,))
    theirs = await scene.enter(scene.member)
    page = await theirs.go(links[lost], "open a link")
    if title not in page.text or lost in page.text:
        missing(theirs, "read the task", "the link does not show the task alone", item=title)
    await mine.go("/share-links", "open all links")
    if f"<{lost}>" not in mine.page.text or f"<{kept}>" not in mine.page.text:
        missing(mine, "see whom links are for", "the page Share links does not say it", item=lost)
    page = await mine.go(f"{task}/share", "open the links")
    row = next((visible(row) for row in page.main.split("<tr") if f"<{lost}>" in visible(row)), "")
    if f"<{kept}>" in row or "Revoke share link" not in row:
        missing(mine, "find the link", "there is no row for that link", item=lost)
    number = row.partition("Revoke share link")[2].split()[0]
    await mine.press(f"Revoke share link {number}", {}, "revoke the link")
    await theirs.go(links[lost], "open the revoked link", expect=(404,))
    if title not in (await theirs.go(links[kept], "open the other link")).text:
        missing(theirs, "read the task still", "the wrong link was revoked", item=kept)
