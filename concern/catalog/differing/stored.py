"""What a product has stored, whatever its tables are: how often a text stands there."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from services.cloud.process import DATABASE

_SHADOWS = ("_data", "_idx", "_content", "_docsize", "_config")
"""Tables in which SQLite keeps a full-text index: what is there stands elsewhere, too."""


def times_stored(folder: Path, texts: Iterable[str]) -> Counter[str]:
    """How often each of these texts stands in the database and in the files beside it, of a product that is at rest."""
    everything = "\n".join([*_cells(folder / DATABASE), *_files(folder)])
    return Counter({text: everything.count(text) for text in texts})


def _cells(database: Path) -> list[str]:
    cells: list[str] = []
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.text_factory = _text
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL"
        tables = connection.execute(query).fetchall()
        indices = {name for name, sql in tables if sql.upper().startswith("CREATE VIRTUAL")}
        shadows = {f"{name}{ending}" for name in indices for ending in _SHADOWS}
        for name, _ in tables:
            if name not in indices | shadows:
                for row in connection.execute(f'SELECT * FROM "{name}"'):  # noqa: S608 (names come from the database itself)
                    cells += [_text(cell) for cell in row if isinstance(cell, str | bytes)]
    return cells


def _text(cell: str | bytes) -> str:
    return cell if isinstance(cell, str) else cell.decode("utf-8", "replace")


def _files(folder: Path) -> list[str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(DATABASE)]
    return [path.read_bytes().decode("utf-8", "replace") for path in files]
