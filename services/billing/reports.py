"""What the books tell: the tick's totals, one customer's account, the company's finances."""

from bus.messages.base import Refused
from bus.messages.billing import Account, BooksClosed, Finances
from bus.money import Micros
from bus.simtime import SimTime
from services.billing.accounts import DEFERRED, OWED
from services.billing.books import Books
from services.billing.customers import MONTH


def books_closed(books: Books) -> BooksClosed:
    """The company at the end of this stage."""
    ledger = books.ledger
    return BooksClosed(
        tick=books.tick,
        equity=ledger.equity,
        cash=ledger.cash,
        deferred=ledger.owes(DEFERRED),
        owed=ledger.owes(OWED),
        revenue=ledger.by_kind("revenue:", -1),
        costs=ledger.by_kind("cost:", 1),
        customers=len(books.active),
        seats=books.seats,
        mrr=books.mrr,
        ledger_hash=ledger.head,
    )


def account(books: Books, name: str) -> Account | Refused:
    """One customer's subscription and invoices, newest last."""
    customer = books.customers.get(name)
    if customer is None:
        return Refused(code="unknown_customer", detail=f"there is no customer {name[:60]!r}")
    return Account(
        customer=name,
        name=customer.name,
        plan=customer.plan,
        seats=customer.seats,
        state=customer.state,
        invoices=tuple(invoice.info() for invoice in sorted(customer.invoices, key=lambda each: each.at)),
    )


def finances(books: Books, at: SimTime) -> Finances:
    """The company now, and since this month of the episode (30 days) began."""
    ledger = books.ledger
    return Finances(
        at=at,
        cash=ledger.cash,
        deferred=ledger.owes(DEFERRED),
        owed=ledger.owes(OWED),
        mrr=books.mrr,
        customers=len(books.active),
        seats=books.seats,
        price_per_seat=books.prices.at(at),
        price_notice_days=books.section.price_notice_days,
        revenue_this_month=_since(books, ledger.by_kind("revenue:", -1), "revenue:", -1),
        costs_this_month=_since(books, ledger.by_kind("cost:", 1), "cost:", 1),
        churned_this_month=books.churned,
    )


def begin_month(books: Books) -> None:
    """Start counting the month that `books.now` is in."""
    books.month = books.now // MONTH
    books.month_began = dict(books.ledger.company)
    books.churned = 0


def _since(books: Books, totals: dict[str, Micros], prefix: str, sign: int) -> dict[str, Micros]:
    return {kind: Micros(total - sign * books.month_began.get(prefix + kind, 0)) for kind, total in totals.items()}
