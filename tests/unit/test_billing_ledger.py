"""The ledger refuses whatever would make it wrong, and chains what it takes."""

import hashlib
import json
from typing import Any

import pytest

from bus.messages.billing import EntryPosted, Line
from bus.money import Micros
from bus.simtime import SimTime
from services.billing.accounts import LedgerError, mirrored
from services.billing.ledger import GENESIS, LARGEST, Ledger


def entry(name: str, lines: dict[str, int], kind: str = "opening") -> EntryPosted:
    fields: dict[str, Any] = {"kind": kind}
    return EntryPosted(
        entry=name,
        tick=0,
        at=SimTime(0),
        lines=tuple(Line(account=account, amount=Micros(amount)) for account, amount in lines.items()),
        actor="world",
        memo="ü",
        **fields,
    )


OPENING = {"asset:cash": 100, "equity:opening": -100, "wallet:c": 50, "outside:income": -150, "outside:trade": 100}
CHARGE = {"asset:cash": 7, "liability:deferred": -7, "wallet:c": -7, "outside:claims": 7}


def opened() -> Ledger:
    ledger = Ledger()
    ledger.post(entry("en_0", OPENING))
    return ledger


def test_the_outside_mirrors_the_company() -> None:
    lines = mirrored({"asset:cash": -9, "liability:owed": 4, "cost:refunds": 5}, {"wallet:c": 9})
    assert {line.account: line.amount for line in lines} == {
        "asset:cash": -9,
        "liability:owed": 4,
        "cost:refunds": 5,
        "wallet:c": 9,
        "outside:claims": -4,
        "outside:trade": -5,
    }


def test_balances_and_equity() -> None:
    ledger = opened()
    ledger.post(entry("en_1", CHARGE, "charge"))
    assert (ledger.cash, ledger.owes("liability:deferred"), ledger.wallet("c")) == (107, 7, 43)
    assert ledger.equity == 100
    ledger.check()


def test_the_chain_is_as_documented() -> None:
    ledger = opened()
    first = entry("en_0", OPENING)
    content = json.dumps(
        first.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
    assert ledger.head == hashlib.sha256(GENESIS.encode() + content).hexdigest()
    (posted,) = ledger.take_fresh()
    assert posted.head == ledger.head
    assert ledger.take_fresh() == []


WRONG: dict[str, tuple[dict[str, int], str]] = {
    "company sum": (CHARGE | {"asset:cash": 8}, "sum to zero"),
    "outside sum": (CHARGE | {"outside:claims": 8}, "sum to zero"),
    "money from debt": (CHARGE | {"outside:claims": 0, "outside:trade": 7}, "sum to zero"),
    "overdraft": ({account: amount * 8 for account, amount in CHARGE.items()}, "overdraw wallet:c"),
    "no lines": ({}, "needs lines"),
    "unknown account": (CHARGE | {"asset:gold": 0}, "no account 'asset:gold'"),
    "line of zero": (CHARGE | {"liability:owed": 0}, "may not move by 0"),
    "too large": ({"asset:cash": LARGEST + 1, "outside:vendors": -LARGEST - 1}, "sum to zero"),
    "new money": ({"wallet:c": 5, "outside:income": -5}, "may not create money"),
}


@pytest.mark.parametrize(("lines", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_entry_changes_nothing(lines: dict[str, int], message: str) -> None:
    ledger = opened()
    before = (dict(ledger.company), dict(ledger.outside), ledger.head)
    with pytest.raises(LedgerError, match=message):
        ledger.post(entry("en_1", lines, "charge"))
    assert (dict(ledger.company), dict(ledger.outside), ledger.head) == before


def test_amounts_beyond_the_range_are_refused() -> None:
    ledger = opened()
    huge = LARGEST + 1
    with pytest.raises(LedgerError, match="may not move"):
        ledger.post(entry("en_1", {"wallet:c": huge, "outside:income": -huge}))


def test_an_entry_is_posted_once() -> None:
    ledger = opened()
    ledger.post(entry("en_1", CHARGE, "charge"))
    with pytest.raises(LedgerError, match="en_1 .* posted before"):
        ledger.post(entry("en_1", CHARGE, "charge"))
    assert ledger.wallet("c") == 43


def test_one_line_an_account() -> None:
    doubled = entry("en_1", CHARGE, "charge")
    doubled = doubled.model_copy(update={"lines": doubled.lines * 2})
    with pytest.raises(LedgerError, match="one an account"):
        opened().post(doubled)


def test_lost_money_is_found() -> None:
    ledger = opened()
    ledger.outside["outside:vendors"] += 1
    with pytest.raises(LedgerError, match="all money together"):
        ledger.check()
