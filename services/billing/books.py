"""The state of the company's books, and the two things that every part of the model does to it: post and say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bus.ids import derive_id
from bus.messages.base import Event
from bus.messages.billing import EntryKind, EntryPosted, SubscriptionChanged
from bus.money import Micros
from bus.scenario import BillingSection
from bus.simtime import SimTime
from services.billing.accounts import LedgerError, mirrored
from services.billing.customers import Customer, Invoice, State
from services.billing.ledger import Ledger, Posted
from services.billing.prices import PriceList

Actor = Literal["customer", "operator", "cloud", "company", "attacker", "world"]


@dataclass(frozen=True, slots=True)
class Why:
    """Who is behind an entry and what it is about."""

    actor: Actor
    memo: str
    customer: str | None = None
    invoice: str | None = None
    action: str | None = None
    """The operator's action id."""
    answers: str | None = None
    """The entry that this one gives back."""
    cause: str | None = None
    """Id of the message behind it; stands on the envelope, never in the ledger."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened since the books were last stored."""

    posted: list[Posted]
    said: list[tuple[Event, str | None]]
    """Events with their causes, in order; among them every entry of `posted`."""
    customers: list[Customer]
    invoices: list[Invoice]


@dataclass
class Books:
    """Everything billing knows. Changed only by the functions of this package, one stage or command at a time."""

    section: BillingSection
    prices: PriceList
    ledger: Ledger = field(default_factory=Ledger)
    customers: dict[str, Customer] = field(default_factory=dict[str, Customer])
    active: dict[str, Customer] = field(default_factory=dict[str, Customer])
    """Those with a running subscription, in order of signing up."""
    invoices: dict[str, Invoice] = field(default_factory=dict[str, Invoice])
    doubled: list[Invoice] = field(default_factory=list[Invoice])
    due: list[tuple[SimTime, str, str]] = field(default_factory=list[tuple[SimTime, str, str]])
    """Heap of ends of running months: when, customer, invoice. Rows of months that ended early are stale."""
    tick: int = -1
    """Of the last settled stage; -1 before the opening."""
    now: SimTime = SimTime(0)
    payments: list[Micros] = field(default_factory=list[Micros])
    """Charges of this stage, whose processing fees are booked together."""
    served: dict[str, Micros] = field(default_factory=dict[str, Micros])
    """By invoice: earned since the last daily recognition."""
    available: list[int] = field(default_factory=list[int])
    """Parts per million of each tick since the last daily close in which the product was up."""
    closed_at: SimTime = SimTime(0)
    """When the last day was closed: up to then service is recognised and the fixed cost booked."""
    breach_owed: Micros = Micros(0)
    seats: int = 0
    mrr: Micros = Micros(0)
    inherited_mrr: Micros = Micros(0)
    """Monthly revenue of the customers with whom the company began."""
    month: int = 0
    """Of the episode, 30 days each."""
    churned: int = 0
    """Subscriptions that ended in this month of the episode."""
    month_began: dict[str, int] = field(default_factory=dict[str, int])
    """The company's accounts when this month of the episode began."""
    _said: list[tuple[Event, str | None]] = field(default_factory=list[tuple[Event, str | None]])
    _touched: dict[str, Customer] = field(default_factory=dict[str, Customer])
    _billed: dict[str, Invoice] = field(default_factory=dict[str, Invoice])

    def post(
        self,
        kind: EntryKind,
        key: Iterable[str | int],
        company: Mapping[str, int],
        money: Mapping[str, int],
        why: Why,
    ) -> str | None:
        """Post an entry from its company half and its outside money (see `accounts.mirrored`); returns its id.

        `key` is what the entry stands for: with the kind it makes the id, so nothing can be booked twice. An entry that
        moves nothing is not posted.
        """
        lines = mirrored(company, money)
        if not lines:
            return None
        entry = EntryPosted(
            entry=derive_id("en", kind, *key),
            tick=self.tick,
            at=self.now,
            kind=kind,
            lines=lines,
            customer=why.customer,
            invoice=why.invoice,
            actor=why.actor,
            action=why.action,
            reversal_of=why.answers,
            memo=why.memo,
        )
        self.ledger.post(entry)
        self.say(entry, why.cause)
        return entry.entry

    def say(self, event: Event, cause: str | None = None) -> None:
        """Tell an event when the books are stored."""
        self._said.append((event, cause))

    def touch(self, customer: Customer) -> None:
        """Note that a customer's row must be stored."""
        self._touched[customer.customer] = customer

    def bill(self, invoice: Invoice) -> None:
        """Note that an invoice's row must be stored."""
        self._billed[invoice.invoice] = invoice

    def take_changes(self) -> Changes:
        """What must be stored now."""
        changes = Changes(
            self.ledger.take_fresh(), self._said, list(self._touched.values()), list(self._billed.values())
        )
        self._said, self._touched, self._billed = [], {}, {}
        return changes

    def customer(self, name: str, told_by: str) -> Customer:
        """A customer that somebody speaks of; `LedgerError` if there is none."""
        if name not in self.customers:
            raise LedgerError(f"{told_by} speaks of the customer {name!r}, who was never told of")
        return self.customers[name]

    def list_price(self, plan: str, begins: SimTime) -> Micros:
        """Price per seat for a month that begins then; `LedgerError` for a plan that is not sold."""
        try:
            return self.prices.price(plan, begins)
        except KeyError as error:
            known = ", ".join(self.prices.plans)
            raise LedgerError(f"there is no plan {plan!r}; the scenario sells {known}") from error

    def set_state(self, customer: Customer, state: State, cause: str | None) -> None:
        """Start or end a subscription, and keep the totals of seats and monthly revenue."""
        was = customer.customer in self.active
        if state == "active" and not was:
            self.active[customer.customer] = customer
            self.count(customer, 1)
        elif state != "active" and was:
            del self.active[customer.customer]
            self.count(customer, -1)
            self.churned += 1
            customer.running = None
        customer.state = state
        self.touch(customer)
        changed = SubscriptionChanged(customer=customer.customer, state=state, plan=customer.plan, seats=customer.seats)
        self.say(changed, cause)

    def count(self, customer: Customer, sign: Literal[1, -1]) -> None:
        """Put a customer into the totals, or take it out before its plan, seats or price change."""
        self.seats += sign * customer.seats
        self.mrr = Micros(self.mrr + sign * customer.monthly)


def open_books(section: BillingSection) -> Books:
    """Books before the opening entry."""
    return Books(section, PriceList(section.price_per_seat))
