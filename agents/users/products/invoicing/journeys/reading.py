"""Looking at what is there: an invoice that must be as it was, the long list, words from everywhere."""

from agents.users.journeys import Journey, Visit
from agents.users.products.invoicing.site import (
    check_invoice,
    check_text,
    draft,
    enter,
    follow_found,
    open_item,
    search,
    write,
)
from agents.users.products.invoicing.sums import some_work
from agents.users.products.invoicing.words import ODD


async def browse(visit: Visit) -> None:
    """An issued invoice must say today what it said before."""
    tab = await enter(visit)
    await tab.follow("Invoices", "open the invoices")
    item = visit.account.pick("invoice", visit.chance)
    if item is None:
        return
    await open_item(tab, item)
    check_invoice(tab, item, "read the invoice")
    visit.share(item.target, item.nonce)


async def long_list(visit: Visit) -> None:
    """Leafing shows older ones on each page, none of them twice."""
    tab = await enter(visit)
    await tab.follow("Invoices", "open the invoices")
    seen: set[str] = set()
    for _ in range(4):
        rows = {link.target for link in tab.page.links if link.text.startswith(("Invoice ", "Credit note ", "Draft: "))}
        if not rows or rows & seen:
            raise tab.failure("stale_read", "leaf through the list", "a page repeats another, or shows nothing")
        seen |= rows
        if tab.page.link("Next page") is None:
            return
        await tab.follow("Next page", "leaf through the list")


async def odd_words(visit: Visit) -> None:
    """A subject in any script is stored as typed, found by its words, and not found by nonsense."""
    tab = await enter(visit)
    item = draft(visit, visit.chance.choice(ODD))
    await write(tab, item, some_work(visit.chance, 1))
    words = item.title.removesuffix(item.nonce).strip()
    await search(
        tab, f"{words.upper() if visit.chance.random() < 0.5 else words} {item.nonce}", "search for these words"
    )
    if tab.page.link(f"Draft: {item.title}") is None:
        raise tab.failure("lost_item", "search for these words", "the search does not find it", item=item.nonce)
    await tab.follow(f"Draft: {item.title}", "open what was found")
    check_text(tab, item.title, "read the draft", item, "lost_item")
    await search(tab, f"% {visit.nonce()} '", "search for something else")
    if tab.page.link(f"Draft: {item.title}") is not None:
        raise tab.failure("stale_read", "search for something else", "it finds what does not hold these words")


async def find_again(visit: Visit) -> None:
    """By its reference, and by its client and reference."""
    item = visit.account.pick("invoice", visit.chance)
    tab = await enter(visit)
    if item is None:
        return
    await search(tab, f"{item.place} {item.nonce}", "search for it")
    await follow_found(tab, item, "open what was found")
    check_invoice(tab, item, "read what was found")


browsing = Journey(
    name="browse",
    theme="lists",
    weights={"solo": 16, "team": 15, "business": 14},
    work={"page": 1, "list": 1, "document": 1, "search": 0.5, "login": 0.1},
    walk=browse,
    words="look at our invoices",
)
leafing = Journey(
    name="long_list",
    theme="lists",
    weights={"solo": 3, "team": 5, "business": 7},
    work={"page": 1, "list": 4, "login": 0.1},
    walk=long_list,
    words="go through the list of invoices",
)
odd = Journey(
    name="odd_words",
    theme="search",
    weights={"solo": 4, "team": 4, "business": 4},
    work={"page": 1, "list": 1, "form": 1, "write": 2, "document": 3, "search": 2, "login": 0.1},
    walk=odd_words,
    words="find an invoice with special characters",
)
finding = Journey(
    name="find_again",
    theme="search",
    weights={"solo": 7, "team": 7, "business": 7},
    work={"page": 1, "search": 1, "document": 1, "login": 0.1},
    walk=find_again,
    words="find an invoice",
)
