"""Put into a copy of one of our variants: runs `python -m` of what it is told, and counts what it asks of SQLite.

`python -m counter tracker serve` runs `python -m tracker serve`. The counts of each process stand in a file of its own, which
`COUNTER_FILE` names, and are read from outside at any moment. Behind them stands how much longer each statement is to take, as
one does that goes over a network: so what may come between two statements of a request does. See `concern/catalog/differing/`.
"""

import mmap
import os
import runpy
import sqlite3
import struct
import sys
import threading
from collections.abc import Iterable
from typing import Any

STEPS = 50
"""Instructions of SQLite's virtual machine between two looks."""
COUNTS = struct.Struct("=4q")
"""Statements, rows fetched, instructions, and statements that ran while the write lock was held."""
DELAY = struct.Struct("=q")
"""Microseconds by which a statement takes longer; written from outside."""
_STATEMENT, _ROW, _STEP, _LOCKED = range(4)
_lock = threading.Lock()
_counts = [0, 0, 0, 0]
_connect = sqlite3.connect


def _opened() -> mmap.mmap:
    with open(f"{os.environ['COUNTER_FILE']}.{os.getpid()}", "w+b") as file:
        file.write(COUNTS.pack(*_counts) + DELAY.pack(0))
        file.flush()
        return mmap.mmap(file.fileno(), COUNTS.size + DELAY.size)


_shown = _opened() if __name__ == "__main__" else None


def _count(which: int, number: int) -> None:
    with _lock:
        _counts[which] += number
        if _shown is not None:
            COUNTS.pack_into(_shown, 0, *_counts)


def _linger() -> None:
    delay = 0 if _shown is None else DELAY.unpack_from(_shown, COUNTS.size)[0]
    if delay:
        threading.Event().wait(delay / 1_000_000)


def _step() -> int:
    _count(_STEP, STEPS)
    return 0


class Cursor(sqlite3.Cursor):
    """Counts statements and rows."""

    def execute(self, sql: str, *given: Any) -> "Cursor":
        self._statements(sql, 1)
        super().execute(sql, *given)
        return self

    def executemany(self, sql: str, given: Iterable[Any], /) -> "Cursor":
        rows = list(given)
        self._statements(sql, len(rows))
        super().executemany(sql, rows)
        return self

    def fetchone(self) -> Any:
        row = super().fetchone()
        _count(_ROW, row is not None)
        return row

    def fetchmany(self, *size: Any, **named: Any) -> list[Any]:
        rows = super().fetchmany(*size, **named)
        _count(_ROW, len(rows))
        return rows

    def fetchall(self) -> list[Any]:
        rows = super().fetchall()
        _count(_ROW, len(rows))
        return rows

    def __next__(self) -> Any:
        row = super().__next__()
        _count(_ROW, 1)
        return row

    def _statements(self, sql: str, number: int) -> None:
        connection = self.connection
        if isinstance(connection, Connection):
            connection.writes = connection.in_transaction and connection.writes
            _count(_LOCKED, number if connection.writes else 0)
            connection.writes = connection.writes or "IMMEDIATE" in sql[:20].upper()
        _count(_STATEMENT, number)
        _linger()


class Connection(sqlite3.Connection):
    """Has counting cursors."""

    writes = False
    """Whether the transaction that is open took the write lock when it began."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.set_progress_handler(_step, STEPS)

    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(factory or Cursor)

    def execute(self, *given: Any) -> Any:
        return self.cursor().execute(*given)

    def executemany(self, *given: Any) -> Any:
        return self.cursor().executemany(*given)


def connect(*given: Any, **named: Any) -> Any:
    """As `sqlite3.connect`, with what counts."""
    return _connect(*given, **{"factory": Connection, **named})


def main() -> None:
    """Count, and become the product."""
    sqlite3.connect = connect
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
