"""Clients, and what each of them owes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from invoicing import audit
from invoicing.inputs import Inputs, fold
from invoicing.paging import Page, Window, newest
from invoicing.people import Person
from invoicing.refusals import NotFound
from invoicing.tables import Client, Document, Payment

MOST_CHOICES = 500
"""Clients that a form offers."""


@dataclass(frozen=True)
class ClientInput:
    """What is known of a client."""

    name: str
    email: str
    address: str
    vat_number: str


def read(inputs: Inputs) -> ClientInput:
    """Read a client from a form or from JSON."""
    return ClientInput(
        name=inputs.text("name", "Client name"),
        email=inputs.email("email", "Email", required=False),
        address=inputs.text("address", "Address", least=0, most=500, lines=True),
        vat_number=inputs.text("vat_number", "VAT number", least=0, most=40),
    )


async def listed(session: AsyncSession, person: Person, window: Window) -> Page[Client]:
    """List the clients, the newest first."""
    return await newest(session, select(Client).where(Client.firm_id == person.firm.id), Client, window)


async def choices(session: AsyncSession, person: Person) -> Sequence[Client]:
    """List the clients by name, for a form."""
    statement = select(Client).where(Client.firm_id == person.firm.id)
    return (await session.scalars(statement.order_by(Client.folded_name, Client.id).limit(MOST_CHOICES))).all()


async def get(session: AsyncSession, person: Person, public_id: str) -> Client:
    """Return a client."""
    statement = select(Client).where(Client.firm_id == person.firm.id, Client.public_id == public_id)
    client = await session.scalar(statement)
    if client is None:
        raise NotFound
    return client


async def create(session: AsyncSession, person: Person, given: ClientInput) -> Client:
    """Add a client."""
    client = Client(firm_id=person.firm.id, folded_name=fold(given.name), **vars(given))
    session.add(client)
    await session.flush()
    audit.record(session, person, "added the client", client.name)
    return client


async def change(session: AsyncSession, person: Person, client: Client, given: ClientInput) -> None:
    """Change a client. Documents that are issued keep what they say."""
    for name, value in vars(given).items():
        setattr(client, name, value)
    client.folded_name = fold(given.name)
    audit.record(session, person, "changed the client", client.name)


@dataclass(frozen=True)
class Movement:
    """One row of a statement; ``balance_cents`` is what the client owes after it."""

    on: date
    what: str
    amount_cents: int
    balance_cents: int


async def statement(session: AsyncSession, person: Person, client: Client) -> list[Movement]:
    """Tell, day by day, what a client was charged and paid."""
    issued = select(Document).where(Document.client_id == client.id, Document.state != "draft")
    documents = (await session.scalars(issued.order_by(Document.id))).all()
    paid = (
        select(Payment, Document.number)
        .join(Document, Document.id == Payment.document_id)
        .where(Document.client_id == client.id, Payment.firm_id == person.firm.id)
        .order_by(Payment.id)
    )
    rows: list[tuple[date, int, str, int]] = []
    for document in documents:
        assert document.issued_on is not None
        if document.kind == "invoice":
            rows.append((document.issued_on, 0, f"Invoice {document.number}", document.total_cents))
        else:
            rows.append((document.issued_on, 1, f"Credit note {document.number}", -document.total_cents))
        if document.written_off_on is not None:
            rows.append((document.written_off_on, 3, f"Written off {document.number}", -document.open_cents))
    for payment, number in await session.execute(paid):
        rows.append((payment.received_on, 2, f"Payment for {number}", -payment.amount_cents))
    return _balanced(sorted(rows, key=lambda row: row[:2]))


def _balanced(rows: Sequence[tuple[date, int, str, int]]) -> list[Movement]:
    movements: list[Movement] = []
    balance = 0
    for on, _, what, amount in rows:
        balance += amount
        movements.append(Movement(on, what, amount, balance))
    return movements
