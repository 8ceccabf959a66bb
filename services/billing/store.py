"""`ledger.db`: entries and lines for ever, invoices and subscriptions as they stand, the outbox and the consumed ids."""

from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    func,
    select,
    text,
)
from sqlalchemy.dialects.sqlite import insert

from bus.outbox import Outbox, open_database
from services.billing.books import Changes
from services.billing.customers import Customer, Invoice
from services.billing.ledger import Posted

_metadata = MetaData()

ENTRIES: Final = Table(
    "entries",
    _metadata,
    Column("position", Integer, primary_key=True),
    Column("entry", String, nullable=False, unique=True),
    Column("tick", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("customer", String),
    Column("invoice", String),
    Column("actor", String, nullable=False),
    Column("action", String),
    Column("reversal_of", String),
    Column("memo", Text, nullable=False),
    Column("head", String, nullable=False, doc="The chain's head after this entry."),
)
LINES: Final = Table(
    "lines",
    _metadata,
    Column("position", Integer, ForeignKey("entries.position"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("account", String, nullable=False),
    Column("amount", BigInteger, nullable=False),
)
INVOICES: Final = Table(
    "invoices",
    _metadata,
    Column("invoice", String, primary_key=True),
    Column("customer", String, nullable=False, index=True),
    Column("plan", String, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("service_from", BigInteger, nullable=False),
    Column("service_to", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("entry", String),
    Column("returned", BigInteger, nullable=False),
    Column("doubled", BigInteger, nullable=False),
    Column("repaid", BigInteger, nullable=False),
)
SUBSCRIPTIONS: Final = Table(
    "subscriptions",
    _metadata,
    Column("customer", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("plan", String, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("income", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("running", String),
    Column("credit", BigInteger, nullable=False),
    Column("breach", BigInteger, nullable=False),
)


class Store:
    """The database of one world's books."""

    def __init__(self, path: Path | None) -> None:
        """Open a new `ledger.db` (in memory without a path)."""
        self.engine = open_database(path)
        metadata = MetaData()
        for table in _metadata.sorted_tables:
            table.to_metadata(metadata)
        self.outbox = Outbox(self.engine, metadata)
        metadata.create_all(self.engine)
        with self.engine.begin() as connection:
            for table in (ENTRIES, LINES):
                _close_against_changes(connection, table)
            self._position: int = connection.execute(
                select(func.coalesce(func.max(ENTRIES.c.position), 0))
            ).scalar_one()

    def begin(self) -> AbstractContextManager[Connection]:
        """A transaction: a stage or a command, with all that comes of it."""
        return self.engine.begin()

    def save(self, connection: Connection, changes: Changes) -> None:
        """Append the entries, update what changed, and put the events into the outbox."""
        self._append(connection, changes.posted)
        _upsert(connection, INVOICES, [_invoice_row(each) for each in changes.invoices])
        _upsert(connection, SUBSCRIPTIONS, [_subscription_row(each) for each in changes.customers])
        self.outbox.put(connection, changes.said)

    def close(self) -> None:
        self.engine.dispose()

    def _append(self, connection: Connection, posted: list[Posted]) -> None:
        if not posted:
            return
        entries: list[dict[str, Any]] = []
        lines: list[dict[str, Any]] = []
        for position, each in enumerate(posted, self._position + 1):
            row = each.entry.model_dump(exclude={"type", "lines"})
            entries.append(row | {"position": position, "head": each.head})
            for number, line in enumerate(each.entry.lines):
                lines.append(line.model_dump() | {"position": position, "number": number})
        connection.execute(ENTRIES.insert(), entries)
        connection.execute(LINES.insert(), lines)
        self._position += len(posted)


def _close_against_changes(connection: Connection, table: Table) -> None:
    for verb in ("UPDATE", "DELETE"):
        connection.execute(
            text(
                f"CREATE TRIGGER IF NOT EXISTS no_{verb.lower()}_of_{table.name} BEFORE {verb} ON {table.name} "
                f"BEGIN SELECT RAISE(ABORT, '{table.name} are append-only'); END"
            )
        )


def _upsert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    statement = insert(table)
    changed = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    connection.execute(statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed), rows)


def _invoice_row(invoice: Invoice) -> dict[str, Any]:
    row = asdict(invoice)
    del row["recognised"]  # follows from the period and the time
    return row


def _subscription_row(customer: Customer) -> dict[str, Any]:
    return {
        "customer": customer.customer,
        "name": customer.name,
        "plan": customer.plan,
        "seats": customer.seats,
        "price": customer.price,
        "income": customer.income,
        "state": customer.state,
        "running": customer.running.invoice if customer.running else None,
        "credit": customer.credit,
        "breach": customer.breach,
    }
