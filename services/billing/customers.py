"""Customers with their subscriptions, and invoices with their service periods."""

from dataclasses import dataclass, field
from typing import Final, Literal

from bus.messages.billing import InvoiceInfo
from bus.money import Micros, share
from bus.simtime import DAY, SimTime
from services.billing.accounts import LedgerError

MONTH: Final = 30 * DAY
"""A month of service, and of a wallet's income."""

State = Literal["active", "ended", "unpaid"]


@dataclass(slots=True)
class Invoice:
    """One charge and its one service period."""

    invoice: str
    customer: str
    plan: str
    seats: int
    at: SimTime
    amount: Micros
    """Charged for the service period."""
    service_from: SimTime
    service_to: SimTime
    """Not moved when service ends early: `ended_at` is."""
    ended_at: SimTime | None = None
    """When service ended before its time: the subscription ended or changed."""
    entry: str | None = None
    """The ledger entry of the charge; None for those made before the episode."""
    recognised: Micros = Micros(0)
    """Served so far."""
    returned: Micros = Micros(0)
    """Of `amount`: refunded, credited, disputed or given back at the end."""
    doubled: Micros = Micros(0)
    """Charged a second time by mistake before the episode: owed back from the start."""
    repaid: Micros = Micros(0)
    """Of `doubled`, given back."""

    @property
    def served_to(self) -> SimTime:
        """End of the time for which this charge, and no other, stands."""
        return self.service_to if self.ended_at is None else self.ended_at

    @property
    def charged(self) -> Micros:
        return Micros(self.amount + self.doubled)

    @property
    def refundable(self) -> Micros:
        """Charged and not yet given back."""
        return Micros(self.charged - self.returned - self.repaid)

    @property
    def unserved(self) -> Micros:
        """Prepaid and not served yet: what deferred revenue holds of it while it runs."""
        return Micros(self.amount - self.recognised)

    @property
    def unserved_due(self) -> Micros:
        """What of `unserved` the customer gets when service ends now: all, but for what it got back already."""
        return Micros(min(self.unserved, self.amount - self.returned))

    @property
    def owed_back(self) -> Micros:
        """Of the double charge, still owed."""
        return Micros(self.doubled - self.repaid)

    def give_back(self, amount: Micros) -> Micros:
        """Note that an amount goes back, first of the double charge; returns how much of it was owed for that."""
        owed = Micros(min(amount, self.owed_back))
        self.repaid = Micros(self.repaid + owed)
        self.returned = Micros(self.returned + amount - owed)
        return owed

    def info(self) -> InvoiceInfo:
        return InvoiceInfo(
            invoice=self.invoice,
            customer=self.customer,
            at=self.at,
            service_from=self.service_from,
            service_to=self.served_to,
            amount=self.charged,
            refunded=Micros(self.returned + self.repaid),
            plan=self.plan,
            seats=self.seats,
        )


@dataclass(slots=True)
class Customer:
    """A customer and its subscription. Its wallet is in the ledger."""

    customer: str
    name: str
    plan: str
    seats: int
    income: Micros
    """What the wallet gets each month of service, at renewal."""
    state: State = "ended"
    price: Micros = Micros(0)
    """Per seat, of the running month."""
    running: Invoice | None = None
    last: Invoice | None = None
    """The last charge, running or over: the next one may not begin before its service ended."""
    charges: int = 0
    invoices: list[Invoice] = field(default_factory=list[Invoice])
    credit: Micros = Micros(0)
    """Service credits promised and not yet paid."""
    breach: Micros = Micros(0)
    """Damages booked for it as a victim."""

    def __post_init__(self) -> None:
        if self.seats < 1 or self.income < 0:
            raise LedgerError(
                f"customer {self.customer!r} cannot have {self.seats} seats and an income of {self.income}"
            )

    @property
    def monthly(self) -> Micros:
        return Micros(self.price * self.seats)


def served(amount: Micros, service_from: SimTime, service_to: SimTime, until: SimTime) -> Micros:
    """How much of an amount is earned until a moment: linear in time, exact in sum whatever the steps are."""
    length = service_to - service_from
    passed = min(max(until - service_from, 0), length)
    return share(amount, passed, length)
