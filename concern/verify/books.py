"""Folding the journalled entries anew: what double entry promises, and what billing said of the company each tick."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from bus.messages.billing import BooksClosed, EntryPosted, InvoiceIssued, InvoiceRefunded, SubscriptionChanged
from bus.messages.users import CustomersInherited
from concern.verify.journal import FILE, Heard, Journal
from concern.verify.report import Check, Report

COMPANY = ("asset:", "liability:", "equity:", "revenue:", "cost:")
OUTSIDE = ("wallet:", "outside:")
ENVELOPE = ("id", "episode", "sim_time", "seq", "cause_id")


@dataclass
class Folded:
    """One entry with what follows from it."""

    heard: Heard
    entry: EntryPosted
    effect: int
    """On equity, micro-dollars."""
    parts: dict[str, int]
    """Effect by account; even accounts left out."""
    head: str
    """Of the ledger's chain, after this entry."""


@dataclass
class Fold:
    """The ledger as recomputed from the journal."""

    entries: list[Folded] = field(default_factory=list[Folded])
    balances: defaultdict[str, int] = field(default_factory=lambda: defaultdict[str, int](int))
    head: str = "0" * 64
    ticks: list[tuple[Heard, BooksClosed, int]] = field(default_factory=list[tuple[Heard, BooksClosed, int]])
    """At each close of books: the event, and the number of entries so far."""
    issued: dict[str, InvoiceIssued] = field(default_factory=dict[str, InvoiceIssued])
    refunded: defaultdict[str, int] = field(default_factory=lambda: defaultdict[str, int](int))

    def total(self, *prefixes: str) -> int:
        """Sum of the balances of accounts with one of the prefixes."""
        return sum(amount for account, amount in self.balances.items() if account.startswith(prefixes))

    def kinds(self, prefix: str, sign: int) -> dict[str, int]:
        """Balances by what follows the prefix."""
        return {
            account.removeprefix(prefix): sign * amount
            for account, amount in self.balances.items()
            if account.startswith(prefix)
        }


def fold(journal: Journal, report: Report) -> Fold:
    """Fold all entries, checking each, and the totals at each close of the books."""
    folded = Fold()
    lines, books = report.check("entries: double entry, wallets, ids"), report.check("books: totals of each tick")
    people = _Subscribers(journal)
    seen: set[str] = set()
    for heard in journal.families["billing"]:
        event = heard.delivered.event
        if isinstance(event, EntryPosted):
            lines.must(event.entry not in seen, FILE, f"{heard.place}, entry", f"id {event.entry} used twice")
            seen.add(event.entry)
            _fold_entry(folded, heard, event, lines)
        elif isinstance(event, BooksClosed):
            _check_close(folded, heard, event, books)
            people.check(heard, event, books)
            folded.ticks.append((heard, event, len(folded.entries)))
        elif isinstance(event, SubscriptionChanged):
            people.take(event)
        elif isinstance(event, InvoiceIssued):
            folded.issued[event.invoice] = event
        elif isinstance(event, InvoiceRefunded):
            folded.refunded[event.invoice] += event.amount
    _check_invoices(folded, report)
    return folded


def _fold_entry(folded: Fold, heard: Heard, entry: EntryPosted, check: Check) -> None:
    sums, parts = {"company": 0, "outside": 0}, defaultdict[str, int](int)
    for line in entry.lines:
        side = "company" if line.account.startswith(COMPANY) else "outside"
        known = line.account.startswith((*COMPANY, *OUTSIDE))
        check.must(known, FILE, f"{heard.place}, lines", f"no such account: {line.account}")
        sums[side] += line.amount
        folded.balances[line.account] += line.amount
        if line.account.startswith(("revenue:", "cost:")):
            parts[line.account] -= line.amount
        if line.account.startswith("wallet:"):
            left = folded.balances[line.account]
            check.must(left >= 0, FILE, f"{heard.place}, {line.account}", f"overdrawn to {left}")
        if line.account == "outside:income":
            allowed = entry.kind in ("opening", "wallet_income", "contract")
            check.must(allowed, FILE, f"{heard.place}, kind", f"{entry.kind} makes money")
    check.equal(sums, {"company": 0, "outside": 0}, FILE, f"{heard.place}, lines")
    folded.head = hashlib.sha256(folded.head.encode() + content_of(heard.fields)).hexdigest()
    left_over = {account: amount for account, amount in sorted(parts.items()) if amount}
    folded.entries.append(Folded(heard, entry, sum(left_over.values()), left_over, folded.head))


def content_of(fields: dict[str, Any]) -> bytes:
    """A message without its envelope, as the ledger's chain spells it (docs/accounting.md)."""
    content = {name: value for name, value in fields.items() if name not in ENVELOPE}
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _check_close(folded: Fold, heard: Heard, said: BooksClosed, check: Check) -> None:
    expected = {
        "tick": folded.ticks[-1][1].tick + 1 if folded.ticks else said.tick,
        "equity": folded.total("asset:", "liability:"),
        "cash": folded.balances["asset:cash"],
        "deferred": -folded.balances["liability:deferred"],
        "owed": -folded.balances["liability:owed"],
        "revenue": folded.kinds("revenue:", -1),
        "costs": folded.kinds("cost:", 1),
        "ledger_hash": folded.head,
    }
    for name, value in expected.items():
        check.equal(getattr(said, name), value, FILE, f"{heard.place}, {name}")


class _Subscribers:
    """Who pays, from what was said of them."""

    def __init__(self, journal: Journal) -> None:
        self._seats: dict[str, int] = {}
        for heard in journal.families["users"]:
            event = heard.delivered.event
            if isinstance(event, CustomersInherited):
                self._seats |= zip(event.customer, event.seats, strict=True)

    def take(self, event: SubscriptionChanged) -> None:
        self._seats.pop(event.customer, None)
        if event.state == "active":
            self._seats[event.customer] = event.seats

    def check(self, heard: Heard, said: BooksClosed, check: Check) -> None:
        check.equal(said.customers, len(self._seats), FILE, f"{heard.place}, customers")
        check.equal(said.seats, sum(self._seats.values()), FILE, f"{heard.place}, seats")


def _check_invoices(folded: Fold, report: Report) -> None:
    """Everything given back of an invoice is at most what was charged; told by events and by the wallets' lines."""
    check = report.check("invoices: given back at most what was charged")
    paid_back: defaultdict[str, int] = defaultdict(int)
    for each in folded.entries:
        if each.entry.invoice and each.entry.kind in ("refund", "chargeback", "settlement"):
            lines = (line.amount for line in each.entry.lines if line.account.startswith("wallet:"))
            paid_back[each.entry.invoice] += sum(lines)
    for invoice in sorted({*folded.issued, *folded.refunded, *paid_back}):
        said = folded.issued.get(invoice)
        charged = said.amount if said else 0
        back = max(folded.refunded.get(invoice, 0), paid_back.get(invoice, 0))
        check.must(back <= charged, FILE, f"invoice {invoice}", f"{back} given back of {charged}")
        if said:
            check.must(said.service_from <= said.service_to, FILE, f"invoice {invoice}", "its period ends too early")
