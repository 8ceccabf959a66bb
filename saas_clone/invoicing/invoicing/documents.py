"""Finding documents: one, a list, a search; and the name of the state that people see."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from invoicing.inputs import fold
from invoicing.paging import Page, Window, newest
from invoicing.people import Person
from invoicing.refusals import NotFound
from invoicing.tables import Client, Document

FILTERS = ("all", "draft", "open", "overdue", "paid", "written_off", "credit_notes")
MOST_QUERY = 200

_OPEN_CENTS = Document.total_cents - Document.paid_cents - Document.credited_cents
_OWING = and_(Document.kind == "invoice", Document.state.in_(("issued", "sent")), _OPEN_CENTS > 0)


def status(document: Document, today: date) -> str:
    """Return the state as people see it: partly from what happened, partly from the calendar."""
    if document.state in ("draft", "written_off") or document.kind == "credit_note":
        return document.state
    if document.open_cents <= 0:
        return "paid"
    if document.due_on is not None and document.due_on < today:
        return "overdue"
    return "partly_paid" if document.paid_cents else document.state


def overdue(today: date) -> ColumnElement[bool]:
    """Select the invoices that should have been paid before today."""
    return and_(_OWING, Document.due_on < today)


def _condition(name: str, today: date) -> ColumnElement[bool]:
    conditions: dict[str, ColumnElement[bool]] = {
        "draft": Document.state == "draft",
        "open": _OWING,
        "overdue": overdue(today),
        "paid": and_(Document.kind == "invoice", Document.state.in_(("issued", "sent")), _OPEN_CENTS <= 0),
        "written_off": Document.state == "written_off",
        "credit_notes": Document.kind == "credit_note",
    }
    return conditions[name]


def _own(person: Person) -> Select[Any]:
    return select(Document).where(Document.firm_id == person.firm.id).options(joinedload(Document.client))


async def get(session: AsyncSession, person: Person, public_id: str, *, lock: bool = False) -> Document:
    """Return a document with its lines; ``lock`` it against others who would pay or credit it now."""
    statement = _own(person).where(Document.public_id == public_id)
    return await _one(session, statement, lock=lock)


async def by_id(session: AsyncSession, document_id: int, *, lock: bool = False) -> Document:
    """Return a document by its key, for jobs and for what refers to it."""
    statement = select(Document).where(Document.id == document_id).options(joinedload(Document.client))
    return await _one(session, statement, lock=lock)


async def _one(session: AsyncSession, statement: Select[Any], *, lock: bool) -> Document:
    statement = statement.options(selectinload(Document.lines))
    if lock:
        statement = statement.with_for_update(of=Document)
    document = await session.scalar(statement)
    if document is None:
        raise NotFound
    return document


async def listed(
    session: AsyncSession, person: Person, window: Window, show: str = "all", client: Client | None = None
) -> Page[Document]:
    """List documents, the newest first; ``show`` is one of ``FILTERS``."""
    statement = _own(person)
    if show != "all":
        statement = statement.where(_condition(show, person.today))
    if client is not None:
        statement = statement.where(Document.client_id == client.id)
    return await newest(session, statement, Document, window)


async def find(session: AsyncSession, person: Person, query: str, window: Window) -> Page[Document]:
    """Find the documents that hold all words: in number, client, subject, notes or lines."""
    words = fold(query[:MOST_QUERY]).split()
    if not words:
        return Page([], None)
    statement = _own(person)
    for word in words:
        statement = statement.where(Document.search_text.contains(word, autoescape=True))
    return await newest(session, statement, Document, window)


async def open_invoices(session: AsyncSession, person: Person) -> list[Document]:
    """List what clients owe, the oldest first, for a form."""
    statement = _own(person).where(_OWING).order_by(Document.id).limit(500)
    return list(await session.scalars(statement))


async def open_by_number(session: AsyncSession, person: Person, number: str) -> Document | None:
    """Return the invoice of that number if something is open on it."""
    return await session.scalar(_own(person).where(_OWING, Document.number == number).with_for_update(of=Document))


async def sums(session: AsyncSession, person: Person) -> dict[str, int]:
    """Return what the overview shows: open and overdue money, and how many drafts there are."""

    async def total(condition: ColumnElement[bool]) -> int:
        statement = select(func.coalesce(func.sum(_OPEN_CENTS), 0))
        return int(await session.scalar(statement.where(Document.firm_id == person.firm.id, condition)) or 0)

    drafts = select(func.count(Document.id)).where(Document.firm_id == person.firm.id, Document.state == "draft")
    return {
        "open": await total(_OWING),
        "overdue": await total(overdue(person.today)),
        "drafts": int(await session.scalar(drafts) or 0),
    }
