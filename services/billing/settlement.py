"""The closing settlement: whatever is owed is paid, so that nothing pays by being late or last.

Prepaid months that were not served stay a liability: they are never booked as revenue.
"""

from typing import Final

from bus.money import Micros
from services.billing.accounts import CASH, OWED, VENDORS, wallet
from services.billing.books import Books, Why
from services.billing.recognition import tie_out
from services.billing.refunds import charge_back

WALLETS_AN_ENTRY: Final = 1000
"""Wallets paid by one entry, to stay far below the largest message."""


def settle_debts(books: Books) -> None:
    """Pay everything that `liability:owed` holds: double charges as disputes with their fee, credits, damages."""
    for invoice in books.doubled:
        if invoice.owed_back:
            charge_back(books, invoice, "settlement", "charged twice and never given back", None)
    _pay_credits(books)
    damages, books.breach_owed = books.breach_owed, Micros(0)
    why = Why("company", "damages for records taken")
    books.post("settlement", ("breach",), {OWED: damages, CASH: -damages}, {VENDORS: damages}, why)
    tie_out(books)


def _pay_credits(books: Books) -> None:
    creditors = [customer for customer in books.customers.values() if customer.credit]
    for begin in range(0, len(creditors), WALLETS_AN_ENTRY):
        part = creditors[begin : begin + WALLETS_AN_ENTRY]
        amounts = {wallet(customer.customer): customer.credit for customer in part}
        total = sum(amounts.values())
        why = Why("company", f"service credits of {len(part)} customers")
        books.post("settlement", ("credits", begin), {OWED: total, CASH: -total}, amounts, why)
        for customer in part:
            customer.credit = Micros(0)
            books.touch(customer)
