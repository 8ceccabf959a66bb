"""Issuing: a draft gets its number and is sealed. Then it is sent, and perhaps written off; nothing else about it changes."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from invoicing import audit, drafts, letters, money
from invoicing.documents import by_id
from invoicing.firms import letterhead
from invoicing.people import Person
from invoicing.refusals import Conflict
from invoicing.security import Signer
from invoicing.tables import Document, Firm, Numbering, TaxTotal

PREFIXES = {"invoice": "", "credit_note": "CN-"}


async def issue(session: AsyncSession, person: Person, document: Document) -> None:
    """Give a draft its number and date, and seal it."""
    drafts.require_draft(document)
    await seal(session, person.firm, document, person.today)
    audit.record(session, person, "issued", document.number, document)


async def seal(session: AsyncSession, firm: Firm, document: Document, today: date) -> None:
    """Do what issuing does, for people and for jobs. The number is drawn last: what is refused leaves no gap."""
    if not document.lines:
        raise Conflict("A document without lines cannot be issued.")
    if document.total_cents < 0:
        raise Conflict("The total is below zero. Write a credit note instead.")
    if document.kind == "credit_note":
        await _take_back(session, document)
    document.issued_on = today
    document.due_on = today + timedelta(days=document.payment_days)
    document.seller = letterhead(firm.name, firm.address, firm.vat_number)
    client = document.client
    document.buyer = letterhead(client.name, client.address, client.vat_number)
    sequence = await _next_number(session, firm, document.kind, today.year)
    document.year, document.sequence = today.year, sequence
    document.number = number_of(document.kind, today.year, sequence)
    document.search_text = drafts.search_text(document)
    document.state = "issued"
    for rate in money.totals(document.lines).rates:
        session.add(TaxTotal(document_id=document.id, **vars(rate)))
    await session.flush()


def number_of(kind: str, year: int, sequence: int) -> str:
    """Write a number, as in ``2026-0042`` or ``CN-2026-0007``."""
    return f"{PREFIXES[kind]}{year}-{sequence:04}"


async def _next_number(session: AsyncSession, firm: Firm, kind: str, year: int) -> int:
    """Draw the next number within this transaction: if it fails, the number was never drawn."""
    statement = select(Numbering).where(Numbering.firm_id == firm.id, Numbering.kind == kind, Numbering.year == year)
    numbering = await session.scalar(statement.with_for_update())
    if numbering is None:
        numbering = Numbering(firm_id=firm.id, kind=kind, year=year, last=0)
        session.add(numbering)
    numbering.last += 1
    await session.flush()
    return numbering.last


async def _take_back(session: AsyncSession, note: Document) -> None:
    """Count a credit note towards its invoice, of which no more can be taken back than it came to."""
    assert note.credits_id is not None
    invoice = await by_id(session, note.credits_id, lock=True)
    if invoice.state not in ("issued", "sent"):
        raise Conflict(f"{invoice.number} cannot be credited any more.")
    left = invoice.total_cents - invoice.credited_cents
    if note.total_cents > left:
        raise Conflict(f"Only {money.amount(left)} {invoice.currency} of {invoice.number} can still be credited.")
    invoice.credited_cents += note.total_cents


async def send(session: AsyncSession, person: Person, document: Document, signer: Signer, public_url: str) -> None:
    """Write the letter to the client. A second time sends no second letter."""
    if document.state == "sent":
        return
    if document.state != "issued":
        raise Conflict("Only an issued document can be sent.")
    letters.write(session, document, "document", letters.link(signer, public_url, document))
    document.state = "sent"
    audit.record(session, person, "sent", document.number, document)


async def write_off(session: AsyncSession, person: Person, document: Document) -> None:
    """Stop waiting for what is open. The tax report keeps the invoice: only a credit note takes that back."""
    if document.kind != "invoice" or document.state not in ("issued", "sent") or document.open_cents <= 0:
        raise Conflict("Only an invoice on which something is open can be written off.")
    document.state = "written_off"
    document.written_off_on = person.today
    audit.record(session, person, "wrote off", document.number, document)


async def renew_link(session: AsyncSession, person: Person, document: Document) -> None:
    """End the public link that is out there, and make a new one."""
    document.link_version += 1
    audit.record(session, person, "renewed the public link of", document.number, document)
