"""Service credits: what a day below the promised availability gives back of that day's revenue."""

from typing import Final

from bus.money import Micros, share
from services.billing.accounts import CASH, OWED, cost, wallet
from services.billing.books import Books, Why
from services.billing.customers import Customer

TIERS: Final = ((999_000, 10), (990_000, 30), (950_000, 100))
"""Below this availability (parts per million of a day), this many per cent (assumed, after common service level agreements; C)."""


def credit_percent(available: list[int]) -> int:
    """The per cent of a day's revenue owed for its ticks' availabilities (parts per million); 0 without any."""
    if not available:
        return 0
    return max((percent for limit, percent in TIERS if sum(available) < limit * len(available)), default=0)


def promise_credits(books: Books) -> None:
    """Book the credits for the day that is being closed, owed to those who were served in it.

    Each is bounded by what its invoice still holds, so all ways of giving back together never exceed the charge.
    """
    percent = credit_percent(books.available)
    promised = Micros(0)
    for name, part in books.served.items() if percent else ():
        invoice = books.invoices[name]
        amount = Micros(min(share(part, percent, 100), invoice.amount - invoice.returned))
        customer = books.customers[invoice.customer]
        invoice.returned = Micros(invoice.returned + amount)
        customer.credit = Micros(customer.credit + amount)
        promised = Micros(promised + amount)
        books.bill(invoice)
        books.touch(customer)
    why = Why("company", f"{percent} % service credit for the day before")
    books.post("credit", (books.now,), {cost("credits"): promised, OWED: -promised}, {}, why)
    for name in books.served if percent else ():
        customer = books.customers[books.invoices[name].customer]
        if customer.running is None:  # there will be no renewal to pay it with
            pay_credit(books, customer)


def pay_credit(books: Books, customer: Customer) -> None:
    """Pay out the service credits that a customer was promised: at its renewal, or when it is gone."""
    amount, customer.credit = customer.credit, Micros(0)
    books.post(
        "release_provision",
        ("credit", customer.customer, books.tick),
        {OWED: amount, CASH: -amount},
        {wallet(customer.customer): amount},
        Why("company", "service credits paid out", customer.customer),
    )
    books.touch(customer)
