"""What customers do, and what that charges."""

import pytest
from billing_company import Company, amounts, company, inherited, joined, usd

from bus.messages.billing import InvoiceIssued, InvoiceRefunded, PlanList, SetPlans, SubscriptionChanged, invoice_id
from bus.messages.users import CustomerChanged, CustomerChurned
from bus.money import Micros
from bus.simtime import DAY, SimTime
from services.billing.accounts import LedgerError
from services.billing.customers import MONTH, served
from services.billing.plans import set_plans


def churned(customer: str) -> CustomerChurned:
    return CustomerChurned(agent="u1", customer=customer, reason="price")


def changed(customer: str, plan: str, seats: int) -> CustomerChanged:
    return CustomerChanged(agent="u1", customer=customer, plan=plan, seats=seats)


def states(made: Company) -> list[tuple[str, str]]:
    return [(event.customer, event.state) for event in made.heard(SubscriptionChanged)]


def test_the_opening_owes_the_rest_of_paid_months() -> None:
    made = company(inherited(("ada", "team", 5, SimTime(-10 * DAY), usd(70), usd(100))))
    cash, customers = made.entries("opening")
    assert amounts(cash.lines)["asset:cash"] == usd(1_000)
    assert amounts(customers.lines) == {
        "equity:opening": usd(40),
        "liability:deferred": -usd(40),
        "wallet:ada": usd(70),
        "outside:income": -usd(70),
        "outside:claims": usd(40),
        "outside:trade": -usd(40),
    }
    assert (made.books.ledger.equity, made.books.mrr, made.books.seats) == (usd(960), usd(60), 5)
    (issued,) = made.heard(InvoiceIssued)
    assert (issued.invoice, issued.amount) == (invoice_id("ada", 0), usd(60))


def test_signing_up_charges_a_month() -> None:
    made = company(acquisition=usd(60), payment_fee_share=0.029, payment_fee=300_000)
    made.tick(5, joined("bob", 2))
    assert made.entry("charge") == {
        "asset:cash": usd(24),
        "liability:deferred": -usd(24),
        "wallet:bob": -usd(24),
        "outside:claims": usd(24),
    }
    assert made.entry("acquisition")["cost:acquisition"] == usd(60)
    assert made.entry("fee")["cost:fees"] == 696_000 + 300_000
    assert states(made) == [("bob", "active")]


def test_who_cannot_pay_does_not_become_a_customer() -> None:
    made = company(acquisition=usd(60))
    made.tick(1, joined("bob", 2, wallet=usd(23.99)))
    assert states(made) == [("bob", "unpaid")]
    assert not made.entries("charge")
    assert made.balance("cost:acquisition") == usd(60)
    assert made.books.mrr == 0


def test_renewal_uses_the_month_s_income() -> None:
    made = company(inherited(("ada", "team", 1, SimTime(-29 * DAY), usd(1), usd(11))))
    made.day(1)
    assert amounts(made.entries("wallet_income")[0].lines) == {"wallet:ada": usd(11), "outside:income": -usd(11)}
    assert made.wallet("ada") == 0
    first, second = made.heard(InvoiceIssued)
    assert second.service_from == first.service_to == SimTime(DAY)
    made.day(31)
    assert states(made) == [("ada", "unpaid")]
    assert made.wallet("ada") == usd(11)
    made.day(61)
    assert made.wallet("ada") == usd(11)  # whoever is gone gets no income either


def test_revenue_comes_with_service() -> None:
    made = company(inherited(("ada", "team", 5, SimTime(0), Micros(0), Micros(0))))
    made.day(1)
    assert made.entry("recognition") == {
        "liability:deferred": usd(2),
        "revenue:subscription": -usd(2),
        "outside:claims": -usd(2),
        "outside:trade": usd(2),
    }
    made.tick(36, closing=True)
    assert made.balance("revenue:subscription") == -usd(3)
    assert made.balance("liability:deferred") == -usd(57)


