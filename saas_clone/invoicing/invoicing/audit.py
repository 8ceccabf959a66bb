"""The audit trail: who did what, and when."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from invoicing.paging import Page, Window, newest
from invoicing.people import Person
from invoicing.tables import AuditEntry, Document, Firm

JOB = "Folio"
"""Who did it, when nobody did."""


def record(session: AsyncSession, person: Person, action: str, subject: str, document: Document | None = None) -> None:
    """Note what a person did, in the same transaction."""
    _add(session, person.firm.id, person.user.name, action, subject, document)


def record_job(session: AsyncSession, firm: Firm, action: str, document: Document) -> None:
    """Note what a job did to a document."""
    _add(session, firm.id, JOB, action, document.number, document)


def _add(session: AsyncSession, firm_id: int, actor: str, action: str, subject: str, document: Document | None) -> None:
    session.add(
        AuditEntry(
            firm_id=firm_id,
            document_id=document.id if document is not None else None,
            actor=actor,
            action=action,
            subject=subject[:300],
        )
    )


async def trail(
    session: AsyncSession, person: Person, window: Window, document: Document | None = None
) -> Page[AuditEntry]:
    """List what happened in the firm, or to one document of it."""
    statement = select(AuditEntry).where(AuditEntry.firm_id == person.firm.id)
    if document is not None:
        statement = statement.where(AuditEntry.document_id == document.id)
    return await newest(session, statement, AuditEntry, window)
