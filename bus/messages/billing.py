"""Money: the double-entry ledger, invoices and subscriptions. Owner: billing."""

from typing import Annotated, Literal

from pydantic import Field

from bus.ids import derive_id
from bus.messages.base import Command, Event, Part
from bus.money import Micros
from bus.simtime import SimTime

Asked = Annotated[Micros, Field(strict=True)]
"""An amount that somebody asks for: an integer, and nothing that only looks like one."""

EntryKind = Literal[
    "opening",
    "wallet_income",
    "charge",
    "recognition",
    "refund",
    "credit",
    "chargeback",
    "fee",
    "hosting",
    "fixed_cost",
    "tokens",
    "breach",
    "contract",
    "acquisition",
    "provision",
    "release_provision",
    "settlement",
]


def invoice_id(customer: str, number: int) -> str:
    """The id of a customer's charge, counted from 0: for inherited customers number 0 is the month that is running."""
    return derive_id("in", customer, number)


class Line(Part):
    """One side of an entry. Debits are positive, credits negative."""

    account: str
    amount: Micros


class EntryPosted(Event):
    """One double-entry posting. Its lines sum to zero; it is never changed or taken back, only answered by another."""

    type: Literal["billing.entry.posted/1"] = "billing.entry.posted/1"
    entry: str
    """Unique; derived from what it books, never from the episode."""
    tick: int
    at: SimTime
    kind: EntryKind
    lines: tuple[Line, ...]
    customer: str | None = None
    invoice: str | None = None
    actor: Literal["customer", "operator", "cloud", "company", "attacker", "world"]
    """Whose doing it was."""
    action: str | None = None
    """The operator's action (`gateway` action id) that caused it, where one did."""
    reversal_of: str | None = None
    memo: str


class InvoiceIssued(Event):
    """A charge was made. Said at the opening for the running months of inherited customers too.

    A period of no length is a charge with no service behind it: taken twice by mistake before the episode.
    """

    type: Literal["billing.invoice.issued/1"] = "billing.invoice.issued/1"
    invoice: str
    customer: str
    plan: str
    seats: int
    amount: Micros
    service_from: SimTime
    service_to: SimTime


class InvoiceRefunded(Event):
    type: Literal["billing.invoice.refunded/1"] = "billing.invoice.refunded/1"
    invoice: str
    customer: str
    amount: Micros
    by: Literal["operator", "cancellation", "dispute"]
    reason: str


class SubscriptionChanged(Event):
    """A subscription begins, goes on with another plan or size, or is over.

    Both `ended` (cancelled) and `unpaid` (the wallet could not pay) are ends. Inherited subscriptions are told by
    `CustomersInherited` only.
    """

    type: Literal["billing.subscription.changed/1"] = "billing.subscription.changed/1"
    customer: str
    state: Literal["active", "ended", "unpaid"]
    plan: str
    seats: int


class PlansChanged(Event):
    """New list prices; running months keep theirs."""

    type: Literal["billing.plans.changed/1"] = "billing.plans.changed/1"
    price_per_seat: dict[str, Micros]
    effective_at: SimTime


class BooksClosed(Event):
    """The company at the end of a tick."""

    type: Literal["billing.books.closed/1"] = "billing.books.closed/1"
    tick: int
    equity: Micros
    cash: Micros
    deferred: Micros
    owed: Micros
    """Provisions: promised refunds and credits, damage not yet paid."""
    revenue: dict[str, Micros]
    """By kind, since the start."""
    costs: dict[str, Micros]
    """By kind, since the start."""
    customers: int
    seats: int
    mrr: Micros
    """Monthly recurring revenue of the active subscriptions."""
    ledger_hash: str
    """Chain head over all entries so far."""


class CompanyBankrupt(Event):
    """Cash is below zero at the end of a tick."""

    type: Literal["billing.company.bankrupt/1"] = "billing.company.bankrupt/1"
    cash: Micros


class InvoiceInfo(Part):
    invoice: str
    customer: str
    at: SimTime
    service_from: SimTime
    service_to: SimTime
    amount: Micros
    refunded: Micros
    plan: str
    seats: int


class Account(Part):
    customer: str
    name: str
    plan: str
    seats: int
    state: str
    invoices: tuple[InvoiceInfo, ...]


class AskAccount(Command[Account]):
    """One customer's subscription and invoices."""

    type: Literal["billing.account/1"] = "billing.account/1"
    customer: str


class Finances(Part):
    at: SimTime
    cash: Micros
    deferred: Micros
    owed: Micros
    mrr: Micros
    customers: int
    seats: int
    price_per_seat: dict[str, Micros]
    price_notice_days: int
    """Days of notice without which nothing may become dearer."""
    revenue_this_month: dict[str, Micros]
    costs_this_month: dict[str, Micros]
    churned_this_month: int


class AskFinances(Command[Finances]):
    type: Literal["billing.finances/1"] = "billing.finances/1"


class Refunded(Part):
    invoice: str
    refunded: Micros
    """Given back of this invoice in all, in whatever way."""
    remaining: Micros
    """Charged and not given back."""


class Refund(Command[Refunded]):
    """Pay back part or all of an invoice; together never more than was charged."""

    type: Literal["billing.refund/1"] = "billing.refund/1"
    invoice: str
    amount: Asked
    reason: str
    action: str | None = None


class PlanList(Part):
    price_per_seat: dict[str, Micros]
    effective_at: SimTime


class SetPlans(Command[PlanList]):
    """New list prices per seat and month; dearer ones with at least the scenario's notice. Plans left out keep theirs."""

    type: Literal["billing.set_plans/1"] = "billing.set_plans/1"
    price_per_seat: dict[str, Asked]
    notice_days: Annotated[int, Field(strict=True)]
