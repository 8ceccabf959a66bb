"""Giving charges back: the operator's refunds, and the bank's chargebacks."""

from typing import Final, Literal

from bus.messages.base import Refused
from bus.messages.billing import EntryKind, InvoiceRefunded, Refund, Refunded
from bus.messages.users import ChargeDisputed
from bus.money import Micros, dollars
from bus.simtime import SimTime
from services.billing.accounts import CASH, OWED, VENDORS, LedgerError, cost, wallet
from services.billing.books import Books, Why
from services.billing.customers import Invoice

LONGEST_REASON: Final = 500
"""Characters of a refund's reason."""


def refund(books: Books, command: Refund, request: str, at: SimTime) -> Refunded | Refused:
    """Pay back part or all of an invoice, at once. What was owed for a double charge costs nothing more; the rest does."""
    invoice = books.invoices.get(command.invoice)
    if invoice is None:
        return Refused(code="unknown_invoice", detail=f"there is no invoice {command.invoice[:60]!r}")
    refusal = _refusal(books, command, invoice)
    if refusal is not None:
        return refusal
    books.now = max(books.now, at)
    owed = invoice.give_back(command.amount)
    why = Why(
        "operator",
        command.reason,
        invoice.customer,
        invoice.invoice,
        action=command.action,
        answers=invoice.entry,
        cause=command.action or request,
    )
    company = {OWED: owed, CASH: -command.amount, cost("refunds"): command.amount - owed}
    books.post("refund", (request,), company, {wallet(invoice.customer): command.amount}, why)
    _tell(books, invoice, command.amount, "operator", command.reason, why.cause)
    returned = Micros(invoice.returned + invoice.repaid)
    return Refunded(invoice=invoice.invoice, refunded=returned, remaining=invoice.refundable)


def dispute(books: Books, event: ChargeDisputed, cause: str) -> None:
    """The bank takes a charge back: the double charge if one is owed, else all that was not given back yet."""
    invoice = books.invoices.get(event.invoice)
    if invoice is None or invoice.customer != event.customer:
        raise LedgerError(f"{event.customer!r} disputes the invoice {event.invoice!r}, which is not its own")
    charge_back(books, invoice, "chargeback", event.reason, cause)


def charge_back(books: Books, invoice: Invoice, kind: EntryKind, reason: str, cause: str | None) -> None:
    """Book a chargeback with its fee. Where nothing is left to give back the bank refuses, and nothing happens."""
    amount = invoice.owed_back or invoice.refundable
    if not amount:
        return
    owed = invoice.give_back(amount)
    fee = books.section.chargeback_fee
    why = Why("customer", reason, invoice.customer, invoice.invoice, answers=invoice.entry, cause=cause)
    company = {OWED: owed, CASH: -amount - fee, cost("chargebacks"): amount - owed + fee}
    money = {wallet(invoice.customer): amount, VENDORS: fee}
    books.post(kind, ("dispute", invoice.invoice, invoice.repaid, invoice.returned), company, money, why)
    _tell(books, invoice, amount, "dispute", reason, cause)


def _refusal(books: Books, command: Refund, invoice: Invoice) -> Refused | None:
    if command.amount <= 0:
        return Refused(code="bad_amount", detail=f"a refund must be positive, got {command.amount} micro-dollars")
    if command.amount > invoice.refundable:
        left = dollars(invoice.refundable)
        detail = f"invoice {invoice.invoice}: {left} of {dollars(invoice.charged)} are not yet given back"
        return Refused(code="too_much", detail=detail)
    if command.amount > books.ledger.cash:
        return Refused(code="no_cash", detail=f"the company has {dollars(books.ledger.cash)}")
    if len(command.reason) > LONGEST_REASON:
        return Refused(code="long_reason", detail=f"a reason has at most {LONGEST_REASON} characters")
    return None


def _tell(
    books: Books,
    invoice: Invoice,
    amount: Micros,
    by: Literal["operator", "dispute"],
    reason: str,
    cause: str | None,
) -> None:
    books.bill(invoice)
    event = InvoiceRefunded(invoice=invoice.invoice, customer=invoice.customer, amount=amount, by=by, reason=reason)
    books.say(event, cause)
