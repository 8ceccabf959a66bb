"""The ledger: append-only entries, running balances, the hash chain, and what must never be broken."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

import orjson

from bus.messages.billing import EntryPosted
from bus.money import Micros
from services.billing.accounts import (
    CASH,
    INCOME,
    VENDORS,
    LedgerError,
    check_lines,
    classify,
    is_wallet,
    wallet,
)

GENESIS: Final = "0" * 64
"""The chain before its first entry."""
LARGEST: Final = 2**53
"""Most that a line may move, in micro-dollars (9 billion dollars): exact in every JSON reader, far from 64 bits."""


def chain(head: str, entry: EntryPosted) -> str:
    """The chain's next head: SHA-256, hex, over the head and the entry as JSON with sorted keys and no spaces.

    The entry stands alone, without the envelope and so without the episode: equal seeds give equal chains.
    """
    content = orjson.dumps(entry.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(head.encode() + content).hexdigest()


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry with the chain's head after it."""

    entry: EntryPosted
    head: str


@dataclass
class Ledger:
    """All balances (debits positive) and the entries that are not stored yet."""

    company: defaultdict[str, int] = field(default_factory=lambda: defaultdict[str, int](int))
    """By account, micro-dollars."""
    outside: defaultdict[str, int] = field(default_factory=lambda: defaultdict[str, int](int))
    """By account, micro-dollars; the wallets too."""
    head: str = GENESIS
    fresh: list[Posted] = field(default_factory=list[Posted])
    _entries: set[str] = field(default_factory=set[str])
    _wallets: int = 0

    def post(self, entry: EntryPosted) -> None:
        """Append an entry. `LedgerError`, and nothing has changed, if it breaks a rule."""
        self._check(entry)
        for line in entry.lines:
            company, _ = classify(line.account)
            (self.company if company else self.outside)[line.account] += line.amount
            if is_wallet(line.account):
                self._wallets += line.amount
        self._entries.add(entry.entry)
        self.head = chain(self.head, entry)
        self.fresh.append(Posted(entry, self.head))

    def take_fresh(self) -> list[Posted]:
        """The entries since the last call, for the store."""
        fresh, self.fresh = self.fresh, []
        return fresh

    def wallet(self, customer: str) -> Micros:
        """What a customer holds."""
        return Micros(self.outside.get(wallet(customer), 0))

    @property
    def cash(self) -> Micros:
        return Micros(self.company[CASH])

    def owes(self, account: str) -> Micros:
        """A liability as a positive amount."""
        return Micros(-self.company[account])

    @property
    def equity(self) -> Micros:
        """What the company has less what it owes."""
        return Micros(
            sum(value for account, value in self.company.items() if account.startswith(("asset:", "liability:")))
        )

    def by_kind(self, prefix: str, sign: int) -> dict[str, Micros]:
        """Balances of `revenue:` (sign -1) or `cost:` (sign 1) accounts, by what follows the prefix."""
        return {
            account.removeprefix(prefix): Micros(sign * value)
            for account, value in sorted(self.company.items())
            if account.startswith(prefix)
        }

    def check(self) -> None:
        """The whole must hold too: money is neither made nor lost. `LedgerError` if not."""
        money = self.cash + self._wallets + self.outside[VENDORS] + self.outside[INCOME]
        if money:
            raise LedgerError(f"all money together must stay zero, got {money}")
        if sum(self.company.values()):
            raise LedgerError(f"the company's accounts sum to {sum(self.company.values())}, not to zero")

    def _check(self, entry: EntryPosted) -> None:
        if entry.entry in self._entries:
            raise LedgerError(f"entry {entry.entry} ({entry.kind}) was posted before")
        accounts = [line.account for line in entry.lines]
        if not accounts or len(set(accounts)) != len(accounts):
            raise LedgerError(f"entry {entry.entry} needs lines, one an account, got {accounts}")
        check_lines(entry.lines)
        for line in entry.lines:
            if not 0 < abs(line.amount) <= LARGEST:
                raise LedgerError(f"entry {entry.entry}: {line.account} may not move by {line.amount}")
            if is_wallet(line.account) and self.outside.get(line.account, 0) + line.amount < 0:
                raise LedgerError(f"entry {entry.entry} would overdraw {line.account}")
            if line.account == INCOME and entry.kind not in ("opening", "wallet_income", "contract"):
                raise LedgerError(f"entry {entry.entry}: {entry.kind} may not create money")
