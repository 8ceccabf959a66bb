"""Attach a file, and get the same bytes back later."""

from agents.users.accounts import Item
from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import enter, open_task
from agents.web.browser import Browser, Upload

SIZES = (300, 4_000, 80_000, 120_000, 150_000, 400_000)
"""Bytes: notes, scans, photos, a catalogue."""


async def attach(visit: Visit) -> None:
    """The new file comes back byte by byte, to a colleague; so does one that was attached in an earlier session."""
    tab = await enter(visit)
    older = [item for item in visit.account.known("task") if item.files]
    if older:
        await _download(tab, visit.chance.choice(older), "get an older file")
    item = visit.account.pick("task", visit.chance)
    if item is None:
        return
    await open_task(tab, item)
    name, content = _file(visit)
    await tab.press("Upload file", {}, "attach the file", upload=Upload("File", name, content))
    if tab.page.link(name) is None:
        raise tab.failure("failed_save", "attach the file", "the file is not listed", item=item.nonce)
    item.files[name] = content
    reader = await enter(visit, visit.colleague())
    address = await _download(reader, item, "get the file")
    visit.share(address, name.removeprefix("offer-").removesuffix(".txt"))


def _file(visit: Visit) -> tuple[str, bytes]:
    nonce = visit.nonce()
    size = visit.chance.choice(SIZES) + visit.chance.randrange(200)
    text = f"Offer {nonce}\n".encode()
    return f"offer-{nonce}.txt", text + visit.chance.randbytes(size)


async def _download(tab: Browser, item: Item, step: str) -> str:
    """Get an item's newest file and return its address."""
    await open_task(tab, item, f"{step}: open the task")
    name = max(item.files)
    link = tab.page.link(name)
    if link is None:
        raise tab.failure("lost_item", step, f"the file {name} is gone", item=item.nonce)
    if await tab.download(link.target, step) != item.files[name]:
        raise tab.failure("lost_item", step, f"the file {name} has other content now", item=item.nonce)
    return link.target


journey = Journey(
    name="attach",
    theme="files",
    weights={"solo": 4, "team": 4, "business": 4},
    work={"list": 2, "task": 3.7, "write": 1, "file": 1.7, "login": 0.2},
    walk=attach,
    words="attach a file",
)