def test_leaving_gives_the_rest_back_at_once() -> None:
    made = company(inherited(("ada", "team", 5, SimTime(0), Micros(0), Micros(0))))
    made.day(10, churned("ada"))
    assert made.wallet("ada") == usd(40)
    assert made.entry("refund")["asset:cash"] == -usd(40)
    (refunded,) = made.heard(InvoiceRefunded)
    assert (refunded.amount, refunded.by) == (usd(40), "cancellation")
    assert (made.books.mrr, made.books.seats, states(made)) == (0, 0, [("ada", "ended")])
    made.day(11)
    made.day(40)
    assert made.balance("revenue:subscription") == -usd(20)
    assert made.balance("liability:deferred") == 0


def test_who_leaves_on_the_day_of_renewal_is_not_charged() -> None:
    made = company(inherited(("ada", "team", 1, SimTime(-29 * DAY), usd(50), usd(50))))
    made.day(1, churned("ada"))
    assert not made.entries("charge")
    assert made.wallet("ada") == usd(50)


def test_leaving_twice_is_leaving_once() -> None:
    made = company(inherited(("ada", "team", 5, SimTime(0), Micros(0), Micros(0))))
    made.day(10, churned("ada"))
    made.day(11, churned("ada"))
    assert made.wallet("ada") == usd(40)


def test_more_seats_are_charged_pro_rata_at_the_price_of_the_month() -> None:
    made = company(inherited(("ada", "team", 5, SimTime(0), usd(100), Micros(0))))
    made.books.prices.announce({"team": usd(99)}, SimTime(DAY))
    made.day(10, changed("ada", "team", 10))
    assert made.wallet("ada") == usd(100 + 40 - 80)
    new = made.heard(InvoiceIssued)[-1]
    assert (new.amount, new.service_from, new.service_to) == (usd(80), 10 * DAY, MONTH)
    assert (made.books.mrr, made.books.seats) == (usd(120), 10)
    made.day(30)
    assert made.balance("revenue:subscription") == -usd(20 + 80)


def test_another_plan_costs_its_list_price() -> None:
    made = company(inherited(("ada", "team", 5, SimTime(0), usd(100), Micros(0))))
    made.day(15, changed("ada", "starter", 5))
    assert made.wallet("ada") == usd(100 + 30 - 20)
    assert made.books.mrr == usd(40)


def test_a_change_that_cannot_be_paid_does_not_happen() -> None:
    made = company(inherited(("ada", "team", 1, SimTime(0), usd(1), Micros(0))))
    made.day(15, changed("ada", "team", 50))
    assert made.books.seats == 1
    assert made.wallet("ada") == usd(1)
    assert states(made) == []


def test_two_changes_in_a_tick() -> None:
    made = company(inherited(("ada", "team", 1, SimTime(0), usd(500), Micros(0))))
    made.day(15, changed("ada", "team", 10), changed("ada", "team", 20))
    assert made.wallet("ada") == usd(500 + 6 - 120)
    made.day(16)
    assert made.books.seats == 20


def test_who_comes_back_keeps_the_old_wallet() -> None:
    made = company(joined("bob", 1, wallet=usd(30)))
    made.day(15, churned("bob"))
    made.day(20, joined("bob", 2, wallet=usd(1_000_000)))
    assert made.wallet("bob") == usd(30 - 6 - 24)
    assert states(made) == [("bob", "active"), ("bob", "ended"), ("bob", "active")]


def test_prices_change_for_months_that_begin_after_the_notice() -> None:
    made = company(inherited(("ada", "team", 1, SimTime(-1 * DAY), usd(500), Micros(0))))
    answer = set_plans(made.books, SetPlans(price_per_seat={"team": usd(20)}, notice_days=30), "gateway-1", SimTime(0))
    assert answer == PlanList(price_per_seat={"starter": usd(8), "team": usd(20)}, effective_at=SimTime(MONTH))
    made.day(29)  # a month that begins a day before the new price
    made.day(30, joined("bob"))
    made.day(59)
    assert [issued.amount for issued in made.heard(InvoiceIssued)] == [usd(12), usd(12), usd(20), usd(20)]


