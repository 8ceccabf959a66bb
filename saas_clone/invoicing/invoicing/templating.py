"""Templates: Jinja2, with escaping always on."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from invoicing import documents, money
from invoicing.tables import Document

HERE = Path(__file__).parent

STATUS_NAMES = {
    "draft": "Draft",
    "issued": "Issued",
    "sent": "Sent",
    "partly_paid": "Partly paid",
    "paid": "Paid",
    "overdue": "Overdue",
    "written_off": "Written off",
}
KIND_NAMES = {"invoice": "Invoice", "credit_note": "Credit note"}
ROLE_NAMES = {"reader": "Reader", "bookkeeper": "Bookkeeper", "owner": "Owner"}
FILTER_NAMES = {
    "all": "All",
    "draft": "Drafts",
    "open": "Open",
    "overdue": "Overdue",
    "paid": "Paid",
    "written_off": "Written off",
    "credit_notes": "Credit notes",
}


@cache
def style_sheet() -> bytes:
    """Return the style sheet."""
    return (HERE / "static" / "style.css").read_bytes()


@cache
def style_address() -> str:
    """Return where it is; a new content has a new address, so browsers may keep it."""
    return f"/static/style.css?v={hashlib.sha256(style_sheet()).hexdigest()[:10]}"


@cache
def environment() -> Environment:
    """Return the environment of all pages; a template is compiled when it is first used."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(
        amount=money.amount,
        quantity=quantity,
        rate_number=rate_number,
        percent=percent,
        price=money.exact,
        day=day,
        moment=moment,
        title_of=title_of,
        as_options=as_options,
    )
    made.globals.update(
        statuses=STATUS_NAMES,
        kinds=KIND_NAMES,
        roles=ROLE_NAMES,
        filters=FILTER_NAMES,
        style=style_address(),
        status_of=documents.status,
        sums_of=money.totals,
        line=None,
    )
    return made


def compile_all() -> None:
    """Compile every template, for a process whose children share them."""
    for name in environment().list_templates():
        environment().get_template(name)


def quantity(milli: int) -> str:
    """Write a quantity without needless zeros."""
    return money.plain(milli, 3)


def percent(rate: int) -> str:
    """Write a rate, as in ``19%``."""
    return f"{money.plain(rate, 2)}%"


def rate_number(rate: int) -> str:
    """Write a rate into a form, as in ``19`` or ``7.5``."""
    return money.plain(rate, 2)


def day(value: date | None) -> str:
    """Write a date; a dash for none."""
    return value.isoformat() if value else "–"


def moment(value: datetime) -> str:
    """Write a moment."""
    return value.strftime("%Y-%m-%d %H:%M UTC")


def title_of(document: Document) -> str:
    """Name a document, as in ``Invoice 2026-0042`` or ``Draft: Website``."""
    if not document.number:
        return f"Draft: {document.subject}"
    return f"{KIND_NAMES[document.kind]} {document.number}"


def as_options(values: Iterable[str]) -> list[tuple[str, str]]:
    """Make options of values that are their own texts."""
    return [(value, value) for value in values]
