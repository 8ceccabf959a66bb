"""``python -m invoicing seed FILE``: import firms with their books. ``docs/seeding.md`` describes the file."""

import asyncio
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from invoicing import logs, money
from invoicing.dates import now
from invoicing.drafts import LineInput
from invoicing.firms import letterhead
from invoicing.inputs import fold
from invoicing.issuing import number_of
from invoicing.security import Passwords, new_public_id
from invoicing.settings import Settings
from invoicing.storage import Storage
from invoicing.tables import Base, Client, Document, Firm, Item, Letter, Line, Numbering, Payment, TaxTotal, User

CHUNK = 5_000
"""Rows per statement."""
TABLES = (Firm, User, Client, Item, Document, Line, TaxTotal, Numbering, Payment, Letter)
"""In the order in which they refer to each other."""
KEYED = (Firm, User, Client, Item, Document, Line, Payment, Letter)

Json = dict[str, Any]
log = logging.getLogger("invoicing.seed")


class SeedError(Exception):
    """The file cannot be imported. Nothing was."""


def main(file: str) -> int:
    """Import a file (``-`` is stdin): all of it or nothing."""
    logs.configure()
    settings = Settings.from_environment()
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
        imported = asyncio.run(seed(settings, json.loads(text)))
    except (OSError, ValueError, SeedError) as error:
        log.error("nothing was imported", extra=logs.fields(reason=str(error)))
        return 1
    log.info("imported", extra=logs.fields(**imported))
    return 0


async def seed(settings: Settings, document: Json) -> dict[str, int]:
    """Import a document in one transaction; returns the number of rows per table."""
    storage = Storage(settings.database_url)
    try:
        async with storage.writing() as session:
            rows = Rows(Passwords(settings.argon2_cost))
            await rows.start(session)
            try:
                for firm in document["firms"]:
                    _Books(rows, firm).add()
            except (KeyError, TypeError, ValueError) as error:
                raise SeedError(f"{type(error).__name__}: {error}; see docs/seeding.md") from error
            try:
                return {table.__tablename__: await rows.write(session, table) for table in TABLES}
            except IntegrityError as error:
                raise SeedError(f"something is there twice: {error.orig}") from error
    finally:
        await storage.close()


@dataclass
class Rows:
    """Rows to insert, with keys given out here so that they can refer to each other."""

    passwords: Passwords
    tables: dict[type[Base], list[Json]] = field(default_factory=lambda: {table: [] for table in TABLES})
    keys: dict[type[Base], int] = field(default_factory=dict[type[Base], int])

    async def start(self, session: AsyncSession) -> None:
        """Find the first free keys."""
        for table in KEYED:
            self.keys[table] = await session.scalar(select(func.max(table.id))) or 0

    def add(self, table: type[Base], **values: Any) -> int:
        """Add a row and return its key."""
        if table in self.keys:
            self.keys[table] += 1
            values["id"] = self.keys[table]
        if hasattr(table, "public_id"):
            values["public_id"] = new_public_id()
        self.tables[table].append(values)
        return values.get("id", 0)

    async def write(self, session: AsyncSession, table: type[Base]) -> int:
        """Insert the rows of one table."""
        rows = self.tables[table]
        target = table.__table__
        assert isinstance(target, Table)
        for start in range(0, len(rows), CHUNK):
            await session.execute(insert(target), rows[start : start + CHUNK])
        return len(rows)