def test_only_what_becomes_dearer_needs_notice() -> None:
    made = company()

    def announced(price: float, notice: int) -> bool:
        asked = SetPlans(price_per_seat={"team": usd(price)}, notice_days=notice)
        return isinstance(set_plans(made.books, asked, "gateway-1", SimTime(0)), PlanList)

    assert not announced(12.01, 0)
    assert announced(12, 0)
    assert announced(10, 0)
    assert not announced(12, 0)  # back again is a rise
    assert announced(9, 20)
    assert not announced(9.50, 25)  # above what was announced, too
    assert announced(9.50, 30)
    assert not announced(10, 20)  # a cut that was announced is not taken back, though a rise follows it


@pytest.mark.parametrize(
    ("prices", "notice", "code"),
    [
        ({"team": usd(20)}, 29, "bad_notice"),
        ({"team": usd(20)}, 10**9, "bad_notice"),
        ({}, 30, "no_prices"),
        ({"gold": usd(1)}, 30, "unknown_plan"),
        ({"team": Micros(-1)}, 30, "bad_price"),
        ({"team": Micros(2**70)}, 30, "bad_price"),
    ],
)
def test_bad_prices_are_refused(prices: dict[str, Micros], notice: int, code: str) -> None:
    made = company()
    answer = set_plans(made.books, SetPlans(price_per_seat=prices, notice_days=notice), "gateway-1", SimTime(0))
    assert not isinstance(answer, PlanList)
    assert answer.code == code
    assert made.books.prices.at(SimTime(10**15)) == {"starter": usd(8), "team": usd(12)}


def test_of_two_announcements_the_one_in_force_last_counts() -> None:
    made = company()
    prices = made.books.prices
    prices.announce({"team": usd(30)}, SimTime(60 * DAY))
    prices.announce({"team": usd(20)}, SimTime(31 * DAY))
    prices.announce({"team": usd(31)}, SimTime(60 * DAY))
    assert [prices.price("team", SimTime(day * DAY)) for day in (30, 31, 59, 60)] == [
        usd(12),
        usd(20),
        usd(20),
        usd(31),
    ]


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (churned("eve"), "never told of"),
        (joined("ada"), "while subscribed"),
        (joined("bob", 0), "0 seats"),
        (joined("bob", plan="gold"), "no plan 'gold'"),
        (joined("bob", wallet=Micros(-1)), "overdraw"),
        (changed("ada", "team", 0), "0 seats"),
        (inherited(("bob", "team", 1, SimTime(0), usd(1), usd(1))), "after the opening"),
    ],
)
def test_what_cannot_be_true_stops_the_books(event: CustomerChurned, message: str) -> None:
    made = company(inherited(("ada", "team", 1, SimTime(0), usd(1), usd(1))))
    with pytest.raises(LedgerError, match=message):
        made.tick(1, event)


@pytest.mark.parametrize("paid_from", [-MONTH, 1])
def test_an_inherited_month_must_be_running(paid_from: int) -> None:
    with pytest.raises(LedgerError, match="running month"):
        company(inherited(("ada", "team", 1, SimTime(paid_from), usd(1), usd(1))))


def test_nobody_is_inherited_twice() -> None:
    ada = ("ada", "team", 1, SimTime(0), usd(1), usd(1))
    with pytest.raises(LedgerError, match="inherited twice"):
        company(inherited(ada), inherited(ada))


def test_service_is_earned_linearly_and_never_beyond_its_period() -> None:
    ends = SimTime(MONTH)
    assert [served(usd(30), SimTime(0), ends, SimTime(day * DAY)) for day in (-5, 0, 1, 30, 99)] == [
        0,
        0,
        usd(1),
        usd(30),
        usd(30),
    ]


def test_no_time_is_charged_twice() -> None:
    made = company(inherited(("ada", "team", 1, SimTime(0), usd(50), Micros(0))))
    del made.books.active["ada"]  # as if a subscription had been lost while its month runs
    with pytest.raises(LedgerError, match="charged twice for the time"):
        made.tick(1, joined("ada"))
