# ruff: noqa: T201 (a program whose output is its answer)
"""Runs inside the sandbox, over the product's data: one SQL statement, or copies of the database and uploads.

Outside, nobody ever opens the product's database: a crafted file could attack whoever reads it. Standard library only,
no import of ours. Arguments: `sql DATABASE` (statement on standard input), `copy FROM TO`, `restore FROM TO`.
"""

import shutil
import sqlite3
import sys
from pathlib import Path

MAX_ROWS = 200
MAX_CELL = 200
MAGIC = b"SQLite format 3\0"
COMPANIONS = ("-wal", "-shm", "-journal")


def sql(database: str, statement: str) -> int:
    """Execute and print rows as a table."""
    try:
        connection = sqlite3.connect(database, timeout=30, isolation_level=None)
        cursor = connection.execute(statement)
        if cursor.description is None:
            print(f"{max(cursor.rowcount, 0)} rows changed")
        else:
            print(" | ".join(str(column[0]) for column in cursor.description))
            rows = cursor.fetchmany(MAX_ROWS + 1)
            for row in rows[:MAX_ROWS]:
                print(" | ".join(str(cell)[:MAX_CELL].replace("\n", " ") for cell in row))
            print(f"({len(rows)} rows)" if len(rows) <= MAX_ROWS else f"(the first {MAX_ROWS} rows)")
        connection.close()
    except (sqlite3.Error, sqlite3.Warning) as error:
        print(f"error: {error}")
        return 1
    return 0


def is_database(path: Path) -> bool:
    """Whether a file begins as SQLite files do."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def copy(source: Path, target: Path) -> int:
    """Copy regular files; databases through SQLite's backup, so that a write in progress does no harm."""
    for path in sorted(source.rglob("*")):
        place = target / path.relative_to(source)
        if path.is_symlink() or path.name.endswith(COMPANIONS):
            continue  # a database's companions are merged by its backup
        if path.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        elif path.is_file():
            place.parent.mkdir(parents=True, exist_ok=True)
            if is_database(path):
                with sqlite3.connect(path) as old, sqlite3.connect(place) as new:
                    old.backup(new)
                old.close()
                new.close()
            else:
                shutil.copyfile(path, place)
    return 0


def restore(source: Path, target: Path) -> int:
    """Empty the data and copy a backup in."""
    for path in target.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return copy(source, target)


def main() -> int:
    """Do what the first argument says."""
    verb, *places = sys.argv[1:]
    if verb == "sql":
        return sql(places[0], sys.stdin.read())
    return {"copy": copy, "restore": restore}[verb](Path(places[0]), Path(places[1]))


if __name__ == "__main__":
    sys.exit(main())
