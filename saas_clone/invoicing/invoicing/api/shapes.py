"""What things look like in JSON. Amounts are integers (cents), quantities and rates are decimal strings: never floats."""

from collections.abc import Callable
from typing import Any

from invoicing import money
from invoicing.documents import status
from invoicing.paging import Page
from invoicing.people import Person
from invoicing.reports import VatReport
from invoicing.tables import Client, Document, Item, Line, Payment

Json = dict[str, Any]


def page(found: Page[Any], shape: Callable[[Any], Json]) -> Json:
    """One page of a list."""
    return {"items": [shape(row) for row in found.rows], "next_cursor": found.next_cursor}


def client(row: Client) -> Json:
    """A client."""
    return {
        "id": row.public_id,
        "name": row.name,
        "email": row.email,
        "address": row.address,
        "vat_number": row.vat_number,
    }


def item(row: Item) -> Json:
    """Something for sale."""
    return {
        "id": row.public_id,
        "name": row.name,
        "unit": row.unit,
        "unit_price_cents": row.unit_price_cents,
        "tax_rate": money.plain(row.tax_rate, 2),
    }


def brief(person: Person) -> Callable[[Document], Json]:
    """A document as it is in a list; whether it is overdue depends on the firm's date."""
    today = person.today

    def shape(row: Document) -> Json:
        return {
            "id": row.public_id,
            "kind": row.kind,
            "number": row.number or None,
            "status": status(row, today),
            "client_id": row.client.public_id,
            "subject": row.subject,
            "issued_on": row.issued_on.isoformat() if row.issued_on else None,
            "due_on": row.due_on.isoformat() if row.due_on else None,
            "currency": row.currency,
            "net_cents": row.net_cents,
            "tax_cents": row.tax_cents,
            "total_cents": row.total_cents,
            "paid_cents": row.paid_cents,
            "credited_cents": row.credited_cents,
            "open_cents": row.open_cents,
        }

    return shape


def document(person: Person, row: Document) -> Json:
    """A document with its lines and taxes."""
    return {
        **brief(person)(row),
        "notes": row.notes,
        "lines": [line(each) for each in row.lines],
        "taxes": [rate(each) for each in money.totals(row.lines).rates],
    }


def line(row: Line) -> Json:
    """A line."""
    return {
        "description": row.description,
        "unit": row.unit,
        "quantity": money.plain(row.quantity_milli, 3),
        "unit_price_cents": row.unit_price_cents,
        "discount": money.plain(row.discount_rate, 2),
        "tax_rate": money.plain(row.tax_rate, 2),
        "net_cents": row.net_cents,
    }


def rate(row: money.RateTotal) -> Json:
    """Net and tax of one rate."""
    return {"tax_rate": money.plain(row.tax_rate, 2), "net_cents": row.net_cents, "tax_cents": row.tax_cents}


def payment(row: Payment) -> Json:
    """A payment; ``invoice_id`` once it is matched."""
    return {
        "id": row.public_id,
        "amount_cents": row.amount_cents,
        "received_on": row.received_on.isoformat(),
        "reference": row.reference,
        "invoice_id": row.document.public_id if row.document else None,
    }


def vat(report: VatReport) -> Json:
    """A VAT report."""
    return {
        "period": report.period.name,
        "documents": report.documents,
        "rates": [rate(each) for each in report.rates],
        "net_cents": report.net_cents,
        "tax_cents": report.tax_cents,
    }
