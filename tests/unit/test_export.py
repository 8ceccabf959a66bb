"""Exports of a run: what they hold, what a void episode shows, and what is refused."""

import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from made_up_story import FILE, conversation, story
from scorer_stream import EPISODE, chain, draft
from typer.testing import CliRunner

from bus.messages.base import Delivered, Envelope
from bus.messages.clock import Control
from bus.messages.gateway import ToolAnswer, TurnEnded
from bus.messages.reward import RewardTurn, Usage
from bus.simtime import SimTime
from bus.world import save_world
from concern.cli import app
from concern.export.atif import VERSION, documents
from concern.export.chat import epochs
from concern.export.story import ExportError, read_story
from concern.export.writing import export, rows
from services.gateway.transcript import Transcript
from services.recorder.store import Journal

TOLD = {"turn_id": "turn_x", "action_ids": ("a_1",), "sim_time0": 0, "sim_time1": 9, "wall0": 0.0, "wall1": 1.0}


def run_of(root: Path, *, over: bool = True, voided: bool = False) -> Path:
    """A run's directory with one turn, one call and one entry."""
    save_world(FILE, root)
    made = chain()
    turn = RewardTurn.model_validate(TOLD | {"usage": Usage(), "harness_ref": None, "first_index": 2, "last_index": 2})
    said = [made.started(0), made.entry(draft(0, 5)), made.turn(turn, SimTime(9))]
    if over:
        ended = Control(state="ending", outcome="truncated")
        said += [made.voided(1, "service_died", "desk")] if voided else made.closed(1, ended)
    acted = TurnEnded.model_validate(TOLD | {"tick": 0, "usage": Usage()})
    (root / "recorder").mkdir()
    (root / "gateway").mkdir()
    envelope = Envelope(id="gateway-1", episode=EPISODE, sim_time=SimTime(9), seq=1)
    journal = Journal(root / "recorder" / "journal.db")
    journal.append(0, [*said, Delivered(envelope, acted)])
    journal.close()
    answer = ToolAnswer(
        action_id="a_1", turn_id="turn_x", ok=True, content="{}", sim_time=SimTime(60_000), seconds_left=3540
    )
    Transcript(root).add("bash", {"command": "ls"}, answer)
    return root


def test_a_run_is_read_with_its_calls_and_its_reward(tmp_path: Path) -> None:
    read = read_story(run_of(tmp_path / "run"))
    (turn,) = read.turns
    assert (turn.turn_id, turn.earned, turn.caused) == ("turn_x", 5, 0)
    assert [(call.tool, call.arguments, call.ok) for call in turn.calls] == [("bash", {"command": "ls"}, True)]
    assert read.settled is not None
    assert read.settled.sum == 5


def test_turns_of_a_void_run_have_no_reward(tmp_path: Path) -> None:
    read = read_story(run_of(tmp_path / "run", voided=True))
    assert (read.settled, read.turns[0].earned, read.turns[0].caused) == (None, None, None)
    assert next(documents(read))["extra"]["net_micros"] is None


def test_what_is_no_run_or_goes_on_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="is no run"):
        read_story(tmp_path)
    with pytest.raises(ExportError, match="has not ended"):
        read_story(run_of(tmp_path / "run", over=False))


def test_the_command_writes_the_forms_that_are_asked_for(tmp_path: Path) -> None:
    root = run_of(tmp_path / "run")
    done = CliRunner().invoke(app, ["export", str(root)])
    assert done.output.split() == [str(root / "export" / "turns.jsonl")]
    done = CliRunner().invoke(app, ["export", str(root), "--atif", "--messages", "--out", str(tmp_path / "out")])
    assert [Path(line).name for line in done.output.split()] == ["trajectory.json", "messages.jsonl"]
    done = CliRunner().invoke(app, ["export", str(tmp_path)])
    assert (done.exit_code, "is no run" in done.output) == (2, True)


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ExportError, match="pip install pyarrow"):
        export(story(), "parquet", tmp_path)


def test_rows_are_flat_and_none_is_lost() -> None:
    made = rows(story().turns)
    assert [row["tool"] for row in made] == ["bash", "launch", None, "finances"]
    assert {frozenset(row) for row in made} == {frozenset(made[0])}
    assert orjson.loads(made[0]["arguments"]) == {"command": "ls"}
    assert not any(isinstance(value, (dict, list, tuple)) for row in made for value in row.values())


def test_turns_become_steps_with_their_money() -> None:
    (document,) = documents(story())
    assert document["schema_version"] == VERSION
    assert [step["step_id"] for step in document["steps"]] == [1, 2, 3]
    first = document["steps"][1]
    assert first["metrics"] == {"prompt_tokens": 100, "completion_tokens": 0, "cost_usd": 0.001}
    assert [result["extra"]["ok"] for result in first["observation"]["results"]] == [True, False]
    assert document["steps"][2]["extra"]["earned_micros"] == 2
    assert "metrics" not in document["steps"][2]


def test_a_compaction_begins_another_document() -> None:
    told = story(conversation=conversation())
    assert [len(messages) for messages in epochs(told)] == [5, 2]
    first, second = documents(told)
    assert (first["continued_trajectory_ref"], "continued_trajectory_ref" in second) == ("trajectory-2.json", False)
    called, compacted = first["steps"][2:]
    assert called["tool_calls"][0]["arguments"] == {"command": "ls"}
    assert called["tool_calls"][1]["arguments"] == {"unreadable": "{"}
    assert [result["source_call_id"] for result in called["observation"]["results"]] == ["c1", "c2"]
    assert compacted["extra"]["context_management"] == {"type": "compaction", "boundary": "replace"}
    copied: list[Any] = [step.get("is_copied_context") for step in second["steps"]]
    assert copied == [True, None]


def test_an_operator_without_a_conversation_is_told_as_one() -> None:
    (messages,) = epochs(story())
    assert [message["role"] for message in messages] == ["assistant", "tool", "tool", "assistant", "tool"]
    assert messages[0]["tool_calls"][1]["function"] == {"name": "launch", "arguments": "{}"}
