"""A flipped byte anywhere in a run's databases is found, or provably touches nothing that can be read.

Without a seal, verification sees content: a flip that it does not report must leave the content of the file as it was
(free space in a page, a header field that SQLite ignores), or fall on billing's working tables, which are no record. With
the seal it sees every byte.
"""

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import orjson
import pytest
from small_business import play

from bus.journal import open_read_only
from bus.world import load_world
from concern.verify import Report, render, seal_run, verify_run

JOURNAL = "recorder/journal.db"
LEDGER = "billing/ledger.db"
RECORD = {JOURNAL: ("events", "heads"), LEDGER: ("entries", "lines", "outbox")}
"""Tables that are the record; `invoices`, `subscriptions` and `processed` are billing's working tables."""
FLIPS = 60
"""In each file; 1,000 in each were tried by hand (docs/reward.md tells what came of them)."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("finished") / "run"
    anyio.run(play, root)
    return root


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "run"))


def flipped(path: Path, chance: random.Random, times: int) -> Iterator[tuple[int, int]]:
    """Flip one bit at a time, all over the file; puts it back afterwards."""
    good = path.read_bytes()
    for _ in range(times):
        position, bit = chance.randrange(len(good)), chance.randrange(8)
        bad = bytearray(good)
        bad[position] ^= 1 << bit
        path.write_bytes(bad)
        yield position, bit
    path.write_bytes(good)


def record(path: Path, tables: tuple[str, ...]) -> list[Any]:
    """Everything that can be read of some tables."""
    with closing(open_read_only(path)) as connection:
        return [connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables]


def change(path: Path, *statements: str) -> None:
    """Change a database as somebody would who knows it: without its triggers."""
    with closing(sqlite3.connect(path)) as connection:
        dropped = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in dropped:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert connection.execute(statement).rowcount != 0, statement
        for _, sql in dropped:
            connection.execute(sql)
        connection.commit()


def places(report: Report) -> str:
    return "\n".join(f"{each.file}: {each.place}: {each.what}" for each in report.findings)


def test_an_untouched_run_verifies_and_verifying_changes_nothing(run: Path) -> None:
    before = {path: path.read_bytes() for path in sorted(run.rglob("*")) if path.is_file()}
    report = verify_run(run)
    assert (report.ok, report.state) == (True, "settled"), render(report)
    assert "verified: reward -$" in render(report)
    assert all(check.looked_at for check in report.checks)
    assert {path: path.read_bytes() for path in sorted(run.rglob("*")) if path.is_file()} == before


@pytest.mark.parametrize("file", [JOURNAL, LEDGER])
def test_every_flip_that_changes_the_record_is_found_and_placed(run: Path, file: str) -> None:
    path, chance = run / file, random.Random(f"flips of {file}")
    whole, found = record(path, RECORD[file]), 0
    for position, bit in flipped(path, chance, FLIPS):
        report = verify_run(run)
        if report.ok:
            assert record(path, RECORD[file]) == whole, f"bit {bit} of byte {position} went unseen"
        else:
            found += 1
            assert any(finding.file == file and finding.place for finding in report.findings), places(report)
    assert found > FLIPS / 2, f"only {found} of {FLIPS} flips fell on content: the test looks at too little"


def test_with_a_seal_every_flip_is_found(run: Path) -> None:
    assert seal_run(run)
    assert verify_run(run).ok
    for file in (JOURNAL, LEDGER):
        for position, bit in flipped(run / file, random.Random(file), 20):
            assert f"{file}: whole file" in places(verify_run(run)), f"bit {bit} of byte {position} of {file}"


def test_a_seal_is_set_once_and_leaves_nobody_who_could_sign(run: Path) -> None:
    assert seal_run(run)
    assert not (run / "scorer" / "reward.key").exists()
    assert not seal_run(run)
    (run / "seal.json").write_text((run / "seal.json").read_text().replace('"sig": "', '"sig": "00'))
    assert "seal.json: sig" in places(verify_run(run))


EDITS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "amount in the ledger": (LEDGER, ("UPDATE lines SET amount = amount + 1 WHERE rowid = 40",), "lines row 40"),
    "memo in the ledger": (LEDGER, ("UPDATE entries SET memo = 'x' WHERE position = 9",), "entries row 9"),
    "head in the ledger": (LEDGER, ("UPDATE entries SET head = entry WHERE position = 9",), "entries row 9"),
    "entry taken out": (LEDGER, ("DELETE FROM entries WHERE position = 30",), "entries row 30"),
    "price of a subscription": (LEDGER, ("UPDATE subscriptions SET price = price + 1 WHERE rowid = 1",), "mrr"),
    "invoice doubled": (LEDGER, ("UPDATE invoices SET amount = amount * 2 WHERE rowid = 3",), "invoices in_"),
    "a field without a value": (
        LEDGER,
        ("UPDATE outbox SET content = replace(content, '\"action\":null', '\"actinn\":null') WHERE position = 21",),
        "outbox row 21, content, action",
    ),
    "text as bytes": (
        LEDGER,
        ("UPDATE outbox SET content = CAST(content AS BLOB) WHERE position = 21",),
        "outbox row 21, content",
    ),
    "what was said": (LEDGER, ("UPDATE outbox SET content = '{}' WHERE position = 5",), "outbox row 5, content"),
    "journal message": (
        JOURNAL,
        (
            "UPDATE events SET data = CAST(replace(CAST(data AS TEXT), 'e_small', 'e_smell') AS BLOB) WHERE position = 99",
        ),
        "events row 99",
    ),
    "journal column": (JOURNAL, ("UPDATE events SET sim_time = 1 WHERE position = 50",), "events row 50"),
    "journal's end cut": (
        JOURNAL,
        (
            "DELETE FROM events WHERE position > 800",
            "DELETE FROM heads WHERE events > 800",
        ),
        "no `settled` or `voided`",
    ),
    "head of a tick": (JOURNAL, ("UPDATE heads SET chain = zeroblob(32) WHERE tick = 9",), "heads row"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_named_by_its_place(run: Path, edit: str) -> None:
    file, statements, place = EDITS[edit]
    change(run / file, *statements)
    report = verify_run(run)
    assert place in places(report), places(report)
    assert report.reward is None
    assert "NOT VERIFIED" in render(report)


Edit = Callable[[Path], None]
FILE_EDITS: dict[str, tuple[Edit, str]] = {
    "the public key is another": (lambda run: _write(run / "reward.pub", "ab" * 32), "reward.pub: key"),
    "the public key is none": (lambda run: _write(run / "reward.pub", "no key"), "reward.pub: file"),
    "no journal": (lambda run: (run / JOURNAL).unlink(), f"{JOURNAL}: file: missing"),
    "no ledger": (lambda run: (run / LEDGER).unlink(), f"{LEDGER}: file: missing"),
    "the page tells another sum": (
        lambda run: _replace(run / "recorder" / "episode.json", '"sum": -', '"sum": '),
        "episode.json: reward.sum",
    ),
    "another seed": (lambda run: _replace(run / "world.json", '"seed": 3', '"seed": 4'), "episode.json: seed"),
    "another isolation": (
        lambda run: _replace(run / "world.json", '"isolation": "none"', '"isolation": "full"'),
        "isolation",
    ),
    "no world": (lambda run: (run / "world.json").unlink(), "world.json: file"),
    "journal is text": (lambda run: _write(run / JOURNAL, "hello" * 999), f"{JOURNAL}: "),
}


def _write(path: Path, text: str) -> None:
    path.write_text(text)


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("agreements", "found"),
    [
        (None, False),
        ({}, True),
        ({"team": [{"below": 0.999, "percent": 10}, {"below": 0.99, "percent": 30}]}, False),
        ({"team": [{"below": 0.999, "percent": 11}, {"below": 0.99, "percent": 31}]}, True),
        ({"starter": [{"below": 0.999, "percent": 10}, {"below": 0.99, "percent": 30}]}, True),
    ],
)
def test_credits_must_be_those_that_were_agreed(run: Path, agreements: object, found: bool) -> None:
    world = orjson.loads((run / "world.json").read_bytes())
    world["scenario"]["billing"]["agreements"] = agreements
    (run / "world.json").write_bytes(orjson.dumps(world))
    named = [check for check in verify_run(run).checks if check.name.startswith("credits")]
    assert [bool(check.findings) for check in named] == [found]
    assert named[0].looked_at == 2


@pytest.mark.parametrize("edit", FILE_EDITS)
def test_a_changed_file_is_named(run: Path, edit: str) -> None:
    act, place = FILE_EDITS[edit]
    act(run)
    assert place in places(verify_run(run)), places(verify_run(run))


def test_the_scorers_own_record_must_agree(run: Path) -> None:
    change(run / "scorer" / "scorer.db", "DELETE FROM messages WHERE seq > 100")
    assert "scorer/scorer.db: messages: has 100 rows" in places(verify_run(run))
    (run / "scorer" / "scorer.db").unlink()
    report = verify_run(run)
    assert report.ok
    assert any("no scorer/scorer.db" in note for note in report.notes)
    assert load_world(run).episode == report.episode
