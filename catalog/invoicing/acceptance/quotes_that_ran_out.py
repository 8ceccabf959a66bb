"""Quotes that ran out are on one page, with client, day and total, until somebody does something about them."""

from datetime import timedelta

from agents.web.browser import Browser
from catalog.checking import Customer, missing
from catalog.invoicing.steps import issue, line, new_client, new_draft

MANY = 25


async def accept(scene: Customer) -> None:
    client, subject = f"Client {scene.nonce()}", scene.nonce()
    later, over = (str(scene.now.date() + timedelta(days=days)) for days in (12, -3))
    mine, theirs = await scene.enter(scene.owner), await scene.enter(scene.member)
    buyer = await new_client(mine, client)
    drafts = [await quote(mine, buyer, f"{subject}-{name}", over) for name in ("again", "back", "gone", "sold")]
    await quote(mine, buyer, f"{subject}-open", later)
    await new_draft(mine, buyer, f"{subject}-plain", line("1000.00"))
    page = await look(theirs, here=[f"{subject}-{name}" for name in ("sold", "gone", "back", "again")])
    if f"{subject}-again {client} {over} 1,190.00" not in page:
        missing(theirs, "read the row", "it does not say to whom, until when and how much", item=f"{subject}-again")
    if f"{subject}-open" in page or f"{subject}-plain" in page:
        missing(theirs, "see what has run out", "it has drafts that have not run out", item=subject)
    await offer(mine, drafts[0], later)
    await mine.go(drafts[1], "open the draft")
    await mine.follow("Quote", "open the form")
    await mine.press("Take quote back", {}, "take it back")
    await mine.go(drafts[2], "open the draft")
    await mine.press("Delete draft", {}, "delete it")
    await mine.go(drafts[3], "open the draft")
    await issue(mine)
    if subject in await look(theirs, here=[]):
        missing(theirs, "see what is left", "it has quotes that are done with", item=subject)
    await offer(mine, drafts[0], over)
    for number in range(MANY):
        await quote(mine, buyer, f"{subject}-{number}", over)
    page = await look(theirs, here=[f"{subject}-{number}" for number in reversed(range(MANY))])
    if f"{subject}-again" in page:
        missing(theirs, "see the newest", "the first page has more than 25 rows", item=subject)
    older = await theirs.follow("Next page", "see the older ones")
    if older.link(f"{subject}-again") is None:
        missing(theirs, "see the older ones", "the next page has not the oldest", item=subject)


async def quote(tab: Browser, client: str, subject: str, day: str) -> str:
    """Draft an invoice and offer it until that day; its address."""
    draft = await new_draft(tab, client, subject, line("1000.00"))
    await offer(tab, draft, day)
    return draft


async def offer(tab: Browser, draft: str, day: str) -> None:
    """Offer a draft until that day."""
    await tab.go(draft, "open the draft")
    await tab.follow("Quote", "open the form")
    await tab.press("Offer as a quote", {"Valid until": day}, "offer it as a quote")


async def look(tab: Browser, here: list[str]) -> str:
    """The page has links to these quotes, in that order; all that it says."""
    await tab.go("/overview", "open the overview")
    page = await tab.follow("Quotes", "see what has run out")
    found = [link.text for link in page.links if link.text in here]
    if found != here or "Quotes that have run out" not in page.text:
        missing(tab, "see what has run out", f"of {here} it has {found}", item=here[0] if here else None)
    return page.text
