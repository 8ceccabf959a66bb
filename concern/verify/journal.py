"""The journal from scratch: chain, messages, columns, sequence numbers and heads of ticks."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from bus.codec import MalformedMessage, decode_event
from bus.ids import EpisodeId
from bus.journal import JOURNAL, SCHEMA
from bus.messages.base import Delivered
from concern.verify.database import Row, check_sqlite, read_rows
from concern.verify.report import Report

FILE = JOURNAL.as_posix()
_NO_CHAIN = bytes(32)
_COLUMNS = ("family", "seq", "sim_time", "type")


@dataclass(frozen=True, slots=True)
class Heard:
    """One event of the journal."""

    row: int
    delivered: Delivered
    fields: dict[str, Any]
    """The message as it stands on the wire."""

    @property
    def place(self) -> str:
        """For findings."""
        return f"events row {self.row} ({self.delivered.envelope.id})"


@dataclass
class Journal:
    """A journal as far as it could be read."""

    heard: list[Heard] = field(default_factory=list[Heard])
    head: bytes = _NO_CHAIN
    families: dict[str, list[Heard]] = field(default_factory=lambda: defaultdict[str, list[Heard]](list))


def check_journal(root: Path, episode: EpisodeId, report: Report) -> Journal:
    """Recompute a journal. Rows that cannot be read are findings and left out."""
    path = root / JOURNAL
    sqlite = report.check("journal.db: SQLite's integrity, schema")
    chain = report.check("journal.db: chain of all events")
    rows_check = report.check("journal.db: messages and columns")
    gaps = report.check("journal.db: no gap in any family")
    journal = Journal()
    if not check_sqlite(path, FILE, sqlite, SCHEMA):
        return journal
    rows = read_rows(
        path, FILE, sqlite, "SELECT position, family, seq, sim_time, type, data, chain FROM events ORDER BY position"
    )
    for number, row in enumerate(rows, 1):
        position, *columns, data, stored = row
        rows_check.equal(position, number, FILE, f"events row {number}, position")
        chained = isinstance(data, bytes) and hashlib.sha256(journal.head + data).digest() == stored
        chain.must(chained, FILE, f"events row {number} ({columns[0]}-{columns[1]}), data or chain", "chain broken")
        journal.head = stored if isinstance(stored, bytes) else _NO_CHAIN
        try:
            heard = Heard(number, decode_event(data), orjson.loads(data))
        except (MalformedMessage, TypeError, ValueError) as error:
            rows_check.must(False, FILE, f"events row {number}, data", f"no message: {error}")
            continue
        envelope, event = heard.delivered.envelope, heard.delivered.event
        said = (event.family(), envelope.seq, envelope.sim_time, event.type_name())
        rows_check.fields(
            dict(zip(_COLUMNS, columns, strict=True)), dict(zip(_COLUMNS, said, strict=True)), FILE, heard.place
        )
        rows_check.equal(envelope.episode, episode, FILE, f"{heard.place}, episode")
        family = journal.families[event.family()]
        gaps.equal(envelope.seq, len(family) + 1, FILE, f"{heard.place}, seq")
        family.append(heard)
        journal.heard.append(heard)
    _check_heads(path, rows, report)
    return journal


def _check_heads(path: Path, rows: list[Row], report: Report) -> None:
    check = report.check("journal.db: heads of ticks")
    heads = read_rows(path, FILE, check, "SELECT events, tick, chain FROM heads ORDER BY events")
    last = -1
    for events, tick, chain in heads:
        place = f"heads row {events}"
        if check.must(isinstance(events, int) and 0 < events <= len(rows), FILE, place, "beyond the events"):
            check.equal(chain, rows[events - 1][6], FILE, f"{place}, chain")
        if check.must(isinstance(tick, int) and tick >= last, FILE, f"{place}, tick", f"{tick} after {last}"):
            last = tick
    check.equal(heads[-1][0] if heads else 0, len(rows), FILE, "heads, last row, events")
