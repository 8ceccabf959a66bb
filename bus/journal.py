"""The journal of a run, as a file: its format, and how to read it. Only the recorder writes one.

`recorder/journal.db` is a SQLite file. Table `events`: one row per event of the world, in the order in which the steps of
the recorder brought them. `chain` is SHA-256 (32 bytes) of the chain of the row before (32 zero bytes before the first)
and the row's `data`; the other columns repeat what stands in `data`, for queries. Table `heads`: one row per closed tick
(and one for the clock's last words) with the number of events so far and the chain's head. Triggers refuse changes.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import orjson

from bus.codec import decode_event
from bus.messages.base import Delivered

JOURNAL: Final = Path("recorder") / "journal.db"
"""Where it stands in a world's directory."""
GENESIS: Final = bytes(32)
"""The chain before its first event."""

SCHEMA: Final = (
    """CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    family TEXT NOT NULL,
    seq INTEGER NOT NULL,
    sim_time INTEGER NOT NULL,
    type TEXT NOT NULL,
    data BLOB NOT NULL,
    chain BLOB NOT NULL
) STRICT""",
    """CREATE TABLE heads (
    events INTEGER PRIMARY KEY,
    tick INTEGER NOT NULL,
    chain BLOB NOT NULL
) STRICT""",
    """CREATE TRIGGER no_update_of_events BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TRIGGER no_delete_of_events BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TRIGGER no_update_of_heads BEFORE UPDATE ON heads
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TRIGGER no_delete_of_heads BEFORE DELETE ON heads
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
)
"""The statements that make an empty journal; SQLite keeps their text."""

UNEQUAL: Final = frozenset(
    {
        "episode",
        "wall0",
        "wall1",
        "sig",
        "prev_hash",
        "sha256",
        "public_key",
        "cached",
        "socket",
        "host",
        "port",
        "target",
    }
)
"""Fields that may differ between two runs of equal seed and actions: the episode's id, host time, the reward's signatures,
what a cache knew, where the edge listens, and the path of a shared link, which holds an id that the product drew."""


def link(chain: bytes, data: bytes) -> bytes:
    """The chain's next head."""
    return hashlib.sha256(chain + data).digest()


def open_read_only(path: Path) -> sqlite3.Connection:
    """A connection to a service's database that leaves no trace.

    A database without a write-ahead log has no writer: it is opened as immutable, or SQLite would put files beside it.
    """
    wal = path.with_name(f"{path.name}-wal")
    how = "mode=ro" if wal.exists() else "immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)


def read_journal(path: Path) -> Iterator[Delivered]:
    """The events of a journal, in order; reading it never changes it. `FileNotFoundError` if there is none.

    Checks nothing: that is `concern verify`.
    """
    for data in _rows(path):
        yield decode_event(data)


def comparable_digest(path: Path, events: int | None = None) -> str:
    """SHA-256, hex, over a journal without what may differ between equal runs: equal for equal seeds and actions.

    `events`: only so many, from the first.
    """
    digest = hashlib.sha256()
    for data in _rows(path, events):
        fields = {name: value for name, value in orjson.loads(data).items() if name not in UNEQUAL}
        digest.update(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE))
    return digest.hexdigest()


def events_until(path: Path, tick: int) -> int:
    """How many events a journal held when a tick was recorded. `LookupError` if it has not come so far."""
    with closing(open_read_only(path)) as connection:
        (events,) = connection.execute("SELECT max(events) FROM heads WHERE tick = ?", (tick,)).fetchone()
    if events is None:
        raise LookupError(f"the journal {path} holds no tick {tick}")
    return int(events)


def _rows(path: Path, events: int | None = None) -> Iterator[bytes]:
    if not path.is_file():
        raise FileNotFoundError(f"no journal at {path}: the recorder writes it at the end of each simulated hour")
    with closing(open_read_only(path)) as connection:
        limit = -1 if events is None else events
        for (data,) in connection.execute("SELECT data FROM events ORDER BY position LIMIT ?", (limit,)):
            yield data
