"""Letters to clients, and the public link that is in them."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from invoicing import money
from invoicing.paging import Page, Window, newest
from invoicing.people import Person
from invoicing.refusals import NotFound
from invoicing.security import Signer
from invoicing.tables import Document, Letter

KINDS = {
    "document": "{name} {number}",
    "reminder_1": "Reminder: {name} {number} is overdue",
    "reminder_2": "Second reminder: {name} {number} is overdue",
    "reminder_3": "Last reminder: {name} {number} is overdue",
}
"""Subjects by kind."""
NAMES = {"invoice": "Invoice", "credit_note": "Credit note"}


def link(signer: Signer, public_url: str, document: Document) -> str:
    """Return the address at which a client, without an account, sees a document."""
    return f"{public_url}/view/{document.public_id}/{signer.sign('view', _signed(document))}"


def _signed(document: Document) -> str:
    return f"{document.public_id}:{document.link_version}"


async def behind_link(session: AsyncSession, signer: Signer, public_id: str, signature: str) -> Document:
    """Return the issued document behind a public link."""
    document = await session.scalar(
        select(Document)
        .where(Document.public_id == public_id, Document.state != "draft")
        .options(selectinload(Document.lines))
    )
    if document is None or not signer.holds("view", _signed(document), signature):
        raise NotFound("This link is not valid any more. Ask for a new one.")
    return document


def write(session: AsyncSession, document: Document, kind: str, address: str) -> None:
    """Write a letter about a document; its client must be loaded."""
    names = {"name": NAMES[document.kind], "number": document.number}
    subject = KINDS[kind].format(**names)
    due = f", due on {document.due_on}" if document.kind == "invoice" else ""
    session.add(
        Letter(
            firm_id=document.firm_id,
            document_id=document.id,
            kind=kind,
            recipient=document.client.email,
            subject=subject,
            body=(
                f"{subject}: {document.subject}\n\n"
                f"Amount: {money.amount(document.open_cents)} {document.currency}{due}.\n\n{address}\n"
            ),
        )
    )


async def listed(
    session: AsyncSession, person: Person, window: Window, document: Document | None = None
) -> Page[Letter]:
    """List what was written, the newest first."""
    statement = select(Letter).where(Letter.firm_id == person.firm.id).options(joinedload(Letter.document))
    if document is not None:
        statement = statement.where(Letter.document_id == document.id)
    return await newest(session, statement, Letter, window)
