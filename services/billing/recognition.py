"""The daily close: revenue for the service delivered, the fixed cost, the credits for outages."""

from collections import Counter

from bus.messages.cloud import ServiceMeasured
from bus.money import Micros, share
from bus.simtime import SimTime
from services.billing.accounts import CASH, DEFERRED, OWED, SUBSCRIPTION, VENDORS, LedgerError, cost
from services.billing.books import Books, Why
from services.billing.credits import promise_credits
from services.billing.customers import MONTH, Invoice, served

_PPM = 1_000_000


def serve(books: Books, invoice: Invoice, until: SimTime) -> None:
    """Count an invoice's service up to a moment. The ledger hears of it at the daily close, one entry a plan."""
    total = served(invoice.amount, invoice.service_from, invoice.service_to, until)
    part = Micros(total - invoice.recognised)
    invoice.recognised = total
    books.served[invoice.invoice] = Micros(books.served.get(invoice.invoice, 0) + part)


def measure(books: Books, event: ServiceMeasured, cause: str) -> None:
    """Keep a tick's availability for the daily close."""
    del cause  # nothing is booked yet
    answered = 1 - event.timed_out if books.section.timeouts_count else 1.0
    books.available.append(round(event.available * answered * _PPM))


def close_day(books: Books) -> None:
    """Book what the time since the last close earned and cost; all figures are cumulative, so rounding never adds up."""
    for customer in books.active.values():
        if customer.running is not None:
            serve(books, customer.running, books.now)
    earned: Counter[str] = Counter()
    for name, part in books.served.items():
        earned[books.invoices[name].plan] += part
    for plan, amount in sorted(earned.items()):
        why = Why("customer", f"service delivered on plan {plan}")
        books.post("recognition", (plan, books.now), {DEFERRED: amount, SUBSCRIPTION: -amount}, {}, why)
    promise_credits(books)
    books.served.clear()
    books.available.clear()
    _fixed_cost(books)
    books.closed_at = books.now
    tie_out(books)


def tie_out(books: Books) -> None:
    """The ledger's liabilities must be the sum of what each invoice and customer holds. `LedgerError` if not.

    Called when nothing served waits for its entry.
    """
    deferred = sum(customer.running.unserved for customer in books.active.values() if customer.running)
    owed = (
        sum(customer.credit for customer in books.customers.values())
        + sum(invoice.owed_back for invoice in books.doubled)
        + books.breach_owed
    )
    for account, expected in ((DEFERRED, deferred), (OWED, owed)):
        if books.ledger.owes(account) != expected:
            raise LedgerError(f"{account} holds {books.ledger.owes(account)}, its invoices {expected}")


def _fixed_cost(books: Books) -> None:
    monthly = Micros(books.section.fixed_cost_month + share(books.inherited_mrr, books.section.fixed_cost_percent, 100))
    amount = share(monthly, books.now, MONTH) - share(monthly, books.closed_at, MONTH)
    why = Why("company", "fixed cost")
    books.post("fixed_cost", (books.now,), {cost("fixed"): amount, CASH: -amount}, {VENDORS: amount}, why)
