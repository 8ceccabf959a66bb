"""Writing `journal.db` (format: `bus/journal.py`): one transaction per tick, and never a step without it."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from bus.codec import encode_event
from bus.journal import GENESIS, SCHEMA, link
from bus.messages.base import Delivered


class JournalError(Exception):
    """The journal could not be written. The episode must not go on without its record."""


class Journal:
    """The journal of a running world.

    SQLite in WAL mode with `synchronous=FULL`: a tick is on the disk before the world goes on.
    """

    def __init__(self, path: Path) -> None:
        """Begin a journal. `JournalError` if there is one already: an episode is recorded once."""
        if path.exists():
            raise JournalError(f"{path.name} exists already: this episode was recorded before, start a new one")
        self.events = 0
        self.chain = GENESIS
        self._path = path
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        for statement in SCHEMA:
            self._connection.execute(statement)

    def append(self, tick: int, messages: Iterable[Delivered]) -> None:
        """Record what was heard up to the end of a tick, whole or not at all.

        `JournalError` if that fails, whatever the reason (full disk, lost file, I/O error).
        """
        rows: list[tuple[int, str, int, int, str, bytes, bytes]] = []
        events, chain = self.events, self.chain
        for delivered in messages:
            envelope, event = delivered.envelope, delivered.event
            data = encode_event(envelope, event)
            events, chain = events + 1, link(chain, data)
            rows.append((events, event.family(), envelope.seq, envelope.sim_time, event.type_name(), data, chain))
        if not rows:
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            self._connection.execute("INSERT INTO heads VALUES (?, ?, ?)", (events, tick, chain))
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise JournalError(
                f"{self._path.name} cannot take tick {tick} ({len(rows)} events): {error}; "
                "look at the disk's free space, then start a new episode"
            ) from error
        self.events, self.chain = events, chain

    def close(self) -> None:
        """Close the file; the write-ahead log is folded into it."""
        self._connection.close()
