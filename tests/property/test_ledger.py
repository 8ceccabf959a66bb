"""Whatever customers, attackers, clouds and operators do, in whatever order: the books stay true."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bus.ids import EpisodeId
from bus.messages.attackers import AttemptEnded
from bus.messages.base import Delivered, Envelope, Event
from bus.messages.billing import EntryPosted, InvoiceIssued, InvoiceRefunded, Refund, SetPlans, invoice_id
from bus.messages.cloud import ServiceMeasured, UsageLine, UsageMetered
from bus.messages.gateway import TurnEnded
from bus.messages.reward import Usage
from bus.messages.users import (
    ChargeDisputed,
    CustomerChanged,
    CustomerChurned,
    CustomerJoined,
    CustomersInherited,
    DoubleChargeInherited,
)
from bus.money import MICROS_PER_DOLLAR, Micros
from bus.scenario import BillingSection
from bus.simtime import DAY, HOUR, SimTime
from services.billing.books import Books, Changes, open_books
from services.billing.customers import MONTH, served
from services.billing.model import Stage, settle
from services.billing.plans import set_plans
from services.billing.refunds import refund
from services.billing.store import Store

NAMES = tuple(f"c{number}" for number in range(6))
INHERITED = NAMES[:3]
PLANS = ("starter", "team", "business")
DOUBLED = "in_twice"
Op = tuple[Any, ...]
"""What happens next: a verb and its arguments; `play` reads it."""

amounts = st.one_of(
    st.integers(-5, 200 * MICROS_PER_DOLLAR), st.sampled_from([0, -1, 1, 2**31, 2**53, 2**63, -(2**63), 2**80])
)
some = st.integers(0, 50)
names, plans, seats = st.sampled_from(NAMES), st.sampled_from(PLANS), st.integers(1, 9)
waits = st.tuples(st.just("wait"), st.sampled_from([1, 5, 23, 24, 25, 240, 719, 720, 721, 1500]))
operating = st.one_of(
    st.tuples(st.just("refund"), some, amounts),
    st.tuples(st.just("give_back"), some, st.sampled_from([1, 50, 99, 100, 101])),
    st.tuples(st.just("set_plans"), plans, amounts, st.integers(-1, 40)),
)
worldly = st.one_of(
    st.tuples(st.just("join"), names, plans, seats, st.integers(0, 300 * MICROS_PER_DOLLAR)),
    st.tuples(st.just("change"), names, plans, seats),
    st.tuples(st.just("churn"), names),
    st.tuples(st.just("breach"), names, st.integers(-3, 10**9)),
    st.tuples(st.just("bill"), st.integers(0, 5 * MICROS_PER_DOLLAR)),
    st.tuples(st.just("tokens"), amounts, amounts),
    st.tuples(st.just("measured"), st.sampled_from([0.0, 0.5, 0.97, 0.9985, 1.0])),
)
disputes = st.tuples(st.just("dispute"), some)
histories = st.lists(st.one_of(waits, worldly, operating, disputes), min_size=8, max_size=50)


@dataclass
class Play:
    """A company on its own clock, and everything that it heard and said."""

    wallet: int = 150 * MICROS_PER_DOLLAR
    income: int = 40 * MICROS_PER_DOLLAR
    double: bool = True
    store: Store | None = None
    """Given one, everything is delivered twice in its tick and again in the next, and filtered as the service does."""
    books: Books = field(default_factory=lambda: open_books(BillingSection()))
    told: list[Event] = field(default_factory=list[Event])
    _heard: list[Delivered] = field(default_factory=list[Delivered])
    _before: list[Delivered] = field(default_factory=list[Delivered])
    _numbers: Counter[str] = field(default_factory=Counter[str])
    _hour: int = 0

    def hear(self, event: Event) -> None:
        family = event.family()
        self._numbers[family] += 1
        seq = self._numbers[family]
        at = SimTime(self._hour * HOUR)
        envelope = Envelope(id=f"{family}-{seq}", episode=EpisodeId("e_aaaaaaaaaaaa"), sim_time=at, seq=seq)
        self._heard.append(Delivered(envelope, event))

    def settle(self, *, closing: bool = False) -> None:
        stage = Stage(self._hour, SimTime(self._hour * HOUR), closing)
        if self.store is None:
            settle(self.books, stage, self._heard)
            self.listen()
        else:
            with self.store.begin() as connection:
                heard = [*self._before, *self._heard, *self._heard]
                settle(self.books, stage, self.store.outbox.fresh(connection, heard))
                self.store.save(connection, self.listen())
        self._before, self._heard = self._heard, []
        self._hour += 1

    def listen(self) -> Changes:
        changes = self.books.take_changes()
        self.told += [event for event, _ in changes.said]
        return changes

    def command(self, carry_out: Callable[[str], object]) -> None:
        self._numbers["gateway"] += 1
        request = f"request-{self._numbers['gateway']}"
        if self.store is None:
            carry_out(request)
            self.listen()
            return
        for _ in range(2):
            with self.store.begin() as connection:
                if self.store.outbox.first_time(connection, request):
                    carry_out(request)
                    self.store.save(connection, self.listen())

    def open(self) -> None:
        count = len(INHERITED)
        inherited = CustomersInherited(
            agent="u1",
            customer=INHERITED,
            name=INHERITED,
            segment=("team",) * count,
            plan=PLANS,
            seats=(1, 3, 7),
            paid_from=tuple(SimTime(-day * DAY - 1) for day in (0, 11, 29)),
            wallet=(Micros(self.wallet),) * count,
            income=(Micros(self.income),) * count,
        )
        self.hear(inherited)
        if self.double:
            self.hear(
                DoubleChargeInherited(
                    agent="u1", customer="c1", invoice=DOUBLED, amount=Micros(36_000_001), at=SimTime(-DAY)
                )
            )
        self.settle()

    def any_invoice(self, choice: int) -> str:
        known = [*self.books.invoices, "in_nothing"]
        return known[choice % len(known)]

    def do(self, op: Op) -> None:
        match op:
            case ("wait", hours):
                self.settle()
                self._hour += hours - 1
                self.settle()
            case ("refund", choice, amount):
                self.refund(self.any_invoice(choice), amount)
            case ("give_back", choice, percent):
                invoice = self.books.invoices[[*self.books.invoices][choice % len(self.books.invoices)]]
                self.refund(invoice.invoice, invoice.charged * percent // 100)
            case ("set_plans", plan, price, notice):
                prices = SetPlans.model_construct(price_per_seat={plan: Micros(price)}, notice_days=notice)
                self.command(lambda request: set_plans(self.books, prices, request, self.books.now))
            case _:
                self.world(op)

    def refund(self, invoice: str, amount: int) -> None:
        wish = Refund.model_construct(invoice=invoice, amount=Micros(amount), reason="r", action=None)
        self.command(lambda request: refund(self.books, wish, request, self.books.now))

    def world(self, op: Op) -> None:
        match op:
            case ("join", name, plan, count, wallet) if name not in self.books.active:
                self.settle()  # what was heard before must be booked: a customer joins only when it is gone
                if name not in self.books.active:
                    self.hear(_joined(name, plan, count, wallet))
                    self.settle()
            case ("change", name, plan, count) if name in self.books.customers:
                self.hear(CustomerChanged(agent="u1", customer=name, plan=plan, seats=count))
            case ("churn", name) if name in self.books.customers:
                self.hear(CustomerChurned(agent="u1", customer=name, reason="price"))
            case ("breach", name, records) if name in self.books.customers:
                self.hear(_taken(name, records))
            case ("bill", cost):
                line = UsageLine(item="instances", quantity=1.0, unit="h", cost=Micros(cost))
                self.hear(UsageMetered(tick=self._hour, lines=(line,)))
            case ("tokens", prompt, completion):
                self.hear(_turn(prompt, completion))
            case ("measured", available):
                self.hear(_measured(self._hour, available))
            case ("dispute", choice):
                invoice = self.books.invoices[[*self.books.invoices][choice % len(self.books.invoices)]]
                dispute = ChargeDisputed(agent="u1", customer=invoice.customer, invoice=invoice.invoice, reason="x")
                self.hear(dispute)
            case _:
                pass  # it is about somebody who is not there


def _joined(name: str, plan: str, count: int, wallet: int) -> CustomerJoined:
    return CustomerJoined(
        agent="u1",
        customer=name,
        name=name,
        segment="team",
        plan=plan,
        seats=count,
        wallet=Micros(wallet),
        income=Micros(wallet // 3),
    )


def _taken(victim: str, records: int) -> AttemptEnded:
    return AttemptEnded(
        attacker="x",
        kind="scrape",
        address="10.0.0.1",
        requests=1,
        outcome="succeeded",
        victim=victim,
        records=records,
    )


def _turn(prompt: int, completion: int) -> TurnEnded:
    return TurnEnded(
        turn_id="t",
        tick=0,
        action_ids=(),
        sim_time0=SimTime(0),
        sim_time1=SimTime(0),
        wall0=0.0,
        wall1=0.0,
        usage=Usage(prompt_tokens=prompt, completion_tokens=completion),
    )


def _measured(tick: int, available: float) -> ServiceMeasured:
    return ServiceMeasured(
        tick=tick, release=None, instances=1, available=available, utilisation=0.0, latency_ms={}, timed_out=0.0
    )


def played(history: list[Op], **how: Any) -> Play:
    """The books after a whole history and its closing settlement."""
    play = Play(**how)
    play.open()
    for op in history:
        play.do(op)
    play.settle()
    play.settle(closing=True)
    return play


def entries(play: Play) -> list[EntryPosted]:
    return [event for event in play.told if isinstance(event, EntryPosted)]


def check_entries(posted: list[EntryPosted]) -> Counter[str]:
    """The ledger's rules, read again from the entries alone; returns the balances."""
    balances: Counter[str] = Counter()
    for entry in posted:
        company = sum(line.amount for line in entry.lines if not line.account.startswith(("wallet:", "outside:")))
        assert company == 0
        assert sum(line.amount for line in entry.lines) == 0
        for line in entry.lines:
            balances[line.account] += line.amount
            assert not line.account.startswith("wallet:") or balances[line.account] >= 0
    assert len({entry.entry for entry in posted}) == len(posted)
    return balances


