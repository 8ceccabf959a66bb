"""Steps that many checks of the invoicing product take. Tabs must be logged in; each step leaves the tab on the page it made."""

import re
from collections.abc import Mapping

from agents.web.browser import Browser

_SUM = r"(-?[0-9][0-9,]*\.[0-9]{2})(?![0-9])"

Line = Mapping[str, str]
"""What is typed into the fields of a line, by label."""


def line(price: str, quantity: str = "1", *, rate: str = "19", discount: str = "", description: str = "Work") -> Line:
    """A line as it is typed."""
    return {
        "Description": description,
        "Quantity": quantity,
        "Unit price": price,
        "Discount %": discount,
        "Tax rate %": rate,
    }


async def new_client(tab: Browser, name: str, email: str = "") -> str:
    """Add a client; its address."""
    await tab.go("/clients/new", "open the form")
    await tab.press("Add client", {"Client name": name, "Email": email}, "add a client")
    return tab.target


async def new_draft(tab: Browser, client: str, subject: str, *lines: Line, days: str = "14") -> str:
    """Draft an invoice for the client at that address; the draft's."""
    await tab.go(f"/invoices/new?client={client.rpartition('/')[2]}", "open the form")
    await tab.press("Create draft", {"Subject": subject, "Payment days": days}, "create a draft")
    for each in lines:
        await tab.press("Add line", each, "add a line")
    return tab.target


async def issue(tab: Browser, button: str = "Issue invoice") -> str:
    """Issue the draft that is shown; its number."""
    await tab.press(button, {}, "issue it")
    found = re.fullmatch(r"(?:Invoice|Credit note) ((?:CN-)?[0-9]{4}-[0-9]{4,})", tab.page.heading)
    if found is None:
        raise tab.failure("failed_save", "issue it", "there is no number")
    return found[1]


async def new_invoice(tab: Browser, client: str, subject: str, *lines: Line, days: str = "14") -> str:
    """Write and issue an invoice (of one line of 100.00 and 19 %, if none is given); its address."""
    await new_draft(tab, client, subject, *(lines or (line("100.00"),)), days=days)
    await issue(tab)
    return tab.target


async def pay(tab: Browser, amount: str, reference: str = "") -> None:
    """Record a payment for the invoice that is shown."""
    await tab.press("Record payment", {"Amount": amount, "Reference": reference}, "record a payment")


async def search(tab: Browser, words: str) -> None:
    """Use the search field of the page that is shown."""
    await tab.press("Search", {"Search": words}, "search", pain="error")


def cents(tab: Browser, label: str) -> int | None:
    """The last amount that follows that word on the page that is shown, in cents."""
    found = re.findall(rf"\b{re.escape(label)} {_SUM}", tab.page.text)
    return int(found[-1].replace(",", "").replace(".", "")) if found else None
