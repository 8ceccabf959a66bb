"""Payments: recorded when money comes in, matched to the invoice that they pay."""

import re
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from invoicing import audit, documents, money
from invoicing.paging import Page, Window, newest
from invoicing.people import Person
from invoicing.refusals import Conflict, NotFound
from invoicing.tables import Document, Payment

_NUMBER = re.compile(r"(?<![0-9A-Za-z-])[0-9]{4}-[0-9]{4,}(?![0-9-])")


async def record(
    session: AsyncSession,
    person: Person,
    amount_cents: int,
    received_on: date,
    reference: str,
    document: Document | None = None,
) -> Payment:
    """Record a payment. Without a document, it is matched if its reference names one open invoice that it fits."""
    payment = Payment(firm_id=person.firm.id, amount_cents=amount_cents, received_on=received_on, reference=reference)
    session.add(payment)
    await session.flush()
    audit.record(session, person, "recorded a payment of", f"{money.amount(amount_cents)} ({reference})", document)
    if document is None:
        document = await _meant(session, person, payment)
    if document is not None:
        await match(session, person, payment, document)
    return payment


async def _meant(session: AsyncSession, person: Person, payment: Payment) -> Document | None:
    numbers = set(_NUMBER.findall(payment.reference))
    if len(numbers) != 1:
        return None
    found = await documents.open_by_number(session, person, numbers.pop())
    return found if found is not None and found.open_cents >= payment.amount_cents else None


async def match(session: AsyncSession, person: Person, payment: Payment, document: Document) -> None:
    """Say which invoice a payment pays: one that is open, and not more than is open."""
    if payment.document_id is not None:
        raise Conflict("This payment is matched already.")
    if document.kind != "invoice" or document.state not in ("issued", "sent"):
        raise Conflict("Payments go to issued invoices.")
    if payment.amount_cents > document.open_cents:
        still = f"{money.amount(document.open_cents)} {document.currency}"
        raise Conflict(f"Only {still} is open on {document.number}.")
    payment.document = document
    document.paid_cents += payment.amount_cents
    audit.record(session, person, "matched a payment to", document.number, document)
    await session.flush()


async def release(session: AsyncSession, person: Person, payment: Payment) -> None:
    """Take a wrong match back."""
    if payment.document_id is None:
        raise Conflict("This payment is not matched.")
    document = await documents.by_id(session, payment.document_id, lock=True)
    if document.state == "written_off":
        raise Conflict(f"{document.number} is written off.")
    document.paid_cents -= payment.amount_cents
    payment.document = None
    audit.record(session, person, "released a payment from", document.number, document)
    await session.flush()


async def get(session: AsyncSession, person: Person, public_id: str) -> Payment:
    """Return a payment."""
    payment = await session.scalar(_own(person).where(Payment.public_id == public_id))
    if payment is None:
        raise NotFound
    return payment


def _own(person: Person):
    return select(Payment).where(Payment.firm_id == person.firm.id).options(joinedload(Payment.document))


async def listed(session: AsyncSession, person: Person, window: Window, *, unmatched: bool = False) -> Page[Payment]:
    """List payments, the newest first."""
    statement = _own(person)
    if unmatched:
        statement = statement.where(Payment.document_id.is_(None))
    return await newest(session, statement, Payment, window)


async def of_document(session: AsyncSession, document: Document) -> Sequence[Payment]:
    """List what was paid for a document, in order."""
    statement = select(Payment).where(Payment.document_id == document.id).order_by(Payment.id)
    return (await session.scalars(statement)).all()