@dataclass
class _Books:
    """The books of one firm, on their way in."""

    rows: Rows
    given: Json
    clients: dict[str, tuple[int, Json]] = field(default_factory=dict[str, tuple[int, Json]])
    last: dict[int, int] = field(default_factory=dict[int, int])
    """The last number of each year."""

    def add(self) -> None:
        """Add the firm with all that it has."""
        given = self.given
        self.created = datetime.fromisoformat(given["created_at"]) if "created_at" in given else now()
        self.currency = given.get("currency", "EUR")
        self.firm = self.rows.add(
            Firm,
            name=given["name"],
            address=given.get("address", ""),
            vat_number=given.get("vat_number", ""),
            time_zone=given.get("time_zone", "UTC"),
            currency=self.currency,
            payment_days=given.get("payment_days", 14),
            created_at=self.created,
        )
        self.seller = letterhead(given["name"], given.get("address", ""), given.get("vat_number", ""))
        for user in given.get("users", []):
            self._add_user(user)
        for client in given.get("clients", []):
            self._add_client(client)
        for item in given.get("items", []):
            self._add_item(item)
        invoices = [*given.get("invoices", []), *_bulk(given.get("bulk_invoices"))]
        for invoice in sorted(invoices, key=lambda each: each["issued_on"]):
            self._add_invoice(invoice)
        for year, last in self.last.items():
            self.rows.add(Numbering, firm_id=self.firm, kind="invoice", year=year, last=last)

    def _add_user(self, given: Json) -> None:
        password_hash = given.get("password_hash") or self.rows.passwords.hash_now(given["password"])
        self.rows.add(
            User,
            firm_id=self.firm,
            email=given["email"].casefold(),
            name=given["name"],
            role=given.get("role", "bookkeeper"),
            password_hash=password_hash,
            created_at=self.created,
        )

    def _add_client(self, given: Json) -> None:
        own = {name: given.get(name, "") for name in ("email", "address", "vat_number")}
        key = self.rows.add(
            Client,
            firm_id=self.firm,
            name=given["name"],
            folded_name=fold(given["name"]),
            created_at=self.created,
            **own,
        )
        self.clients[given["name"]] = (key, {"name": given["name"], **own})

    def _add_item(self, given: Json) -> None:
        self.rows.add(
            Item,
            firm_id=self.firm,
            name=given["name"],
            unit=given.get("unit", ""),
            unit_price_cents=_number(given["unit_price"], 2),
            tax_rate=_number(given["tax_rate"], 2),
            retired_at=None,
        )

    def _add_invoice(self, given: Json) -> None:
        issued_on = date.fromisoformat(given["issued_on"])
        due_on = issued_on + timedelta(days=given.get("payment_days", 14))
        lines = [_line(line) for line in given["lines"]]
        sums = money.totals(lines)
        payments = given.get("payments", [])
        paid = [_number(each["amount"], 2) if "amount" in each else sums.total_cents for each in payments]
        head = self._head(given, issued_on, lines)
        document = self.rows.add(
            Document,
            **head,
            due_on=due_on,
            net_cents=sums.net_cents,
            tax_cents=sums.tax_cents,
            total_cents=sums.total_cents,
            paid_cents=sum(paid),
        )
        for position, line in enumerate(lines, 1):
            net = money.line_net(line)
            self.rows.add(Line, document_id=document, position=position, net_cents=net, **vars(line))
        for rate in sums.rates:
            self.rows.add(TaxTotal, document_id=document, **vars(rate))
        self._add_payments(payments, paid, document, issued_on)
        if given.get("sent"):
            email = self.clients[given["client"]][1]["email"]
            self._add_letters(document, head["number"], email, issued_on, given.get("reminded", 0), due_on)

    def _head(self, given: Json, issued_on: date, lines: list[LineInput]) -> Json:
        """Return what an invoice says besides its sums; it gets the next number of its year."""
        year = issued_on.year
        sequence = self.last[year] = self.last.get(year, 0) + 1
        number = number_of("invoice", year, sequence)
        client, known = self.clients[given["client"]]
        notes = given.get("notes", "")
        texts = [number, known["name"], given["subject"], notes, *(line.description for line in lines)]
        return {
            "firm_id": self.firm,
            "client_id": client,
            "kind": "invoice",
            "state": "sent" if given.get("sent") else "issued",
            "subject": given["subject"],
            "notes": notes,
            "payment_days": given.get("payment_days", 14),
            "year": year,
            "sequence": sequence,
            "number": number,
            "issued_on": issued_on,
            "written_off_on": None,
            "seller": self.seller,
            "buyer": letterhead(known["name"], known["address"], known["vat_number"]),
            "currency": self.currency,
            "credited_cents": 0,
            "credits_id": None,
            "schedule_id": None,
            "schedule_on": None,
            "link_version": 1,
            "search_text": fold("\n".join(texts)),
            "created_at": datetime.combine(issued_on, self.created.timetz()),
        }

    def _add_payments(self, given: list[Json], paid: list[int], document: int, issued_on: date) -> None:
        for each, cents in zip(given, paid, strict=True):
            received_on = each.get("received_on", issued_on.isoformat())
            self.rows.add(
                Payment,
                firm_id=self.firm,
                document_id=document,
                amount_cents=cents,
                received_on=date.fromisoformat(received_on),
                reference=each.get("reference", ""),
                created_at=datetime.combine(date.fromisoformat(received_on), self.created.timetz()),
            )

    def _add_letters(
        self, document: int, number: str, email: str, issued_on: date, reminded: int, due_on: date
    ) -> None:
        days = [("document", issued_on)]
        days += [(f"reminder_{step}", due_on + timedelta(days=15 * step - 14)) for step in range(1, reminded + 1)]
        for kind, on in days:
            self.rows.add(
                Letter,
                firm_id=self.firm,
                document_id=document,
                kind=kind,
                recipient=email,
                subject=f"Invoice {number}",
                body="",
                created_at=datetime.combine(on, self.created.timetz()),
            )


def _bulk(given: Json | None) -> Iterator[Json]:
    """Make up plain paid invoices, spread evenly over a time, for a load test."""
    if given is None:
        return
    first, last = date.fromisoformat(given["first"]), date.fromisoformat(given["last"])
    count = int(given["count"])
    for number in range(count):
        issued_on = first + timedelta(days=number * ((last - first).days + 1) // count)
        yield {
            "client": given["clients"][number % len(given["clients"])],
            "subject": f"{given['subject_prefix']} {number + 1}",
            "issued_on": issued_on.isoformat(),
            "sent": True,
            "lines": given["lines"],
            "payments": [{"reference": f"Transfer {number + 1}"}],
        }


def _line(given: Json) -> LineInput:
    return LineInput(
        description=given["description"],
        unit=given.get("unit", ""),
        quantity_milli=_number(given.get("quantity", "1"), 3),
        unit_price_cents=_number(given["unit_price"], 2),
        discount_rate=_number(given.get("discount", "0"), 2),
        tax_rate=_number(given["tax_rate"], 2),
    )


def _number(text: str, places: int) -> int:
    value = money.parse(text, places)
    if value is None:
        raise ValueError(f"{text!r} is not a number with at most {places} decimals")
    return value
