"""Accounts, and how one entry's lines mirror each other (see docs/accounting.md).

Every entry has a company half and an outside half. The outside half mirrors the company's: money against money, debts
against claims, and the company's result against what the outside gave or got for it.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from bus.messages.billing import Line
from bus.money import Micros

CASH: Final = "asset:cash"
DEFERRED: Final = "liability:deferred"
OWED: Final = "liability:owed"
OPENING: Final = "equity:opening"
SUBSCRIPTION: Final = "revenue:subscription"
CONTRACT: Final = "revenue:contract"

CLAIMS: Final = "outside:claims"
"""What customers and victims hold against the company."""
VENDORS: Final = "outside:vendors"
"""Money of everybody whom the company pays and who never pays it: hosts, card processors, banks, victims."""
INCOME: Final = "outside:income"
"""Where all money comes from: opening money and the closed incomes of the wallets."""
TRADE: Final = "outside:trade"
"""What the outside got for its money (service), less what it gave (hosting, work) or suffered."""

CostKind = Literal["hosting", "fixed", "fees", "chargebacks", "credits", "breach", "tokens", "acquisition", "refunds"]
Class = Literal["money", "debt", "result"]

_OUTSIDE: Final[dict[str, Class]] = {VENDORS: "money", INCOME: "money", CLAIMS: "debt", TRADE: "result"}
_COMPANY: Final[dict[str, Class]] = {
    CASH: "money",
    "asset:receivable": "debt",
    DEFERRED: "debt",
    OWED: "debt",
    OPENING: "result",
}
_WALLET: Final = "wallet:"


class LedgerError(Exception):
    """The books would become wrong: a broken invariant or an event that cannot be true. The episode must not go on."""


def cost(kind: CostKind) -> str:
    """The cost account of a kind."""
    return f"cost:{kind}"


def wallet(customer: str) -> str:
    """A customer's wallet."""
    return f"{_WALLET}{customer}"


def is_wallet(account: str) -> bool:
    return account.startswith(_WALLET)


def is_result(account: str) -> bool:
    """Whether the account makes the company's profit and loss, and so the reward."""
    return account.startswith(("revenue:", "cost:"))


def classify(account: str) -> tuple[bool, Class]:
    """Whether an account is the company's, and its class. `LedgerError` if there is no such account."""
    if account.startswith(_WALLET):
        return False, "money"
    if account in _COMPANY:
        return True, _COMPANY[account]
    if account in _OUTSIDE:
        return False, _OUTSIDE[account]
    if is_result(account):
        return True, "result"
    raise LedgerError(f"there is no account {account!r}")


def mirrored(company: Mapping[str, int], money: Mapping[str, int]) -> tuple[Line, ...]:
    """The lines of an entry, from its company half and from where the money outside comes and goes, in micro-dollars.

    Claims and trade follow; lines of zero are left out.
    """
    debt = sum(amount for account, amount in company.items() if classify(account)[1] == "debt")
    result = sum(amount for account, amount in company.items() if classify(account)[1] == "result")
    amounts = {**company, **money, CLAIMS: -debt, TRADE: -result}
    return tuple(Line(account=account, amount=Micros(amount)) for account, amount in amounts.items() if amount)


def check_lines(lines: Iterable[Line]) -> None:
    """Raise `LedgerError` unless the company's lines, the outside lines and each class sum to zero."""
    sides = {True: 0, False: 0}
    classes: dict[Class, int] = {"money": 0, "debt": 0, "result": 0}
    for line in lines:
        company, kind = classify(line.account)
        sides[company] += line.amount
        classes[kind] += line.amount
    wrong = {"company": sides[True], "outside": sides[False]} | classes
    if any(wrong.values()):
        raise LedgerError(f"lines must sum to zero by side and by class, got {wrong}")
