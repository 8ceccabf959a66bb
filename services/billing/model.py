"""Billing's decisions, pure: one function for a stage, and those for commands in `refunds`, `plans` and `reports`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bus.messages.attackers import AttemptEnded
from bus.messages.base import Delivered, Event
from bus.messages.billing import CompanyBankrupt
from bus.messages.cloud import ServiceMeasured, UsageMetered
from bus.messages.gateway import TurnEnded
from bus.messages.users import (
    ChargeDisputed,
    ContractMet,
    CustomerChanged,
    CustomerChurned,
    CustomerJoined,
    CustomersInherited,
    DoubleChargeInherited,
)
from bus.simtime import SimTime, day_of
from services.billing.accounts import LedgerError
from services.billing.books import Books
from services.billing.contracts import book_contract
from services.billing.costs import book_breach, book_hosting, book_tokens
from services.billing.customers import MONTH
from services.billing.opening import inherit, inherit_double, open_company
from services.billing.recognition import close_day, measure
from services.billing.refunds import dispute
from services.billing.reports import begin_month, books_closed
from services.billing.settlement import settle_debts
from services.billing.subscriptions import book_fees, change, join, leave, renew_due

Booking = Callable[[Books, Any, str], None]
"""Books one event; the text is the id of its envelope."""

OPENING: Mapping[type[Any], Booking] = {
    CustomersInherited: inherit,
    DoubleChargeInherited: inherit_double,
}
"""Events that belong into the first stage only, in this order."""

RUNNING: Mapping[type[Any], Booking] = {
    AttemptEnded: book_breach,
    ChargeDisputed: dispute,
    ContractMet: book_contract,
    CustomerChanged: change,
    CustomerChurned: leave,
    CustomerJoined: join,
    ServiceMeasured: measure,
    TurnEnded: book_tokens,
    UsageMetered: book_hosting,
}
"""Events that are booked whenever they come; all others are of no account."""


def concerns(event: Event) -> bool:
    """Whether an event is booked at all."""
    return type(event) in RUNNING or type(event) in OPENING


@dataclass(frozen=True, slots=True)
class Stage:
    """When the books are settled: `now` is the tick's first moment; service is counted up to it."""

    tick: int
    now: SimTime
    closing: bool = False


def settle(books: Books, stage: Stage, messages: Iterable[Delivered]) -> None:
    """Book everything heard, renew what is due, and close the tick. What comes of it waits in `books.take_changes()`.

    Raises `LedgerError` if the books would become wrong.
    """
    first = books.tick < 0
    heard = list(messages)
    books.tick, books.now = stage.tick, max(books.now, stage.now)
    if first:
        _open(books, heard)
    elif day_of(books.now) > day_of(books.closed_at) or stage.closing:
        close_day(books)
    if books.now // MONTH > books.month:
        begin_month(books)
    for delivered in heard:
        _book(books, delivered, first)
    if not stage.closing:  # at the end no service follows that a renewal could be charged for
        renew_due(books)
    book_fees(books)
    if stage.closing:
        settle_debts(books)
    books.ledger.check()
    books.say(books_closed(books))
    if books.ledger.cash < 0 and not stage.closing:
        books.say(CompanyBankrupt(cash=books.ledger.cash))


def _open(books: Books, heard: list[Delivered]) -> None:
    open_company(books)
    for kind, booking in OPENING.items():
        for delivered in heard:
            if isinstance(delivered.event, kind):
                booking(books, delivered.event, delivered.envelope.id)


def _book(books: Books, delivered: Delivered, first: bool) -> None:
    kind = type(delivered.event)
    if kind in OPENING and not first:
        raise LedgerError(f"{kind.type_name()} ({delivered.envelope.id}) came after the opening")
    if kind in RUNNING:
        RUNNING[kind](books, delivered.event, delivered.envelope.id)
