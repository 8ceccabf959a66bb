"""Service credits: what a day below the promised availability gives back of that day's revenue."""

from collections.abc import Iterable, Sequence

from bus.money import Micros, share
from bus.scenario import COMMON_AGREEMENT, BillingSection, CreditStep
from services.billing.accounts import CASH, OWED, cost, wallet
from services.billing.books import Books, Why
from services.billing.customers import Customer

_PPM = 1_000_000


def agreement(section: BillingSection, plan: str) -> tuple[CreditStep, ...]:
    """What a plan promises."""
    return COMMON_AGREEMENT if section.agreements is None else section.agreements.get(plan, ())


def credit_percent(available: Sequence[int], steps: Iterable[CreditStep] = COMMON_AGREEMENT) -> int:
    """The per cent of a day's revenue owed for its ticks' availabilities (parts per million); 0 without any."""
    if not available:
        return 0
    reached = (step.percent for step in steps if sum(available) < round(step.below * _PPM) * len(available))
    return max(reached, default=0)


def promise_credits(books: Books) -> None:
    """Book the credits for the day that is being closed, by plan, owed to those who were served in it.

    Each is bounded by what its invoice still holds, so all ways of giving back together never exceed the charge.
    """
    for percent, names in _due(books):
        promised = Micros(0)
        for name in names:
            invoice = books.invoices[name]
            amount = Micros(min(share(books.served[name], percent, 100), invoice.amount - invoice.returned))
            customer = books.customers[invoice.customer]
            invoice.returned = Micros(invoice.returned + amount)
            customer.credit = Micros(customer.credit + amount)
            promised = Micros(promised + amount)
            books.bill(invoice)
            books.touch(customer)
        why = Why("company", f"{percent} % service credit for the day before")
        key = (books.now,) if books.section.agreements is None else (books.now, percent)
        books.post("credit", key, {cost("credits"): promised, OWED: -promised}, {}, why)
        for name in names:
            customer = books.customers[books.invoices[name].customer]
            if customer.running is None:  # there will be no renewal to pay it with
                pay_credit(books, customer)


def _due(books: Books) -> list[tuple[int, list[str]]]:
    """Invoices served in the day that is being closed, by the per cent of it that they are owed; ascending."""
    owed = {plan: credit_percent(books.available, agreement(books.section, plan)) for plan in books.prices.plans}
    found: dict[int, list[str]] = {}
    for name in books.served:
        percent = owed[books.invoices[name].plan]
        if percent:
            found.setdefault(percent, []).append(name)
    return sorted(found.items())


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
