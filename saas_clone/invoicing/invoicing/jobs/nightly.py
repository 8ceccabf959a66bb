"""The nightly check of the books, and the removal of what has no further use."""

import logging
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from invoicing import logs
from invoicing.accounts import THROTTLE_WINDOW
from invoicing.dates import now
from invoicing.runtime import Runtime
from invoicing.tables import (
    Document,
    IdempotencyKey,
    Invitation,
    LoginFailure,
    Numbering,
    Payment,
    Session,
    TaxTotal,
)

KEY_LIFE = timedelta(days=3)
"""How long an idempotency key is remembered."""
log = logging.getLogger("invoicing.books")


class BooksError(Exception):
    """The books contradict themselves. The log names every place; people must look at it."""


async def run(runtime: Runtime) -> int:
    """Remove what is old and return how much; ``BooksError`` if the books are wrong."""
    removed = await _remove_old(runtime)
    async with runtime.storage.open(writes=False) as session:
        problems = [*await _gaps(session), *await _wrong_taxes(session), *await _wrong_payments(session)]
    for problem in problems:
        log.error("the books are wrong", extra=logs.fields(problem=problem))
    if problems:
        raise BooksError(f"{len(problems)} problems, the first: {problems[0]}")
    return removed


async def _remove_old(runtime: Runtime) -> int:
    moment = now()
    old = (
        delete(Session).where(Session.expires_at < moment),
        delete(Invitation).where(Invitation.expires_at < moment),
        delete(LoginFailure).where(LoginFailure.at < moment - THROTTLE_WINDOW),
        delete(IdempotencyKey).where(IdempotencyKey.created_at < moment - KEY_LIFE),
    )
    removed = 0
    for statement in old:
        async with runtime.storage.writing() as session:
            removed += (await session.execute(statement)).rowcount  # type: ignore[attr-defined]
    return removed


async def _gaps(session: AsyncSession) -> list[str]:
    """Find series in which the last number is not the number of documents."""
    statement = (
        select(Numbering.firm_id, Numbering.kind, Numbering.year, Numbering.last, func.count(Document.id))
        .join(
            Document,
            (Document.firm_id == Numbering.firm_id)
            & (Document.kind == Numbering.kind)
            & (Document.year == Numbering.year),
            isouter=True,
        )
        .group_by(Numbering.firm_id, Numbering.kind, Numbering.year, Numbering.last)
        .having(func.count(Document.id) != Numbering.last)
    )
    return [
        f"firm {firm}: {kind} {year} ends with {last}, and there are {count}"
        for firm, kind, year, last, count in await session.execute(statement)
    ]


async def _wrong_taxes(session: AsyncSession) -> list[str]:
    """Find documents whose totals are not the sum of their tax rates."""
    net, tax = func.sum(TaxTotal.net_cents), func.sum(TaxTotal.tax_cents)
    statement = (
        select(Document.public_id, Document.number)
        .join(TaxTotal, TaxTotal.document_id == Document.id)
        .group_by(Document.id)
        .having((net != Document.net_cents) | (tax != Document.tax_cents) | (net + tax != Document.total_cents))
    )
    return [f"document {public_id} ({number}): totals" for public_id, number in await session.execute(statement)]


async def _wrong_payments(session: AsyncSession) -> list[str]:
    """Find invoices on which another sum is booked as paid than came in."""
    paid = select(func.coalesce(func.sum(Payment.amount_cents), 0)).where(Payment.document_id == Document.id)
    statement = select(Document.public_id, Document.number).where(
        Document.kind == "invoice", Document.state != "draft", paid.scalar_subquery() != Document.paid_cents
    )
    return [f"document {public_id} ({number}): payments" for public_id, number in await session.execute(statement)]
