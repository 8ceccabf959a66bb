"""`ledger.db` against the journal: the same entries and lines, chained from scratch, and everything said from its outbox."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import orjson

from bus.messages.billing import EntryPosted
from concern.verify.books import ENVELOPE, Fold, Folded
from concern.verify.database import Row, check_sqlite, read_rows
from concern.verify.journal import Heard, Journal
from concern.verify.report import Check, Report

FILE = "billing/ledger.db"
_APPEND_ONLY = tuple(
    f"CREATE TRIGGER no_{verb.lower()}_of_{table} BEFORE {verb} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
    for table in ("entries", "lines")
    for verb in ("UPDATE", "DELETE")
)
_ENTRY = (
    "position",
    "entry",
    "tick",
    "at",
    "kind",
    "customer",
    "invoice",
    "actor",
    "action",
    "reversal_of",
    "memo",
    "head",
)
_ENTRIES = """SELECT position, entry, tick, "at", kind, customer, invoice, actor, action, reversal_of, memo, head
FROM entries ORDER BY position"""
_LINE = ("position", "number", "account", "amount")
_LINES = "SELECT position, number, account, amount FROM lines ORDER BY position, number"
_INVOICE = ("customer", "plan", "seats", "amount", "service_from", "service_to")


def check_ledger(root: Path, journal: Journal, fold: Fold, report: Report, *, whole: bool) -> None:
    """Compare row by row. In a run that is not `whole`, the ledger may hold more than the journal got to record."""
    path = root / FILE
    sqlite = report.check("ledger.db: SQLite's integrity, schema")
    if not check_sqlite(path, FILE, sqlite, _APPEND_ONLY):
        return
    entries = report.check("ledger.db: entries and chain, against the journal")
    expected = [_entry_row(position, each) for position, each in enumerate(fold.entries, 1)]
    _compare(read_rows(path, FILE, entries, _ENTRIES), expected, ("entries", _ENTRY), entries, whole=whole)
    lines = report.check("ledger.db: lines, against the journal")
    expected = [
        (position, number, line.account, line.amount)
        for position, each in enumerate(fold.entries, 1)
        for number, line in enumerate(each.entry.lines)
    ]
    _compare(read_rows(path, FILE, lines, _LINES), expected, ("lines", _LINE), lines, whole=whole)
    _check_outbox(path, journal.families["billing"], report, whole=whole)
    if whole:
        _check_standing(path, fold, report)


def _entry_row(position: int, folded: Folded) -> Row:
    entry: EntryPosted = folded.entry
    return (
        position, entry.entry, entry.tick, entry.at, entry.kind, entry.customer, entry.invoice, entry.actor,
        entry.action, entry.reversal_of, entry.memo, folded.head,
    )  # fmt: skip


def _compare(
    found: Sequence[Row], expected: Sequence[Row], table: tuple[str, Sequence[str]], check: Check, *, whole: bool
) -> None:
    name, columns = table
    for number, (row, should) in enumerate(zip(found, expected, strict=False), 1):
        check.fields(
            dict(zip(columns, row, strict=True)), dict(zip(columns, should, strict=True)), FILE, f"{name} row {number}"
        )
    enough = len(found) == len(expected) if whole else len(found) >= len(expected)
    check.must(enough, FILE, name, f"has {len(found)} rows, the journal {len(expected)}")


def _check_outbox(path: Path, billing: list[Heard], report: Report, *, whole: bool) -> None:
    check = report.check("ledger.db: outbox, against the journal")
    rows = read_rows(path, FILE, check, "SELECT position, type, content, cause, seq FROM outbox ORDER BY position")
    for number, (row, heard) in enumerate(zip(rows, billing, strict=False), 1):
        position, kind, content, cause, seq = row
        envelope, place = heard.delivered.envelope, f"outbox row {number}"
        said = {"position": number, "type": heard.fields["type"], "cause": envelope.cause_id, "seq": envelope.seq}
        if whole or seq is not None:
            check.fields({"position": position, "type": kind, "cause": cause, "seq": seq}, said, FILE, place)
        told = {name: value for name, value in heard.fields.items() if name not in ENVELOPE}
        if not check.must(content == orjson.dumps(told).decode(), FILE, f"{place}, content", "not what was said"):
            _name_fields(content, told, f"{place}, content", check)
    enough = len(rows) == len(billing) if whole else len(rows) >= len(billing)
    check.must(enough, FILE, "outbox", f"has {len(rows)} rows, the journal {len(billing)} billing events")


def _name_fields(content: object, told: dict[str, object], place: str, check: Check) -> None:
    """Say which fields of a stored event differ from what was said."""
    try:
        fields = orjson.loads(content) if isinstance(content, str) else None
    except orjson.JSONDecodeError:
        fields = None
    if check.must(isinstance(fields, dict), FILE, place, "no JSON object"):
        check.fields(cast("dict[str, object]", fields), told, FILE, place)


def _check_standing(path: Path, fold: Fold, report: Report) -> None:
    """Invoices and subscriptions as they stand at the end, as far as the journal tells them."""
    check = report.check("ledger.db: invoices and subscriptions")
    query = """SELECT invoice, customer, plan, seats, amount + doubled, service_from, service_to, returned + repaid
FROM invoices ORDER BY invoice"""
    found = {row[0]: row for row in read_rows(path, FILE, check, query)}
    check.equal(sorted(found), sorted(fold.issued), FILE, "invoices, ids")
    for name, row in found.items():
        said = fold.issued.get(name)
        if said is None:
            continue
        terms = said.model_dump(include=set(_INVOICE))
        check.fields(dict(zip(_INVOICE, row[1:7], strict=True)), terms, FILE, f"invoices {name}")
        back = fold.refunded.get(name, 0)
        held = isinstance(row[7], int) and back <= row[7] <= said.amount
        check.must(held, FILE, f"invoices {name}, returned", f"{row[7]} with {back} refunded of {said.amount}")
    query = """SELECT count(*), coalesce(sum(seats), 0), coalesce(sum(price * seats), 0)
FROM subscriptions WHERE state = 'active'"""
    for _, last, _ in fold.ticks[-1:]:
        told = [(last.customers, last.seats, last.mrr)]
        check.equal(read_rows(path, FILE, check, query), told, FILE, "subscriptions, customers with seats and mrr")
