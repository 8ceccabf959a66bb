"""What a person knows of Folio's pages: labels, buttons and where things are (its docs/pages.md)."""

import re
from collections.abc import Sequence

from agents.users.accounts import Colleague, Item
from agents.users.journeys import Visit
from agents.users.products.invoicing.sums import Work, read, reckon, shown
from agents.users.products.invoicing.words import SUBJECTS
from agents.web.browser import Browser
from bus.messages.users import PainKind

HOST = "app.folio.example"
_DRAWN = re.compile(
    r"(?<=/view/)[a-z2-7]{12}/[\w-]+|(?<=/join/)[\w-]{20,}|(?<=/)[a-z2-7]{12}(?=[/?#\s\"'<]|$)|fol_[\w-]+"
    r"|\b[0-9a-f]{32,}\b"
)
_NUMBER = re.compile(r"(?:Invoice|Credit note) ((?:CN-)?([0-9]{4})-([0-9]{4,}))")
_SUM = r"(-?[0-9,]+\.[0-9]{2})"


def scrub(text: str) -> str:
    """Replace ids, tokens and signatures, which differ from run to run."""
    return _DRAWN.sub("…", text)


async def enter(visit: Visit, person: Colleague | None = None) -> Browser:
    """Open the product, logging in if the browser is not."""
    who = person or visit.person
    tab = visit.browser(who)
    await tab.go("/overview", "open the product", typed=True)
    if tab.target.startswith("/login"):
        await tab.press("Log in", {"Email": who.who.email, "Password": who.who.password}, "log in", pain="error")
    if tab.page.link("Invoices") is None:
        raise tab.failure("error", "log in", "the invoices are not there after logging in")
    return tab


def draft(visit: Visit, subject: str | None = None) -> Item:
    """A new invoice of which nobody knows yet, for a client that the customer has."""
    nonce = visit.nonce()
    client = visit.account.pick("client", visit.chance)
    return Item(
        kind="invoice",
        nonce=nonce,
        title=f"{subject or visit.chance.choice(SUBJECTS)} {nonce}",
        place=client.title if client else visit.account.notes["client"],
    )


async def write(tab: Browser, item: Item, lines: Sequence[Work], payment_days: int = 14) -> None:
    """Write a draft with its lines; what it comes to must be right after each of them."""
    await tab.follow("Invoices", "open the invoices")
    await tab.follow("New invoice", "open the form")
    head = {"Client": item.place, "Subject": item.title, "Payment days": str(payment_days)}
    await tab.press("Create draft", head, "create the draft")
    for count, line in enumerate(lines, 1):
        await add_line(tab, line)
        check_total(tab, reckon(lines[:count]).total, "add a line", item)
    sums = reckon(lines)
    for rate, tax in sums.taxes.items():
        check_text(tab, f"Tax {rate}% on {shown(sums.nets[rate])} {shown(tax)}", "add up the taxes", item)
    item.target = tab.target
    item.facts |= {"Total": shown(sums.total), "Open": shown(sums.total)}


async def add_line(tab: Browser, line: Work) -> None:
    """Type one line."""
    values = {
        "Description": line.description,
        "Quantity": line.quantity,
        "Unit price": line.price,
        "Discount %": line.discount,
        "Tax rate %": line.rate,
    }
    await tab.press("Add line", values, "add a line")


async def issue(visit: Visit, tab: Browser, item: Item, button: str = "Issue invoice") -> None:
    """Issue the draft that is open; between its number and the last one that is known there must be no gap."""
    await tab.press(button, {}, "issue it")
    found = _NUMBER.fullmatch(tab.page.heading)
    if found is None:
        raise tab.failure("failed_save", "issue it", "there is no number", item=item.nonce)
    item.facts["Number"] = found[1]
    series = f"last {found[1].rpartition('-')[0]}"
    before, number = visit.account.notes.get(series), int(found[3])
    visit.account.notes[series] = str(max(number, int(before or "0")))
    if before is None:
        return
    if number <= int(before):
        raise tab.failure("failed_save", "read the number", f"{found[1]} was given before", item=item.nonce)
    if number > int(before) + 1:  # something was issued by itself meanwhile: it must be there
        await _look_for_gaps(tab, item, found[1].rpartition("-")[0], range(int(before) + 1, number))


