"""Invoices that come again each month, with the lines of one that was issued."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from invoicing import audit, drafts, issuing, letters
from invoicing.dates import first_on, next_month
from invoicing.documents import by_id
from invoicing.people import Person
from invoicing.refusals import Conflict, NotFound
from invoicing.security import Signer
from invoicing.tables import Document, Firm, Schedule


async def begin(session: AsyncSession, person: Person, invoice: Document, day: int, earliest: date) -> Schedule:
    """Repeat an invoice on day ``day`` of each month, the first time on or after ``earliest``."""
    if invoice.kind != "invoice" or invoice.is_draft:
        raise Conflict("Only an issued invoice can be repeated.")
    if earliest < person.today:
        raise Conflict("The first day cannot be in the past.")
    schedule = Schedule(firm_id=person.firm.id, template_id=invoice.id, day=day, next_on=first_on(earliest, day))
    session.add(schedule)
    await session.flush()
    audit.record(session, person, f"repeats on day {day} of each month", invoice.number, invoice)
    return schedule


async def listed(session: AsyncSession, person: Person) -> Sequence[Schedule]:
    """List the firm's schedules with their templates, the newest first."""
    statement = (
        select(Schedule)
        .where(Schedule.firm_id == person.firm.id)
        .options(joinedload(Schedule.template).joinedload(Document.client))
        .order_by(Schedule.id.desc())
    )
    return (await session.scalars(statement)).all()


async def stop(session: AsyncSession, person: Person, public_id: str) -> None:
    """End a schedule."""
    for schedule in await listed(session, person):
        if schedule.public_id == public_id:
            schedule.next_on = None
            audit.record(session, person, "stopped repeating", schedule.template.number, schedule.template)
            return
    raise NotFound


async def run_due(session: AsyncSession, schedule: Schedule, firm: Firm, today: date, signer: Signer, url: str) -> int:
    """Issue and send what is due by today, one invoice for each month that was missed; returns their number."""
    issued = 0
    while schedule.next_on is not None and schedule.next_on <= today:
        template = await by_id(session, schedule.template_id)
        document = _repeated(template, schedule)
        session.add(document)
        await session.flush()
        await issuing.seal(session, firm, document, today)
        letters.write(session, document, "document", letters.link(signer, url, document))
        document.state = "sent"
        audit.record_job(session, firm, "issued and sent, as scheduled", document)
        schedule.next_on = next_month(schedule.next_on, schedule.day)
        await session.flush()
        issued += 1
    return issued


def _repeated(template: Document, schedule: Schedule) -> Document:
    document = drafts.blank(
        template.client,
        subject=template.subject,
        notes=template.notes,
        payment_days=template.payment_days,
        currency=template.currency,
        schedule_id=schedule.id,
        schedule_on=schedule.next_on,
    )
    drafts.write_lines(document, drafts.copies(template))
    return document
