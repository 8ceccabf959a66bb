"""A company whose ticks a test settles by hand, without bus or database."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

from bus.ids import EpisodeId
from bus.messages.base import Delivered, Envelope, Event
from bus.messages.billing import EntryPosted, Line
from bus.messages.users import CustomerJoined, CustomersInherited
from bus.money import MICROS_PER_DOLLAR, Micros
from bus.scenario import BillingSection
from bus.simtime import DAY, HOUR, SimTime
from services.billing.books import Books, open_books
from services.billing.customers import Customer
from services.billing.model import Stage, settle

E = TypeVar("E", bound=Event)

PRICES = {"starter": 8, "team": 12}
"""Dollars per seat and month."""
FREE: dict[str, Any] = {
    "price_per_seat": {plan: dollars * MICROS_PER_DOLLAR for plan, dollars in PRICES.items()},
    "opening_cash": 1_000 * MICROS_PER_DOLLAR,
    "fixed_cost_month": 0,
    "payment_fee_share": 0.0,
    "payment_fee": 0,
    "acquisition": 0,
}
"""A company that spends nothing by itself, so that a test sees only what it asks for."""


def usd(dollars: float) -> Micros:
    return Micros(round(dollars * MICROS_PER_DOLLAR))


RICH = usd(1_000)


def inherited(*customers: tuple[str, str, int, SimTime, Micros, Micros]) -> CustomersInherited:
    """Customers as (id, plan, seats, paid from, wallet, income)."""
    names, plans, seats, paid_from, wallets, incomes = zip(*customers, strict=True)
    return CustomersInherited(
        agent="u1",
        customer=names,
        name=tuple(name.title() for name in names),
        segment=("team",) * len(names),
        plan=plans,
        seats=seats,
        paid_from=paid_from,
        wallet=wallets,
        income=incomes,
    )


def joined(customer: str, seats: int = 1, *, plan: str = "team", wallet: Micros = RICH) -> CustomerJoined:
    return CustomerJoined(
        agent="u1",
        customer=customer,
        name=customer.title(),
        segment="team",
        plan=plan,
        seats=seats,
        wallet=wallet,
        income=Micros(0),
    )


@dataclass
class Company:
    """Books with everything that they ever said."""

    books: Books
    told: list[Event] = field(default_factory=list[Event])
    _sent: int = 0

    def tick(self, tick: int, *events: Event, closing: bool = False) -> None:
        """Settle a tick in which some events were heard."""
        heard: list[Delivered] = []
        for event in events:
            self._sent += 1
            envelope = Envelope(
                id=f"{event.family()}-{self._sent}",
                episode=EpisodeId("e_aaaaaaaaaaaa"),
                sim_time=SimTime(tick * HOUR),
                seq=self._sent,
            )
            heard.append(Delivered(envelope, event))
        settle(self.books, Stage(tick, SimTime(tick * HOUR), closing), heard)
        self.listen()

    def day(self, day: int, *events: Event, closing: bool = False) -> None:
        """Settle the first tick of a day, counted from 0."""
        self.tick(day * DAY // HOUR, *events, closing=closing)

    def listen(self) -> None:
        self.told += [event for event, _ in self.books.take_changes().said]

    def heard(self, kind: type[E]) -> list[E]:
        """Everything of a kind that was said, in order."""
        return [event for event in self.told if isinstance(event, kind)]

    def entries(self, kind: str) -> list[EntryPosted]:
        return [entry for entry in self.heard(EntryPosted) if entry.kind == kind]

    def entry(self, kind: str) -> dict[str, int]:
        """The lines of the only entry of a kind."""
        (entry,) = self.entries(kind)
        return amounts(entry.lines)

    def wallet(self, customer: str) -> Micros:
        return self.books.ledger.wallet(customer)

    def customer(self, customer: str) -> Customer:
        return self.books.customers[customer]

    def balance(self, account: str) -> int:
        return self.books.ledger.company[account]


def amounts(lines: tuple[Line, ...]) -> dict[str, int]:
    return {line.account: line.amount for line in lines}


def company(*first: Event, **billing: Any) -> Company:
    """A company after its first tick; `billing` replaces fields of `FREE`."""
    made = Company(open_books(BillingSection.model_validate(FREE | billing)))
    made.tick(0, *first)
    return made