async def _look_for_gaps(tab: Browser, item: Item, series: str, missing: range) -> None:
    place = tab.target
    await tab.follow("Invoices", "look for the numbers between")
    for number in missing:
        if f"{series}-{number:04}" not in tab.page.text:
            raise tab.failure("lost_item", "look for the numbers between", f"{series}-{number:04} is missing")
    await tab.go(place, "back to the invoice")
    check_text(tab, item.title, "back to the invoice", item)


async def open_item(tab: Browser, item: Item, step: str = "open the invoice") -> None:
    """To something that must be there: by its known address, else by searching for its reference."""
    if item.target:
        await tab.go(item.target, step, expect=(200, 404))
        if tab.answer.status == 404:
            raise tab.failure("lost_item", step, "it is gone", item=item.nonce)
        return
    await search(tab, item.nonce, step)
    await follow_found(tab, item, step)


async def search(tab: Browser, words: str, step: str) -> None:
    """Use the search field."""
    await tab.press("Search", {"Search": words}, step, pain="error")


async def follow_found(tab: Browser, item: Item, step: str) -> None:
    """Click the document among what was found; it must be there."""
    name = f"Invoice {item.facts['Number']}" if "Number" in item.facts else None
    found = [link for link in tab.page.links if _NUMBER.fullmatch(link.text) and name in (None, link.text)]
    if not found or item.nonce not in tab.page.text:
        raise tab.failure("lost_item", step, "the search does not find the invoice", item=item.nonce)
    await tab.go(found[0].target, step)
    item.target = tab.target
    item.facts.setdefault("Number", found[0].text.removeprefix("Invoice "))


def check_text(tab: Browser, wanted: str, step: str, item: Item, kind: PainKind = "failed_save") -> None:
    """The page must say something."""
    if " ".join(wanted.split()) not in tab.page.text:
        raise tab.failure(kind, step, f"the page does not say {wanted[:80]!r}", item=item.nonce)


def check_total(tab: Browser, cents: int, step: str, item: Item, kind: PainKind = "failed_save") -> None:
    """The document must come to that sum."""
    found = amount_after(tab, "Total")
    if found != cents:
        seen = "nothing" if found is None else shown(found)
        raise tab.failure(kind, step, f"the total is {seen}, and should be {shown(cents)}", item=item.nonce)


def amount_after(tab: Browser, label: str) -> int | None:
    """The last amount on the page that follows that word."""
    found = re.findall(rf"\b{re.escape(label)} {_SUM}", tab.page.text)
    return read(found[-1]) if found else None


def check_invoice(tab: Browser, item: Item, step: str, kind: PainKind = "lost_item") -> None:
    """An issued invoice's page must say what it is known to say: number, subject, total, and what is open."""
    check_text(tab, item.title, step, item, kind)
    if "Number" in item.facts and tab.page.heading != f"Invoice {item.facts['Number']}":
        raise tab.failure(kind, step, f"it is {tab.page.heading[:40]!r} now", item=item.nonce)
    for label in ("Total", "Open"):
        wanted = read(item.facts[label])
        if amount_after(tab, label) != wanted:
            raise tab.failure(kind, step, f"{label.lower()} is not {item.facts[label]}", item=item.nonce)
    if read(item.facts["Open"]) == 0:
        check_text(tab, "Status Paid", step, item, kind)


def unpaid(visit: Visit) -> Item | None:
    """One of the invoices on which something is open."""
    open_ones = [item for item in visit.account.known("invoice") if read(item.facts["Open"])]
    return visit.chance.choice(open_ones) if open_ones else None


def settled(item: Item, cents: int) -> None:
    """Remember that less is open now."""
    item.facts["Open"] = shown((read(item.facts["Open"]) or 0) - cents)
