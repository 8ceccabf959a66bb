"""A quote: offered, read by its link, changed, run out, taken back, and made the invoice with one press."""

from datetime import timedelta
from urllib.parse import urlsplit

from agents.web.browser import Browser
from catalog.checking import Customer, missing
from catalog.invoicing.steps import cents, issue, line, new_client, new_draft

BUTTON, FIELD = "Offer as a quote", "Valid until"


async def accept(scene: Customer) -> None:
    subject, client, words = scene.nonce(), f"Client {scene.nonce()}", scene.nonce()
    later, over = (str(scene.now.date() + timedelta(days=days)) for days in (12, -3))
    mine, theirs = await scene.enter(scene.owner), await scene.enter(scene.member)
    draft = await new_draft(mine, await new_client(mine, client), f"<{subject}>")
    await mine.follow("Quote", "open the form")
    await mine.press(BUTTON, {FIELD: later}, "offer nothing", expect=(409,))
    await mine.go(draft, "open the draft")
    await mine.press("Add line", line("100.00", description=words), "add a line")
    link = await offer(mine, draft, later)
    page = await theirs.go(link, "read the quote")
    if page.heading != f"Quote: <{subject}>" or not all(each in page.text for each in (client, words, later)):
        missing(theirs, "read the quote", "it does not say what is offered, to whom or until when", item=subject)
    comes_to(theirs, 11900)
    await mine.go(draft, "open the draft")
    await mine.press("Add line", line("20.00", rate="7"), "add a line")
    await theirs.go(link, "read the quote again")
    comes_to(theirs, 14040)
    page = await theirs.go(await offer(mine, draft, over), "read a quote that ran out")
    if "has run out" not in page.text or over in page.text:
        missing(theirs, "read a quote that ran out", "it does not say that it has run out", item=subject)
    link = await offer(mine, draft, later)
    page = await mine.press("Take quote back", {}, "take it back")
    if page.link("Quote link") is not None or "Quote valid until" in page.text:
        missing(mine, "take it back", "the page still says that it is offered", item=subject)
    await theirs.go(link, "read what was taken back", expect=(404,))
    link = await offer(mine, draft, later)
    await mine.go(draft, "open the draft")
    number = await issue(mine)
    comes_to(mine, 14040)
    page = await theirs.go(link, "read what the client sees")
    if number not in page.heading or words not in page.text:
        missing(theirs, "read what the client sees", "the link does not lead to the invoice", item=number)
    comes_to(theirs, 14040)


async def offer(tab: Browser, draft: str, day: str) -> str:
    """Offer a draft until that day; where its client reads it."""
    await tab.go(draft, "open the draft")
    await tab.follow("Quote", "open the form")
    page = await tab.press(BUTTON, {FIELD: day}, "offer it as a quote")
    link = page.link("Quote link")
    if link is None or f"Quote valid until {day}" not in page.text:
        missing(tab, "offer it as a quote", "the page does not say that it is offered", item=draft)
    return urlsplit(link.target).path


def comes_to(tab: Browser, total: int) -> None:
    """The page that is shown has that total, in cents."""
    found = cents(tab, "Total")
    if found != total:
        missing(tab, "read the total", f"it is {found} cents, not {total}")
