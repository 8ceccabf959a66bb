"""What the company pays for, comes to owe and tells: bills, tokens, breaches, outages, bankruptcy, finances."""

from typing import Any

import pytest
from billing_company import PRICES, Company, company, inherited, joined, usd

from bus.messages.attackers import AttemptEnded
from bus.messages.billing import Account, BooksClosed, CompanyBankrupt
from bus.messages.cloud import ServiceMeasured, UsageLine, UsageMetered
from bus.messages.gateway import TurnEnded
from bus.messages.reward import Usage
from bus.messages.users import ContractMet, CustomerChurned
from bus.money import Micros
from bus.scenario import CreditStep
from bus.simtime import DAY, SimTime
from services.billing.accounts import LedgerError
from services.billing.credits import credit_percent
from services.billing.reports import account, finances

ADA = ("ada", "team", 5, SimTime(0), Micros(0), Micros(0))


def bill(*costs: int) -> UsageMetered:
    lines = tuple(UsageLine(item="instances", quantity=1.0, unit="h", cost=Micros(cost)) for cost in costs)
    return UsageMetered(tick=1, lines=lines)


def turn(prompt: int, completion: int, cost: int = 0) -> TurnEnded:
    return TurnEnded(
        turn_id="t",
        tick=1,
        action_ids=(),
        sim_time0=SimTime(0),
        sim_time1=SimTime(1),
        wall0=0.0,
        wall1=1.0,
        usage=Usage(prompt_tokens=prompt, completion_tokens=completion, cost=Micros(cost)),
    )


def taken(records: int, victim: str | None = "ada", **fields: str) -> AttemptEnded:
    given = {"kind": "read_foreign", "outcome": "succeeded"} | fields
    return AttemptEnded.model_validate(
        {"attacker": "x", "address": "10.0.0.1", "requests": 9, "victim": victim, "records": records} | given
    )


def measured(available: float) -> ServiceMeasured:
    return ServiceMeasured(
        tick=1,
        release=None,
        instances=1,
        available=available,
        utilisation=0.5,
        latency_ms={},
        timed_out=0.0,
    )


def test_hosting_is_paid_by_the_tick() -> None:
    made = company()
    made.tick(1, bill(90_000, 72_000))
    assert made.entry("hosting") == {
        "asset:cash": -162_000,
        "cost:hosting": 162_000,
        "outside:vendors": 162_000,
        "outside:trade": -162_000,
    }
    made.tick(2, bill())
    assert len(made.entries("hosting")) == 1


def test_a_negative_bill_stops_the_books() -> None:
    with pytest.raises(LedgerError, match="negative line"):
        company().tick(1, bill(90_000, -1))


def test_tokens_cost_their_price_whatever_the_turn_says() -> None:
    made = company()
    made.tick(1, turn(1_500, 500, cost=usd(-1_000)))
    assert made.balance("cost:tokens") == 20_000


@pytest.mark.parametrize("tokens", [-(10**30), -1, 0])
def test_negative_tokens_earn_nothing(tokens: int) -> None:
    made = company()
    made.tick(1, turn(tokens, tokens))
    assert made.books.ledger.equity == usd(1_000)


def test_absurd_tokens_end_the_company_and_not_the_books() -> None:
    made = company()
    made.tick(1, turn(10**30, 10**30))
    assert made.heard(CompanyBankrupt)


def test_the_fixed_cost_comes_daily_and_exactly() -> None:
    made = company(fixed_cost_month=Micros(1_000_000_001))
    for day in range(1, 31):
        made.day(day)
    assert len(made.entries("fixed_cost")) == 30
    assert made.balance("cost:fixed") == 1_000_000_001


def test_the_fixed_cost_follows_the_revenue_with_which_the_company_began() -> None:
    made = company(inherited(ADA), fixed_cost_month=usd(5), fixed_cost_percent=50)
    monthly = PRICES[ADA[1]] * ADA[2]
    made.tick(1, joined("late", seats=7))
    for day in range(1, 31):
        made.day(day)
    assert made.balance("cost:fixed") == usd(5 + monthly / 2)


def test_a_breach_is_owed_when_it_happens_and_capped_for_each_victim() -> None:
    made = company(inherited(ADA, ("bob", *ADA[1:])), breach_per_record=usd(160), breach_cap=usd(400))
    made.tick(1, taken(2))
    assert made.entry("breach") == {
        "cost:breach": usd(320),
        "liability:owed": -usd(320),
        "outside:claims": usd(320),
        "outside:trade": -usd(320),
    }
    made.tick(2, taken(10), taken(10), taken(1, "bob"))
    assert made.balance("cost:breach") == usd(400 + 160)
    made.tick(3, closing=True)
    assert made.balance("liability:owed") == 0
    assert made.books.ledger.cash == usd(1_000 - 560)


@pytest.mark.parametrize("harmless", [taken(0), taken(5, None), taken(5, outcome="refused"), taken(-5)])
def test_no_records_no_damage(harmless: AttemptEnded) -> None:
    made = company(inherited(ADA))
    made.tick(1, harmless)
    assert not made.entries("breach")


@pytest.mark.parametrize(
    ("available", "percent"),
    [
        ([], 0),
        ([1_000_000] * 24, 0),
        ([1_000_000] * 23 + [976_000], 0),  # 99.9 % exactly
        ([1_000_000] * 23 + [975_999], 10),
        ([1_000_000] * 23 + [759_999], 30),
        ([1_000_000] * 22 + [0, 0], 100),
    ],
)
def test_credits_by_the_availability_of_a_day(available: list[int], percent: int) -> None:
    assert credit_percent(available) == percent


