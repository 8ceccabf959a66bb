"""Drafts of invoices and credit notes: written, changed and thrown away freely, until they are issued."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from invoicing import audit, money
from invoicing.firms import MOST_PAYMENT_DAYS
from invoicing.inputs import Inputs, fold
from invoicing.people import Person
from invoicing.refusals import Conflict, NotFound
from invoicing.tables import Client, Document, Item, Line

MOST_LINES = 100
MOST_QUANTITY = 10**9
"""A million, in thousandths."""
MOST_PRICE_CENTS = 10**9
MOST_NOTES = 2_000


@dataclass(frozen=True)
class Head:
    """What a draft says besides its lines."""

    subject: str
    notes: str
    payment_days: int


@dataclass(frozen=True)
class LineInput:
    """One line as it is written."""

    description: str
    unit: str
    quantity_milli: int
    unit_price_cents: int
    discount_rate: int
    tax_rate: int


def read_head(inputs: Inputs, payment_days: int) -> Head:
    """Read a draft's head; ``payment_days`` are the firm's, if nothing is said."""
    return Head(
        subject=inputs.text("subject", "Subject"),
        notes=inputs.text("notes", "Notes", least=0, most=MOST_NOTES, lines=True),
        payment_days=inputs.whole("payment_days", "Payment days", 0, MOST_PAYMENT_DAYS, payment_days),
    )


def read_line(inputs: Inputs, item: Item | None = None) -> LineInput:
    """Read a line; what it leaves out comes from a catalogue item, if one is named."""
    price_given = item is None or inputs.has("unit_price")
    return LineInput(
        description=_text_or(inputs, "description", "Description", 500, item.name if item else ""),
        unit=_text_or(inputs, "unit", "Unit", 20, item.unit if item else "", least=0),
        quantity_milli=inputs.decimal("quantity", "Quantity", 3, 1, MOST_QUANTITY, 1_000 if item else None),
        unit_price_cents=(
            inputs.decimal("unit_price", "Unit price", 2, -MOST_PRICE_CENTS, MOST_PRICE_CENTS)
            if price_given or item is None
            else item.unit_price_cents
        ),
        discount_rate=inputs.rate("discount", "Discount", 0),
        tax_rate=inputs.rate("tax_rate", "Tax rate", item.tax_rate if item else None),
    )


def _text_or(inputs: Inputs, name: str, label: str, most: int, default: str, *, least: int = 1) -> str:
    if default and not inputs.has(name):
        return default
    return inputs.text(name, label, most=most, least=least)


async def create(
    session: AsyncSession, person: Person, client: Client, head: Head, lines: Sequence[LineInput]
) -> Document:
    """Begin an invoice."""
    document = blank(client, currency=person.firm.currency, **vars(head))
    write_lines(document, lines)
    session.add(document)
    await session.flush()
    audit.record(session, person, "drafted", document.subject, document)
    return document


async def begin_credit(session: AsyncSession, person: Person, invoice: Document) -> Document:
    """Begin a credit note with all lines of an invoice: remove those that are not taken back."""
    if invoice.kind != "invoice" or invoice.state not in ("issued", "sent"):
        raise Conflict("Only an issued invoice can be credited.")
    document = blank(
        invoice.client,
        kind="credit_note",
        credits_id=invoice.id,
        subject=f"Credit for {invoice.number}",
        payment_days=0,
        currency=invoice.currency,
    )
    write_lines(document, copies(invoice))
    session.add(document)
    await session.flush()
    audit.record(session, person, "drafted a credit note for", invoice.number, document)
    return document


def blank(client: Client, **values: Any) -> Document:
    """Return a draft without lines, complete enough to be added up before it is stored."""
    return Document(firm_id=client.firm_id, client=client, **{"number": "", "notes": "", "lines": [], **values})


def copies(document: Document) -> list[LineInput]:
    """Return the lines of a document, to be written into another one."""
    return [
        LineInput(
            line.description,
            line.unit,
            line.quantity_milli,
            line.unit_price_cents,
            line.discount_rate,
            line.tax_rate,
        )
        for line in document.lines
    ]


async def change(session: AsyncSession, person: Person, document: Document, client: Client, head: Head) -> None:
    """Change a draft's head. A credit note stays with the client of its invoice."""
    require_draft(document)
    if document.kind == "credit_note" and client.id != document.client_id:
        raise Conflict("A credit note goes to the client of its invoice.")
    document.client = client
    for name, value in vars(head).items():
        setattr(document, name, value)
    add_up(document)
    audit.record(session, person, "changed the draft", document.subject, document)


async def add_line(session: AsyncSession, person: Person, document: Document, line: LineInput) -> None:
    """Write one more line."""
    require_draft(document)
    write_lines(document, [line])
    audit.record(session, person, "added a line to", document.subject, document)
    await session.flush()


async def change_line(
    session: AsyncSession, person: Person, document: Document, position: int, given: LineInput
) -> None:
    """Write a line anew."""
    require_draft(document)
    line = line_at(document, position)
    for name, value in vars(given).items():
        setattr(line, name, value)
    add_up(document)
    audit.record(session, person, "changed a line of", document.subject, document)


async def remove_line(session: AsyncSession, person: Person, document: Document, position: int) -> None:
    """Take a line out. The others keep their places."""
    require_draft(document)
    document.lines.remove(line_at(document, position))
    add_up(document)
    audit.record(session, person, "removed a line from", document.subject, document)
    await session.flush()


def line_at(document: Document, position: int) -> Line:
    """Return the line at a position."""
    for line in document.lines:
        if line.position == position:
            return line
    raise NotFound


async def delete(session: AsyncSession, person: Person, document: Document) -> None:
    """Throw a draft away: it has no number, so none is missing."""
    require_draft(document)
    audit.record(session, person, "deleted the draft", document.subject, document)
    await session.delete(document)
    await session.flush()


def require_draft(document: Document) -> None:
    """Refuse to change what is issued."""
    if not document.is_draft:
        raise Conflict(f"{document.number} is issued and cannot be changed. Write a credit note instead.")


def write_lines(document: Document, lines: Sequence[LineInput]) -> None:
    """Write lines at the end of a draft, and add it up."""
    if len(document.lines) + len(lines) > MOST_LINES:
        raise Conflict(f"A document can have at most {MOST_LINES} lines.")
    position = max((line.position for line in document.lines), default=0)
    for number, given in enumerate(lines, position + 1):
        document.lines.append(Line(position=number, net_cents=0, **vars(given)))
    add_up(document)


def add_up(document: Document) -> None:
    """Keep a draft's sums and its search text true."""
    for line in document.lines:
        line.net_cents = money.line_net(line)
    sums = money.totals(document.lines)
    document.net_cents, document.tax_cents = sums.net_cents, sums.tax_cents
    document.total_cents = sums.total_cents
    document.search_text = search_text(document)


def search_text(document: Document) -> str:
    """Return what searching reads: number, client, subject, notes, lines."""
    parts = [document.number, document.client.name, document.subject, document.notes]
    return fold("\n".join([*parts, *(line.description for line in document.lines)]))
