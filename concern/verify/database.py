"""Reading SQLite files that may be damaged: whatever goes wrong is a finding, never a crash."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from bus.journal import open_read_only
from concern.verify.report import Check

Row = tuple[Any, ...]


def read_rows(path: Path, file: str, check: Check, query: str) -> list[Row]:
    """The rows of a query; an unreadable file or table is a finding and gives what was read before it."""
    rows: list[Row] = []
    try:
        with closing(open_read_only(path)) as connection:
            for row in connection.execute(query):
                rows.append(row)  # noqa: PERF402 (what came before the damage counts)
    except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
        check.must(False, file, f"after row {len(rows)} of: {query}", f"unreadable: {error}")
    return rows


def check_sqlite(path: Path, file: str, check: Check, schema: Iterable[str]) -> bool:
    """SQLite's own integrity check, and whether the schema holds the given statements, word by word.

    Returns whether the file is there.
    """
    if not check.must(path.is_file(), file, "file", "missing"):
        return False
    for (said,) in read_rows(path, file, check, "PRAGMA integrity_check"):
        check.must(said == "ok", file, "integrity_check", str(said))
    found = {sql for (sql,) in read_rows(path, file, check, "SELECT sql FROM sqlite_schema")}
    for statement in schema:
        name = " ".join(statement.split()[:3])
        check.must(statement in found, file, f"schema, {name}", "missing or changed")
    return True
