"""Billing claims, decided from invoices alone: what the company took that it should not have. No I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bus.messages.billing import InvoiceInfo
from bus.money import Micros
from bus.simtime import SimTime


@dataclass(frozen=True)
class Owed:
    """Money to give back on one invoice."""

    invoice: str
    amount: Micros


def owed_back(invoices: Iterable[InvoiceInfo], price_per_seat: Mapping[str, Micros]) -> list[Owed]:
    """What is owed back, oldest first; less what was given back already.

    Three signs of a charge taken twice: a second invoice for a service period that has one, an invoice for no
    service at all, and an invoice for exactly twice its plan's price.
    """
    ordered = sorted(invoices, key=lambda one: (one.at, one.invoice))
    periods: set[tuple[SimTime, SimTime]] = set()
    found: list[Owed] = []
    for invoice in ordered:
        period = (invoice.service_from, invoice.service_to)
        amount = _wrong(invoice, price_per_seat, repeated=period in periods)
        periods.add(period)
        left = min(amount - invoice.refunded, invoice.amount - invoice.refunded)
        if left > 0:
            found.append(Owed(invoice.invoice, Micros(left)))
    return found


def given_back(invoices: Iterable[InvoiceInfo]) -> Micros:
    """What was given back on all invoices together."""
    return Micros(sum(one.refunded for one in invoices))


def _wrong(invoice: InvoiceInfo, price_per_seat: Mapping[str, Micros], *, repeated: bool) -> int:
    """How much of an invoice should not have been charged."""
    if repeated or invoice.service_from == invoice.service_to:
        return invoice.amount
    price = price_per_seat.get(invoice.plan, 0) * invoice.seats
    return price if price and invoice.amount == 2 * price else 0
