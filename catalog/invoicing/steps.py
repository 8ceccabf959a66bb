"""Steps that many checks of the invoicing product take. Tabs must be logged in; each step leaves the tab on the page it made."""

import csv
import io
import re
from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import urlsplit

from agents.web.browser import Browser
from catalog.checking import Scene

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


async def credit(tab: Browser) -> str:
    """Draft a credit note for all of the invoice that is shown; its address."""
    await tab.press("Create credit note", {}, "draft a credit note")
    return tab.target


async def set_zone(tab: Browser, zone: str) -> None:
    """Move the firm into another time zone."""
    await tab.go("/firm", "open the profile")
    await tab.press("Save profile", {"Time zone": zone}, "save the profile")


async def export(tab: Browser, period: str) -> list[list[str]]:
    """The export of a period, cell by cell, without its head."""
    raw = await tab.download(f"/reports/export.csv?period={period}", "export")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8", "replace"))))
    return rows[1:]


async def search(tab: Browser, words: str) -> None:
    """Use the search field of the page that is shown."""
    await tab.press("Search", {"Search": words}, "search", pain="error")


def cents(tab: Browser, label: str) -> int | None:
    """The last amount that follows that word on the page that is shown, in cents."""
    found = re.findall(rf"\b{re.escape(label)} {_SUM}", tab.page.text)
    return int(found[-1].replace(",", "").replace(".", "")) if found else None


def identity(address: str) -> str:
    """The id at the end of an address, as the API knows it."""
    return address.rpartition("/")[2]


def public_link(tab: Browser) -> str:
    """Where the client sees the document that is shown, without an account."""
    link = tab.page.link("Public link")
    if link is None:
        raise tab.failure("error", "look for the public link", "there is none")
    return urlsplit(link.target).path


def at_hour(scene: Scene, hour: int) -> None:
    """Let time pass until it is that hour in UTC, the next time."""
    later = scene.now.replace(hour=hour, minute=0, second=0, microsecond=0)
    if later <= scene.now:
        later += timedelta(days=1)
    scene.advance(seconds=(later - scene.now).total_seconds())


def next_quarter(day: date) -> date:
    """The first day of the quarter after that day's."""
    month = (day.month - 1) // 3 * 3 + 4
    return date(day.year, month, 1) if month < 13 else date(day.year + 1, 1, 1)


def quarter(day: date) -> str:
    """The quarter in which a day lies, as in 2027-Q1."""
    return f"{day.year}-Q{(day.month + 2) // 3}"