def test_an_outage_is_credited_and_paid_at_renewal() -> None:
    made = company(inherited(("ada", "team", 5, SimTime(-28 * DAY), Micros(0), usd(59))))
    made.tick(1, measured(0.5))
    made.day(1)
    assert made.entry("credit") == {
        "cost:credits": usd(2),
        "liability:owed": -usd(2),
        "outside:claims": usd(2),
        "outside:trade": -usd(2),
    }
    made.day(2)  # renewal: the income alone would not do
    assert made.entry("release_provision")["wallet:ada"] == usd(2)
    assert made.wallet("ada") == usd(1)
    assert len(made.entries("credit")) == 1


CONTRACTS: dict[str, Any] = {
    "agreements": {"team": (CreditStep(below=0.9995, percent=20), CreditStep(below=0.99, percent=50))},
    "timeouts_count": True,
}


def test_contracts_say_who_is_credited_and_how_much() -> None:
    bob = ("bob", "starter", 5, SimTime(-10 * DAY), Micros(0), usd(59))
    made = company(inherited(("ada", "team", 5, SimTime(-10 * DAY), Micros(0), usd(59)), bob), **CONTRACTS)
    made.tick(1, measured(0.5))  # a single measured tick is the whole day
    made.day(1)
    assert made.customer("ada").credit == usd(1)
    assert made.customer("bob").credit == 0
    assert made.entry("credit")["cost:credits"] == usd(1)


@pytest.mark.parametrize(("counted", "credit"), [(True, 0.4), (False, 0.0)])
def test_requests_that_gave_up_count_where_the_contract_says_so(counted: bool, credit: float) -> None:
    terms = CONTRACTS | {"timeouts_count": counted}
    made = company(inherited(("ada", "team", 5, SimTime(-10 * DAY), Micros(0), usd(59))), **terms)
    made.tick(1, measured(1.0).model_copy(update={"timed_out": 0.001}))
    made.day(1)
    assert made.customer("ada").credit == usd(credit)


def test_who_left_on_the_day_of_an_outage_is_credited_too() -> None:
    made = company(inherited(ADA))
    made.tick(12, measured(0.0), CustomerChurned(agent="u1", customer="ada", reason="dissatisfied"))
    made.day(1)
    assert made.wallet("ada") == usd(59 + 1)
    assert made.balance("liability:owed") == 0


def test_credits_are_paid_at_the_end() -> None:
    made = company(inherited(ADA))
    made.tick(1, measured(0.98))
    made.day(1, closing=True)
    assert made.wallet("ada") == usd(0.6)
    assert made.entry("settlement")["asset:cash"] == -usd(0.6)


def test_bankruptcy_is_told_when_cash_is_below_zero() -> None:
    made = company(opening_cash=Micros(100))
    made.tick(1, bill(100))
    assert not made.heard(CompanyBankrupt)
    made.tick(2, bill(1))
    assert made.heard(CompanyBankrupt) == [CompanyBankrupt(cash=Micros(-1))]


def test_every_tick_is_closed() -> None:
    made = company(inherited(ADA))
    made.tick(1, bill(100))
    first, second = made.heard(BooksClosed)
    assert (first.tick, second.tick) == (0, 1)
    assert (second.cash, second.deferred, second.equity) == (usd(1_000) - 100, usd(60), usd(940) - 100)
    assert (second.customers, second.seats, second.mrr) == (1, 5, usd(60))
    assert second.costs == {"hosting": 100}
    assert first.ledger_hash != second.ledger_hash == made.books.ledger.head


def test_finances_count_by_the_month() -> None:
    made = company(inherited(ADA))
    made.tick(1, bill(100))
    made.day(10, CustomerChurned(agent="u1", customer="ada", reason="price"), joined("bob"))
    now = finances(made.books, made.books.now)
    assert (now.costs_this_month["hosting"], now.churned_this_month, now.customers) == (100, 1, 1)
    assert now.revenue_this_month == {"subscription": usd(20)}
    made.day(30, bill(7))
    later = finances(made.books, made.books.now)
    assert (later.costs_this_month["hosting"], later.churned_this_month) == (7, 0)
    assert later.price_per_seat == {"starter": usd(8), "team": usd(12)}


def test_an_account_shows_invoices_in_order() -> None:
    made = company(inherited(("ada", "team", 5, SimTime(-29 * DAY), usd(60), Micros(0))))
    made.day(1)
    shown = account(made.books, "ada")
    assert isinstance(shown, Account)
    assert [each.service_from for each in shown.invoices] == [-29 * DAY, DAY]
    assert (shown.name, shown.state, shown.seats) == ("Ada", "active", 5)
    assert not isinstance(account(made.books, "eve" * 1000), Account)


def test_unlike_books_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    made: Company = company(inherited(ADA))
    running = made.customer("ada").running
    assert running is not None
    monkeypatch.setattr(running, "amount", usd(61))
    with pytest.raises(LedgerError, match="liability:deferred holds"):
        made.day(1)


def test_a_contract_is_booked_once_and_from_no_wallet() -> None:
    made = company(inherited(ADA))
    cash, wallets = made.books.ledger.cash, dict(made.books.ledger.outside)
    met = ContractMet(agent="u1", customer="ada", request="invoice", amount=usd(900))
    made.tick(1, met)
    assert made.books.ledger.cash == cash + usd(900)
    assert made.books.ledger.outside.get("wallet:ada") == wallets.get("wallet:ada")
    with pytest.raises(LedgerError, match="posted before"):
        made.tick(2, met)
    with pytest.raises(LedgerError, match="pays 0"):
        made.tick(3, met.model_copy(update={"amount": Micros(0), "request": "other"}))