def check_invoices(play: Play) -> None:
    """Refunds do not exceed charges, and no time is paid twice."""
    charged = {event.invoice: event.amount for event in play.told if isinstance(event, InvoiceIssued)}
    back: Counter[str] = Counter()
    for event in play.told:
        if isinstance(event, InvoiceRefunded):
            assert event.amount > 0
            back[event.invoice] += event.amount
    for invoice in play.books.invoices.values():
        assert back[invoice.invoice] <= invoice.returned + invoice.repaid <= charged[invoice.invoice]
        assert 0 <= invoice.recognised <= invoice.amount
    for customer in play.books.customers.values():
        charges = [invoice for invoice in customer.invoices if invoice.invoice != DOUBLED]
        for earlier, later in pairwise(charges):
            assert earlier.service_from <= earlier.served_to <= later.service_from < later.service_to


@settings(max_examples=150, deadline=None)
@given(histories)
def test_the_books_stay_true(history: list[Op]) -> None:
    play = played(history)
    posted = entries(play)
    balances = check_entries(posted)
    check_invoices(play)
    assert balances["liability:owed"] == 0
    assert balances["liability:deferred"] <= 0
    profit = -sum(amount for account, amount in balances.items() if account.startswith(("revenue:", "cost:")))
    opening = check_entries([entry for entry in posted if entry.kind == "opening"])
    equity = sum(opening[account] for account in ("asset:cash", "liability:deferred", "liability:owed"))
    assert play.books.ledger.equity == equity + profit
    given_to_wallets = sum(line.amount for entry in posted for line in entry.lines if line.account == "outside:income")
    everything = sum(amount for account, amount in balances.items() if account.startswith("wallet:"))
    assert everything + balances["asset:cash"] + balances["outside:vendors"] == -given_to_wallets


