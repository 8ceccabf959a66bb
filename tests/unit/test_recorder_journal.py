"""The journal is append-only, chained, whole by tick, and stops the world when it cannot be written."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from scorer_stream import chain, draft

from bus.codec import encode_event
from bus.journal import comparable_digest, read_journal
from bus.messages.base import Delivered
from bus.messages.clock import Control
from bus.world import WorldFile
from services.recorder.model import Tally, episode_json
from services.recorder.store import Journal, JournalError
from services.world.loading import load_scenario


def messages(count: int) -> list[Delivered]:
    made = chain()
    return [made.started(0), *(made.entry(draft(number, 7)) for number in range(count - 1))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def test_what_is_recorded_is_read_back_in_order(path: Path) -> None:
    said = messages(5)
    journal = Journal(path)
    journal.append(0, said[:2])
    assert [each.envelope.id for each in read_journal(path)] == ["reward-1", "reward-2"]  # while it is written
    journal.append(1, said[2:])
    journal.close()
    assert list(read_journal(path)) == said
    assert sorted(file.name for file in path.parent.iterdir()) == ["journal.db"]


def test_the_chain_is_a_plain_hash_over_the_messages(path: Path) -> None:
    said = messages(4)
    journal = Journal(path)
    journal.append(3, said)
    expected = bytes(32)
    for each in said:
        expected = hashlib.sha256(expected + encode_event(each.envelope, each.event)).digest()
    assert (journal.events, journal.chain) == (4, expected)
    journal.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM heads").fetchall() == [(4, 3, expected)]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE events SET seq = 9", "DELETE FROM events", "UPDATE heads SET tick = 9", "DELETE FROM heads"],
)
def test_the_file_refuses_changes(path: Path, statement: str) -> None:
    journal = Journal(path)
    journal.append(0, messages(2))
    journal.close()
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)


def test_a_full_disk_stops_the_world_and_keeps_what_was_recorded(path: Path) -> None:
    journal = Journal(path)
    journal.append(0, messages(3))
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalError, match=r"cannot take tick 1 \(500 events\): database or disk is full"):
        journal.append(1, messages(500))
    assert journal.events == 3
    journal.close()
    assert len(list(read_journal(path))) == 3


def test_an_episode_is_recorded_once(path: Path) -> None:
    Journal(path).close()
    with pytest.raises(JournalError, match="exists already"):
        Journal(path)


def test_a_missing_journal_is_told(path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no journal at"):
        list(read_journal(path))


def test_equal_runs_compare_equal_whatever_their_keys(tmp_path: Path) -> None:
    digests: list[str] = []
    for name, count in (("a", 4), ("b", 4), ("c", 5)):
        journal = Journal(tmp_path / name)
        journal.append(0, messages(count))
        journal.close()
        digests.append(comparable_digest(tmp_path / name))
    assert digests[0] == digests[1] != digests[2]


def test_the_page_of_a_voided_episode_has_no_reward() -> None:
    made, tally = chain(), Tally()
    scenario = load_scenario("short")
    file = WorldFile(episode=made.episode, seed=4, scenario=scenario, operator="noop", isolation="none", planted=())
    tally.take([made.started(0), made.voided(2, "service_died", "desk")])
    tally.control = Control(state="ended", outcome="voided", failure_kind="service_died", reason="desk")
    page = episode_json(file, tally, (2, bytes(32)))
    assert (page["outcome"], page["failure_kind"], page["reward"]) == ("voided", "service_died", None)
    assert page["totals"]["events_by_family"] == {"reward": 2}
