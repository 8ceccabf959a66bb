"""Writes to clients whose invoices are overdue: on the day after the due date, and twice again later."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from invoicing import audit, dates, documents, letters
from invoicing.runtime import Runtime
from invoicing.tables import Document, Firm, Letter

STEPS = (("reminder_1", 1), ("reminder_2", 15), ("reminder_3", 31))
"""Kinds of letter, and how many days after the due date each comes at the earliest."""
PAUSE = timedelta(days=7)
"""Between two letters about one invoice, whatever was missed."""


async def run(runtime: Runtime) -> int:
    """Write the letters that are missing and return their number."""
    async with runtime.storage.open(writes=False) as session:
        firms = (await session.scalars(select(Firm).order_by(Firm.id))).all()
    written = 0
    for firm in firms:
        today = dates.today(firm.time_zone)
        async with runtime.storage.open(writes=False) as session:
            waiting = await _overdue(session, firm, today)
        if waiting:
            async with runtime.storage.writing() as session:
                written += await _remind(session, runtime, firm, today)
    return written


async def _overdue(session: AsyncSession, firm: Firm, today: date) -> list[Document]:
    statement = (
        select(Document)
        .where(Document.firm_id == firm.id, Document.state == "sent", documents.overdue(today))
        .options(joinedload(Document.client))
        .order_by(Document.id)
    )
    return list(await session.scalars(statement))


async def _remind(session: AsyncSession, runtime: Runtime, firm: Firm, today: date) -> int:
    found = await _overdue(session, firm, today)
    sent: dict[int, dict[str, date]] = {}
    for letter in await session.scalars(select(Letter).where(Letter.document_id.in_([each.id for each in found]))):
        sent.setdefault(letter.document_id, {})[letter.kind] = letter.created_at.date()
    written = 0
    for document in found:
        kind = _next_step(document, sent.get(document.id, {}), today)
        if kind is not None:
            address = letters.link(runtime.signer, runtime.settings.public_url, document)
            letters.write(session, document, kind, address)
            audit.record_job(session, firm, "reminded the client of", document)
            written += 1
    return written


def _next_step(document: Document, sent: dict[str, date], today: date) -> str | None:
    assert document.due_on is not None
    for kind, days in STEPS:
        if kind in sent:
            if today - sent[kind] < PAUSE:
                return None
            continue
        return kind if (today - document.due_on).days >= days else None
    return None