@settings(max_examples=20, deadline=None)
@given(histories)
def test_replaying_everything_changes_no_cent(history: list[Op]) -> None:
    store = Store(None)
    once, again = played(history), played(history, store=store)
    store.close()
    assert once.books.ledger.head == again.books.ledger.head
    assert once.books.ledger.company == again.books.ledger.company


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(waits, operating, operating), max_size=30))
def test_no_commands_earn_where_customers_have_no_cash(history: list[Op]) -> None:
    """Neither from nothing, nor beyond what service already paid for earns without any command."""
    idle = [op for op in history if op[0] == "wait"]
    busy, quiet = (played(ops, wallet=0, income=0, double=False) for ops in (history, idle))
    assert busy.books.ledger.equity <= quiet.books.ledger.equity
    money = sum(invoice.amount for invoice in quiet.books.invoices.values())
    assert busy.books.ledger.cash <= BillingSection().opening_cash
    assert -busy.books.ledger.company["revenue:subscription"] <= money


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(waits, worldly, operating), max_size=30))
def test_refunds_at_any_time_never_earn(history: list[Op]) -> None:
    """Among customers whose decisions stay as they are; without double charges, whose fees a refund honestly saves."""
    calm = [op for op in history if op[0] in ("wait", "churn", "measured", "breach")]
    refunding = [op for op in history if op[0] in ("wait", "churn", "measured", "breach", "refund", "give_back")]
    without, with_refunds = (played(ops, wallet=0, income=0, double=False) for ops in (calm, refunding))
    assert with_refunds.books.ledger.equity <= without.books.ledger.equity


@given(st.integers(0, 2**53), st.integers(0, 2**40), st.integers(1, 2 * MONTH), st.lists(st.integers(0, 2**42)))
def test_recognition_sums_to_the_charge(amount: int, begins: int, length: int, moments: list[int]) -> None:
    ends = SimTime(begins + length)
    totals = [
        served(Micros(amount), SimTime(begins), ends, SimTime(moment))
        for moment in [begins, *sorted(min(max(moment, begins), ends) for moment in moments), ends]
    ]
    parts = [later - earlier for earlier, later in pairwise(totals)]
    assert all(part >= 0 for part in parts)
    assert sum(parts) == amount


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 9), plans, st.lists(st.sampled_from([1, 7, 24, 100]), max_size=12))
def test_a_served_month_is_all_revenue(count: int, plan: str, hours: list[int]) -> None:
    history: list[Op] = [("join", "c5", plan, count, 10**9), *(("wait", each) for each in hours)]
    play = played([*history, ("wait", 721), ("wait", 24)], wallet=0, income=0, double=False)
    month = play.books.invoices[invoice_id("c5", 0)]
    assert month.recognised == month.amount
    check_invoices(play)
