"""Reports for the tax adviser: VAT per rate and period, and everything issued in a period as CSV."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from invoicing import money
from invoicing.dates import Period
from invoicing.letters import NAMES
from invoicing.money import RateTotal
from invoicing.people import Person
from invoicing.refusals import Invalid
from invoicing.tables import Client, Document, TaxTotal

COLUMNS = ("number", "date", "kind", "client", "vat_number", "subject", "tax_rate", "net", "tax", "gross", "currency")
SIGNS = {"invoice": 1, "credit_note": -1}


def period_of(text: str) -> Period:
    """Read the period that was asked for."""
    period = Period.parse(text)
    if period is None:
        raise Invalid({"period": "Period must be a quarter or a month, such as 2026-Q1 or 2026-03"})
    return period


@dataclass(frozen=True)
class VatReport:
    """What was charged and taken back in a period, per tax rate."""

    period: Period
    rates: tuple[RateTotal, ...]
    documents: int

    @property
    def net_cents(self) -> int:
        """Of all rates."""
        return sum(rate.net_cents for rate in self.rates)

    @property
    def tax_cents(self) -> int:
        """Of all rates."""
        return sum(rate.tax_cents for rate in self.rates)


async def vat(session: AsyncSession, person: Person, period: Period) -> VatReport:
    """Add up the taxes as they stand on the documents: a report never rounds anew."""
    nets: dict[int, int] = {}
    taxes: dict[int, int] = {}
    documents: set[str] = set()
    for row in await _issued(session, person, period):
        sign = SIGNS[row.kind]
        nets[row.tax_rate] = nets.get(row.tax_rate, 0) + sign * row.net_cents
        taxes[row.tax_rate] = taxes.get(row.tax_rate, 0) + sign * row.tax_cents
        documents.add(row.number)
    rates = tuple(RateTotal(rate, nets[rate], taxes[rate]) for rate in sorted(nets))
    return VatReport(period, rates, len(documents))


async def export(session: AsyncSession, person: Person, period: Period) -> str:
    """Write one row per document and tax rate, credit notes below zero."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    for row in await _issued(session, person, period):
        sign = SIGNS[row.kind]
        net, tax = sign * row.net_cents, sign * row.tax_cents
        texts = (row.client, row.vat_number, row.subject)
        writer.writerow(
            [
                row.number,
                row.issued_on.isoformat(),
                NAMES[row.kind].lower(),
                *(_harmless(text) for text in texts),
                money.plain(row.tax_rate, 2),
                *(money.exact(cents) for cents in (net, tax, net + tax)),
                row.currency,
            ]
        )
    return target.getvalue()


def _harmless(text: str) -> str:
    """Keep a spreadsheet from running what a client's name may say."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


async def _issued(session: AsyncSession, person: Person, period: Period) -> Sequence[Row[*tuple[Any, ...]]]:
    statement = (
        select(
            Document.number,
            Document.kind,
            Document.issued_on,
            Document.subject,
            Document.currency,
            Client.name.label("client"),
            Client.vat_number,
            TaxTotal.tax_rate,
            TaxTotal.net_cents,
            TaxTotal.tax_cents,
        )
        .join(TaxTotal, TaxTotal.document_id == Document.id)
        .join(Client, Client.id == Document.client_id)
        .where(
            Document.firm_id == person.firm.id,
            Document.issued_on >= period.first,
            Document.issued_on <= period.last,
        )
        .order_by(Document.issued_on, Document.kind, Document.sequence, TaxTotal.tax_rate)
    )
    return (await session.execute(statement)).all()
