"""The harness that worlds begin with: what it opens with, when it sums up, and what it keeps when it is too late for that."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fake_model import calls, says
from made_up_gateway import shipped

from agents.operator.model.conversation import opened, tokens_in
from concern.harness import SHIPPED

SYSTEM = {"role": "system", "content": (SHIPPED / "system.md").read_text()}
answer = shipped()


def asked(task: str, used: int = 1_000, **more: Any) -> dict[str, Any]:
    budget = {"context_tokens": 100_000, "reply_tokens": 8_000, "used_tokens": used, "tokens_left": None}
    return {"task": task, "summary": None, "home": "/nowhere", "history": [], "budget": budget} | more


def talk(rounds: int, size: int = 3_000) -> list[dict[str, Any]]:
    """A history with calls and long answers."""
    history: list[dict[str, Any]] = [SYSTEM, {"role": "user", "content": "It is day 1."}]
    for number in range(rounds):
        said = calls(("a", {}), ("b", {}), text=f"round {number}")
        history.append(said)
        history += [{"role": "tool", "tool_call_id": call["id"], "content": "x" * size} for call in said["tool_calls"]]
    return history


def test_it_opens_with_notes_and_summary(tmp_path: Path) -> None:
    notes = tmp_path / "harness" / "notes"
    notes.mkdir(parents=True)
    (notes / "a.md").write_text("Acme pays late.")
    (tmp_path / "notes.md").write_text("Watch memory.")
    (notes / "z.md").write_text("y" * 100_000)
    os.mkfifo(notes / "b.md")
    (notes / "c.md").symlink_to("/dev/zero")
    first, second = answer(asked("begin", summary="I deployed.", home=str(tmp_path)))["messages"]
    assert first == SYSTEM
    for text in ("Acme pays late.", "Watch memory.", "I deployed."):
        assert text in second["content"]
    (notes / "zz.md").write_text("never read")
    assert "keep notes short" in answer(asked("begin", home=str(tmp_path)))["messages"][1]["content"]
    assert len(second["content"]) < 30_000


@pytest.mark.parametrize(
    ("used", "does"), [(60_000, None), (70_000, "compact"), (87_000, "compact"), (88_000, "messages")]
)
def test_it_sums_up_in_time(used: int, does: str | None) -> None:
    said = answer(asked("next", used, history=talk(1)))
    assert list(said) == ([does] if does else [])


def test_a_new_system_message_counts_at_once_and_loses_nothing() -> None:
    history = [{"role": "system", "content": "old"}, *talk(2)[1:]]
    assert answer(asked("next", history=history)) == {"messages": [SYSTEM, *history[1:]]}


def test_too_late_for_a_summary_it_keeps_the_end_whole() -> None:
    history = talk(60)
    kept = opened(answer(asked("next", 95_000, history=history))["messages"], history)
    assert kept[-1] == history[-1]
    assert 10 < len(kept) < len(history)
    assert tokens_in(kept) < 40_000


def test_answers_that_no_conversation_holds_are_left_out() -> None:
    history = [*talk(1, size=200_000), says("done"), {"role": "user", "content": "more"}]
    kept = opened(answer(asked("next", 95_000, history=history[:-2]))["messages"], history)
    assert [message["role"] for message in kept] == ["system", "user", "user"]


def test_it_speaks_json_on_standard_input_and_output() -> None:
    request = json.dumps(asked("next", history=talk(1)))
    done = subprocess.run(
        [sys.executable, "context.py"], cwd=SHIPPED, input=request, capture_output=True, text=True, check=True
    )
    assert done.stdout == "{}"


def test_its_tool_outlines_a_file() -> None:
    arguments = json.dumps({"path": str(SHIPPED / "context.py")})
    done = subprocess.run([SHIPPED / "tools" / "outline"], input=arguments, capture_output=True, text=True, check=True)
    assert "def answer" in done.stdout
    assert "def main" not in done.stdout
