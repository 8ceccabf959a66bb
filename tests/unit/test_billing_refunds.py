"""Giving charges back: by the operator, by the bank, and at the end."""

import pytest
from billing_company import Company, company, inherited, usd
from pydantic import ValidationError

from bus.messages.base import Refused
from bus.messages.billing import BooksClosed, InvoiceRefunded, Refund, Refunded, invoice_id
from bus.messages.users import ChargeDisputed, CustomerChurned, DoubleChargeInherited
from bus.money import Micros
from bus.simtime import DAY, HOUR, SimTime
from services.billing.accounts import LedgerError
from services.billing.refunds import LONGEST_REASON, refund

ADA = ("ada", "team", 5, SimTime(0), Micros(0), Micros(0))
"""Pays 60 dollars a month, 2 a day."""
MONTH_OF_ADA = invoice_id("ada", 0)
DOUBLE = DoubleChargeInherited(agent="u1", customer="ada", invoice="in_twice", amount=usd(60), at=SimTime(-5 * DAY))
DISPUTED = ChargeDisputed(agent="u1", customer="ada", invoice="in_twice", reason="never came back")


def pay_back(
    made: Company, amount: Micros, invoice: str = MONTH_OF_ADA, request: str = "gateway-1"
) -> Refunded | Refused:
    command = Refund(invoice=invoice, amount=amount, reason="sorry", action="a_1")
    answer = refund(made.books, command, request, SimTime(made.books.now + HOUR // 2))
    made.listen()
    return answer


def test_a_refund_is_a_cost_with_its_action() -> None:
    made = company(inherited(ADA))
    assert pay_back(made, usd(10)) == Refunded(invoice=MONTH_OF_ADA, refunded=usd(10), remaining=usd(50))
    (entry,) = made.entries("refund")
    assert (entry.actor, entry.action, entry.at) == ("operator", "a_1", HOUR // 2)
    assert made.entry("refund") == {
        "asset:cash": -usd(10),
        "cost:refunds": usd(10),
        "wallet:ada": usd(10),
        "outside:trade": -usd(10),
    }
    assert made.heard(InvoiceRefunded)[0].by == "operator"


@pytest.mark.parametrize(
    ("amount", "invoice", "code"),
    [
        (Micros(0), MONTH_OF_ADA, "bad_amount"),
        (Micros(-1), MONTH_OF_ADA, "bad_amount"),
        (Micros(-(2**70)), MONTH_OF_ADA, "bad_amount"),
        (Micros(usd(60) + 1), MONTH_OF_ADA, "too_much"),
        (Micros(2**70), MONTH_OF_ADA, "too_much"),
        (usd(1), "in_nothing", "unknown_invoice"),
    ],
)
def test_a_bad_refund_is_refused_and_changes_nothing(amount: Micros, invoice: str, code: str) -> None:
    made = company(inherited(ADA))
    head = made.books.ledger.head
    answer = pay_back(made, amount, invoice)
    assert isinstance(answer, Refused)
    assert answer.code == code
    assert (made.books.ledger.head, made.wallet("ada")) == (head, 0)


@pytest.mark.parametrize("amount", ["5", 5.0, True, None, [5]])
def test_an_amount_is_an_integer(amount: object) -> None:
    with pytest.raises(ValidationError):
        Refund.model_validate({"invoice": "in_1", "amount": amount, "reason": ""})


def test_a_company_pays_back_only_what_it_has() -> None:
    made = company(inherited(ADA), opening_cash=usd(5))
    answer = pay_back(made, usd(6))
    assert isinstance(answer, Refused)
    assert answer.code == "no_cash"


def test_reasons_are_short() -> None:
    made = company(inherited(ADA))
    long = Refund(invoice=MONTH_OF_ADA, amount=usd(1), reason="x" * (LONGEST_REASON + 1))
    answer = refund(made.books, long, "gateway-1", SimTime(0))
    assert isinstance(answer, Refused)
    assert answer.code == "long_reason"


def test_all_refunds_together_are_at_most_the_charge() -> None:
    made = company(inherited(ADA))
    assert isinstance(pay_back(made, usd(59)), Refunded)
    assert isinstance(pay_back(made, usd(2), request="gateway-2"), Refused)
    assert isinstance(pay_back(made, usd(1), request="gateway-3"), Refunded)


def test_refunding_and_leaving_gives_no_more_than_the_charge() -> None:
    made = company(inherited(ADA))
    pay_back(made, usd(60))
    made.day(10, CustomerChurned(agent="u1", customer="ada", reason="price"))
    made.day(11)
    assert made.wallet("ada") == usd(60)
    assert made.balance("cost:refunds") == usd(20)  # what was served, and given away
    assert made.balance("revenue:subscription") == -usd(20)
    assert made.books.ledger.equity == usd(1_000 - 60)


def test_a_double_charge_is_owed_from_the_start() -> None:
    made = company(inherited(ADA), DOUBLE)
    assert made.balance("liability:owed") == -usd(60)
    assert made.books.ledger.equity == usd(1_000 - 60 - 60)


def test_paying_a_double_charge_back_costs_nothing_more() -> None:
    made = company(inherited(ADA), DOUBLE)
    pay_back(made, usd(60), "in_twice")
    assert made.entry("refund") == {
        "asset:cash": -usd(60),
        "liability:owed": usd(60),
        "wallet:ada": usd(60),
        "outside:claims": -usd(60),
    }
    made.tick(1, DISPUTED)  # too late: nothing is left to take back
    assert not made.entries("chargeback")


def test_a_disputed_double_charge_costs_the_fee() -> None:
    made = company(inherited(ADA), DOUBLE)
    made.tick(1, DISPUTED)
    assert made.entry("chargeback") == {
        "asset:cash": -usd(75),
        "liability:owed": usd(60),
        "cost:chargebacks": usd(15),
        "wallet:ada": usd(60),
        "outside:vendors": usd(15),
        "outside:claims": -usd(60),
        "outside:trade": -usd(15),
    }
    answer = pay_back(made, usd(1), "in_twice")
    assert isinstance(answer, Refused)


def test_a_double_charge_may_stand_on_the_running_month() -> None:
    on_month = DOUBLE.model_copy(update={"invoice": MONTH_OF_ADA})
    made = company(inherited(ADA), on_month)
    made.tick(1, DISPUTED.model_copy(update={"invoice": MONTH_OF_ADA}))
    assert made.wallet("ada") == usd(60)
    assert made.balance("cost:chargebacks") == usd(15)
    pay_back(made, usd(60))
    assert made.balance("cost:refunds") == usd(60)


def test_an_ordinary_dispute_takes_the_month_back() -> None:
    made = company(inherited(ADA))
    pay_back(made, usd(10))
    made.tick(1, DISPUTED.model_copy(update={"invoice": MONTH_OF_ADA}))
    assert made.wallet("ada") == usd(60)
    assert made.balance("cost:chargebacks") == usd(50 + 15)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (DISPUTED, "not its own"),
        (DISPUTED.model_copy(update={"customer": "bob", "invoice": MONTH_OF_ADA}), "not its own"),
        (DOUBLE, "after the opening"),
    ],
)
def test_disputes_and_debts_must_be_known(event: ChargeDisputed, message: str) -> None:
    made = company(inherited(ADA, ("bob", *ADA[1:])))
    with pytest.raises(LedgerError, match=message):
        made.tick(1, event)


@pytest.mark.parametrize("update", [{"amount": Micros(0)}, {"customer": "eve"}])
def test_double_charges_that_cannot_be(update: dict[str, object]) -> None:
    with pytest.raises(LedgerError):
        company(inherited(ADA), DOUBLE.model_copy(update=update))
    with pytest.raises(LedgerError, match="cannot be the double charge"):
        company(inherited(ADA), DOUBLE, DOUBLE)


def test_what_is_never_paid_back_is_disputed_at_the_end() -> None:
    early, late = company(inherited(ADA), DOUBLE), company(inherited(ADA), DOUBLE)
    early.tick(1, DISPUTED)
    for made in (early, late):
        made.day(2, closing=True)
        assert made.balance("liability:owed") == 0
        assert made.wallet("ada") == usd(60)
    assert early.books.ledger.equity == late.books.ledger.equity
    assert late.entry("settlement")["cost:chargebacks"] == usd(15)


def test_unserved_months_stay_owed_at_the_end() -> None:
    made = company(inherited(ADA))
    made.day(10, closing=True)
    closed = made.heard(BooksClosed)[-1]
    assert (closed.deferred, closed.revenue) == (usd(40), {"subscription": usd(20)})


def test_no_month_is_sold_at_the_end() -> None:
    made = company(inherited(("ada", "team", 5, SimTime(-29 * DAY), usd(500), Micros(0))))
    made.day(1, closing=True)
    assert not made.entries("charge")
    assert made.books.ledger.equity == usd(1_000)
