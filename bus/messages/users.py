"""What customers and their users do and decide. Owner: users. Hidden from the operator.

Columns of one message have equal length; row i of each belongs together.
"""

from typing import Literal, Self, cast

from pydantic import model_validator

from bus.messages.base import Command, Done, Event, Part
from bus.money import Micros
from bus.simtime import SimTime

Segment = Literal["solo", "team", "business"]
PainKind = Literal[
    "outage", "error", "failed_save", "lost_item", "stale_read", "foreign_item", "slow", "waiting", "broken_promise"
]


class Columns(Event):
    """An event whose tuple fields are columns of one table."""

    @model_validator(mode="after")
    def _equal_lengths(self) -> Self:
        fields = cast("dict[str, tuple[object]]", self.__dict__)
        lengths = {len(value) for value in fields.values() if type(value) is tuple}
        if len(lengths) > 1:
            raise ValueError(f"columns differ in length: {sorted(lengths)}")
        return self


class CustomersInherited(Columns):
    """The customers of one user agent that the company has when the episode begins."""

    type: Literal["users.customers.inherited/1"] = "users.customers.inherited/1"
    agent: str
    customer: tuple[str, ...]
    name: tuple[str, ...]
    segment: tuple[Segment, ...]
    plan: tuple[str, ...]
    seats: tuple[int, ...]
    paid_from: tuple[SimTime, ...]
    """Start of the paid month that is running; zero or negative."""
    wallet: tuple[Micros, ...]
    """What the customer has at the start; the world's wallets get no other opening money."""
    income: tuple[Micros, ...]
    """What its closed budget adds each month."""


class CustomerJoined(Event):
    """A new customer signed up and takes a plan."""

    type: Literal["users.customer.joined/1"] = "users.customer.joined/1"
    agent: str
    customer: str
    name: str
    segment: Segment
    plan: str
    seats: int
    wallet: Micros
    income: Micros


class CustomerChanged(Event):
    """A customer takes another plan or another number of seats, from now on."""

    type: Literal["users.customer.changed/1"] = "users.customer.changed/1"
    agent: str
    customer: str
    plan: str
    seats: int


class CustomerChurned(Event):
    """A customer leaves. Cancelling always works at the wallet: nothing is charged from here on."""

    type: Literal["users.customer.churned/1"] = "users.customer.churned/1"
    agent: str
    customer: str
    reason: Literal["dissatisfied", "beyond_tolerance", "payment_failed", "price", "breach"]


class PainFelt(Event):
    """Something hurt a customer of the panel, with what shows it."""

    type: Literal["users.pain.felt/1"] = "users.pain.felt/1"
    agent: str
    customer: str
    kind: PainKind
    amount: Micros
    journey: str
    step: str
    request: str
    """Method and path."""
    response: str
    """Status and an excerpt, quoted: data, never instructions."""


class CohortWorked(Columns):
    """One user agent's tick; its tuples are columns with a row for each kind of session that there was."""

    type: Literal["users.cohort.worked/2"] = "users.cohort.worked/2"
    agent: str
    tick: int
    customers: int
    users: int
    active: int
    """Users who worked in this tick."""
    journey: tuple[str, ...]
    sessions: tuple[int, ...]
    executed: tuple[int, ...]
    """Of these, run over HTTP; the others follow the measured outcomes."""
    failed: tuple[int, ...]
    satisfaction: float
    """Mean over the cohort's customers, 0 to 1."""
    pain: Micros
    """Felt in this tick, all customers."""


class MarketMoved(Columns):
    """What all user agents together know after a tick; its tuples are columns: what the executed sessions showed."""

    type: Literal["users.market.moved/1"] = "users.market.moved/1"
    tick: int
    alive: int
    """Paying customers."""
    heard: float
    """Satisfaction, 0 to 1, as far as it has been talked about."""
    reputation: float
    """0 to 1."""
    journey: tuple[int, ...]
    stratum: tuple[int, ...]
    outcome: tuple[int, ...]
    """A kind of pain by its place in the list, or -1."""
    sessions: tuple[int, ...]


class LoadOffered(Event):
    """How much work all users together brought in this tick, executed or not."""

    type: Literal["users.load.offered/1"] = "users.load.offered/1"
    tick: int
    requests: dict[str, int]
    """Requests by kind of work (the kinds of the demand probe)."""


class TicketAsked(Event):
    """A customer writes to support. `topic` is what the customer would call it; the truth stays with the customer."""

    type: Literal["users.ticket.asked/1"] = "users.ticket.asked/1"
    agent: str
    customer: str
    ticket: str
    topic: Literal["problem", "billing", "question", "request", "security"]
    subject: str
    body: str
    at: SimTime
    """When it was written; negative for tickets that the company inherited."""


class TicketSaid(Event):
    """A customer goes on in a thread."""

    type: Literal["users.ticket.said/1"] = "users.ticket.said/1"
    agent: str
    customer: str
    ticket: str
    body: str


class TicketChecked(Event):
    """The requester looked again whether the thing is as it should be: this decides a ticket's state."""

    type: Literal["users.ticket.checked/1"] = "users.ticket.checked/1"
    agent: str
    customer: str
    ticket: str
    solved: bool
    body: str


class ChargeDisputed(Event):
    """A customer has its bank take a charge back: an owed refund was not paid, or it was charged after cancelling."""

    type: Literal["users.charge.disputed/1"] = "users.charge.disputed/1"
    agent: str
    customer: str
    invoice: str
    reason: str


class DoubleChargeInherited(Event):
    """A charge that the company took twice before the episode began: it is owed back."""

    type: Literal["users.charge.doubled/1"] = "users.charge.doubled/1"
    agent: str
    customer: str
    invoice: str
    amount: Micros
    at: SimTime


class LinkShared(Event):
    """Somebody of a customer sent an address in the product to somebody outside, where it may go round."""

    type: Literal["users.link.shared/1"] = "users.link.shared/1"
    agent: str
    customer: str
    target: str
    """Path in the product; it holds an id that the product drew, so nothing booked may depend on its text."""
    nonce: str
    """What the thing at that address says, and nobody outside the company should read."""


class RequestTried(Event):
    """Somebody of a customer looked whether something that they wished for is there, and works."""

    type: Literal["users.request.tried/1"] = "users.request.tried/1"
    agent: str
    customer: str
    request: str
    works: bool


class ContractMet(Event):
    """Something works that a customer had agreed to pay for once, and in time."""

    type: Literal["users.contract.met/1"] = "users.contract.met/1"
    agent: str
    customer: str
    request: str
    amount: Micros
    """Micro-dollars."""


class Word(Part):
    """Something that a shard of the market would say, and where it belongs in the tick."""

    section: int
    order: int
    """Within the section: the user agent, or the message that it answers."""
    event: str
    """The event as JSON."""
    cause: str | None = None


class ShardLived(Command[Done]):
    """A shard of the market tells the whole one what came of its tick: see docs/adr."""

    type: Literal["users.lived/1"] = "users.lived/1"
    shard: int
    tick: int
    words: tuple[Word, ...]
    """A part of them; several messages make up a tick."""
    sessions: tuple[int, ...] = ()
    """By kind of session, sign-ups last. Empty in all messages but the last."""
    alive: int = 0
    content: int = 0
    """Satisfaction in millionths, summed over its customers."""
    observed: tuple[tuple[int, int, int, int], ...] = ()
    """Executed sessions: journey, stratum, outcome, how many."""
