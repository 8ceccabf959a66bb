"""Exports of a run whose endpoint gave token ids: whole prompts in ATIF, what is new in messages."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from made_up_story import conversation, sampled_conversation, story

from concern.export.atif import documents
from concern.export.writing import export


def test_steps_of_the_model_have_their_token_ids() -> None:
    first, second = documents(story(conversation=sampled_conversation()))
    metrics = [step.get("metrics") for step in first["steps"]]
    assert metrics == [
        None,
        None,
        {"prompt_token_ids": [1, 2], "completion_token_ids": [2, 4], "logprobs": [-0.5, -0.25]},
        {"prompt_token_ids": [1, 2, 2, 4, 5], "completion_token_ids": [1], "logprobs": [-1.0]},
        None,
    ]
    assert [step["source"] for step in first["steps"] if "metrics" in step] == ["agent", "agent"]
    assert [step.get("metrics", {}).get("prompt_token_ids") for step in second["steps"]] == [None, None, [1, 7]]


def test_messages_have_what_is_new(tmp_path: Path) -> None:
    (path,) = export(story(conversation=sampled_conversation()), "messages", tmp_path)
    first, second = map(orjson.loads, path.read_bytes().splitlines())
    assert [call["message"] for call in first["tokens"]] == [2, 4]
    assert first["tokens"][1] == {"message": 4, "kept": 4, "added": [5], "sampled": [1], "logprobs": [-1.0]}
    assert all(first["messages"][call["message"]]["role"] == "assistant" for call in first["tokens"])
    assert second["tokens"][0]["added"] == [1, 7]


@pytest.mark.parametrize("told", [(), conversation()])
def test_without_any_nothing_is_said_of_them(tmp_path: Path, told: tuple[dict[str, Any], ...]) -> None:
    (path,) = export(story(conversation=told), "messages", tmp_path)
    assert all(orjson.loads(line).keys() == {"epoch", "messages"} for line in path.read_bytes().splitlines())
    assert b"token_ids" not in b"".join(path.read_bytes() for path in export(story(), "atif", tmp_path))


def test_long_documents_are_written_without_indentation(tmp_path: Path) -> None:
    sampled, plain = tmp_path / "sampled", tmp_path / "plain"
    for path in export(story(conversation=sampled_conversation()), "atif", sampled):
        assert b"\n" not in path.read_bytes()
    assert all(b"\n" in path.read_bytes() for path in export(story(conversation=conversation()), "atif", plain))
