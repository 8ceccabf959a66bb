"""What a program asks of SQLite is counted, and read from outside."""

import os
import subprocess
import sys
from pathlib import Path

from concern.catalog.children import counter
from concern.catalog.differing.counting import counts, slow

PROGRAM = """
import sqlite3, sys
assert sys.argv[1:] == ["given"]
connection = sqlite3.connect(":memory:", isolation_level=None)
cursor = connection.cursor()
cursor.execute("CREATE TABLE a (x)")
cursor.execute("BEGIN IMMEDIATE")
cursor.executemany("INSERT INTO a VALUES (?)", [(n,) for n in range(500)])
cursor.execute("COMMIT")
assert len(cursor.execute("SELECT x FROM a").fetchmany(10)) == 10
assert cursor.fetchone() == (10,)
assert len(cursor.fetchall()) == 489
assert [row for row in connection.execute("SELECT x FROM a WHERE x < 2")] == [(0,), (1,)]
"""


def run(folder: Path, program: str) -> int:
    folder.mkdir()
    (folder / "program.py").write_text(program)
    (folder / "counter.py").write_bytes(Path(counter.__file__).read_bytes())
    argv = [sys.executable, "-m", "counter", "program", "given"]
    return subprocess.run(
        argv, check=False, cwd=folder, env={**os.environ, "COUNTER_FILE": str(folder / "counts")}
    ).returncode


def test_statements_rows_and_work_are_counted(tmp_path: Path) -> None:
    assert run(tmp_path / "a", PROGRAM) == 0
    statements, rows, instructions, locked = counts(tmp_path / "a")
    assert (statements, rows, locked) == (505, 502, 501)
    assert instructions > 1_000


def test_a_program_without_a_database_counts_nothing(tmp_path: Path) -> None:
    assert counts(tmp_path) == (0, 0, 0, 0)
    assert run(tmp_path / "a", "raise SystemExit(3)") == 3
    assert counts(tmp_path / "a") == (0, 0, 0, 0)


def test_more_than_one_process_is_added_up(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"counts.{number}").write_bytes(counter.COUNTS.pack(number, 10, 100, 0) + counter.DELAY.pack(0))
    assert counts(tmp_path) == (3, 20, 200, 0)
    slow(tmp_path, 2.5)
    assert counts(tmp_path) == (3, 20, 200, 0)
    for number in (1, 2):
        delay = (tmp_path / f"counts.{number}").read_bytes()[counter.COUNTS.size :]
        assert counter.DELAY.unpack(delay) == (2_500,)
