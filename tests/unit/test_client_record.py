"""What a handle writes down: its acts, in order, closed to others; and the journal's length at a tick."""

import sqlite3
from pathlib import Path

import pytest
from pydantic import ValidationError

from bus.journal import SCHEMA, events_until
from bus.messages.reward import Usage
from concern.client.acts import ACTS, Action, Record, as_action


def test_another_handle_finds_the_acts(tmp_path: Path) -> None:
    acts = [Action(tool="bash", arguments={"command": "ls"}), Action(tool="wait", usage=Usage(prompt_tokens=3))]
    record = Record(tmp_path)
    for each in acts:
        record.add(each)
    assert Record(tmp_path).acts == record.acts == acts
    assert (tmp_path / ACTS).stat().st_mode & 0o077 == 0


def test_an_action_is_a_tool_and_arguments() -> None:
    assert as_action({"tool": "wait"}) == Action(tool="wait")
    with pytest.raises(ValidationError, match="tool"):
        as_action({"arguments": {}})
    with pytest.raises(ValidationError, match="extra"):
        as_action({"tool": "wait", "extra": 1})


def test_the_journal_knows_its_length_at_a_tick(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with sqlite3.connect(path) as connection:
        for statement in SCHEMA:
            connection.execute(statement)
        connection.executemany("INSERT INTO heads VALUES (?, ?, ?)", [(5, 0, b""), (9, 1, b""), (12, 1, b"")])
    connection.close()
    assert (events_until(path, 0), events_until(path, 1)) == (5, 12)
    with pytest.raises(LookupError, match="no tick 2"):
        events_until(path, 2)
