"""A run in the Agent Trajectory Interchange Format, version 1.8: one document for each context epoch.

An operator with a conversation (a model in our loop) gets a document an epoch, each naming the next as its continuation;
messages that were carried over are marked as copied context, and a compaction is a system step whose observation is the
new context. Any other operator gets one document with a step for each turn in which it did something.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from concern.export.chat import Message, epochs
from concern.export.story import Story, TurnLine
from concern.export.tokens import Metrics, recorded, whole

VERSION = "ATIF-v1.8"
Document = dict[str, Any]


def document_name(number: int) -> str:
    """Files of one run lie beside each other: `trajectory.json`, `trajectory-2.json`, …"""
    return "trajectory.json" if number == 1 else f"trajectory-{number}.json"


def documents(story: Story) -> Iterator[Document]:
    """The run's documents, in order; one at a time, because whole prompts of token ids are long."""
    if not story.conversation:
        yield _document(story, 1, 1, _turn_steps(story))
        return
    told, sampled = epochs(story), recorded(story)
    for number, messages in enumerate(told, 1):
        before = told[number - 2] if number > 1 else []
        steps = _message_steps(messages, before, dict(whole(sampled[number - 1])))
        if number < len(told):
            steps.append(_compaction(told[number]))
        yield _document(story, number, len(told), steps)


def _document(story: Story, number: int, of: int, steps: list[dict[str, Any]]) -> Document:
    for position, step in enumerate(steps, 1):
        step["step_id"] = position
    prompt = sum(turn.usage.prompt_tokens for turn in story.turns)
    completion = sum(turn.usage.completion_tokens for turn in story.turns)
    document: Document = {
        "schema_version": VERSION,
        "session_id": story.file.episode,
        "trajectory_id": f"{story.file.episode}-{number}",
        "agent": {"name": story.file.operator, "version": str(story.file.version)},
        "steps": steps,
        "extra": {
            "seed": story.file.seed,
            "scenario": story.file.scenario.world.name,
            "isolation": story.file.isolation,
            "net_micros": story.settled.sum if story.settled else None,
            "outcome": story.settled.outcome if story.settled else "voided",
        },
    }
    if number < of:
        document["continued_trajectory_ref"] = document_name(number + 1)
    else:
        document["final_metrics"] = {
            "total_prompt_tokens": prompt,
            "total_completion_tokens": completion,
            "total_steps": len(steps),
        }
    return document


def _turn_steps(story: Story) -> list[dict[str, Any]]:
    began = {
        "source": "system",
        "message": f"{story.file.scenario.world.title}: the company is handed over.",
        "extra": {"operator": story.file.operator},
    }
    return [began, *(_turn_step(turn) for turn in story.turns if turn.calls)]


def _turn_step(turn: TurnLine) -> dict[str, Any]:
    step: dict[str, Any] = {
        "source": "agent",
        "timestamp": datetime.fromtimestamp(turn.wall1, UTC).isoformat(),
        "message": "",
        "tool_calls": [
            {"tool_call_id": call.action_id, "function_name": call.tool, "arguments": call.arguments}
            for call in turn.calls
        ],
        "observation": {
            "results": [
                {"source_call_id": call.action_id, "content": call.content, "extra": {"ok": call.ok}}
                for call in turn.calls
            ]
        },
        "extra": {
            "turn_id": turn.turn_id,
            "tick": turn.tick,
            "sim_time": turn.sim_time1,
            "earned_micros": turn.earned,
            "caused_micros": turn.caused,
            "harness_ref": turn.harness_ref,
        },
    }
    if turn.usage.prompt_tokens or turn.usage.completion_tokens:
        step["metrics"] = {
            "prompt_tokens": turn.usage.prompt_tokens,
            "completion_tokens": turn.usage.completion_tokens,
            "cost_usd": turn.usage.cost / 1e6,
        }
    return step


def _message_steps(
    messages: Sequence[Message], before: Sequence[Message], sampled: Mapping[int, Metrics]
) -> list[dict[str, Any]]:
    """Chat messages as steps; answers of tools belong to the step that called them, token ids to the one that has them."""
    steps: list[dict[str, Any]] = []
    for position, message in enumerate(messages):
        if message["role"] == "tool":
            result = {"source_call_id": message["tool_call_id"], "content": _text(message)}
            steps[-1].setdefault("observation", {"results": []})["results"].append(result)
            continue
        source = {"assistant": "agent", "user": "user"}.get(message["role"], "system")
        step: dict[str, Any] = {"source": source, "message": _text(message)}
        if message.get("tool_calls"):
            step["tool_calls"] = [_tool_call(call) for call in message["tool_calls"]]
        if message in before:
            step["is_copied_context"] = True
        if position in sampled:
            step["metrics"] = sampled[position]
        steps.append(step)
    return steps


def _tool_call(call: Message) -> dict[str, Any]:
    """A call whose arguments are no JSON object was refused as such: they are kept as text."""
    try:
        arguments: Any = orjson.loads(call["function"]["arguments"])
    except orjson.JSONDecodeError:
        arguments = None
    if not isinstance(arguments, dict):
        arguments = {"unreadable": call["function"]["arguments"]}
    return {"tool_call_id": call["id"], "function_name": call["function"]["name"], "arguments": arguments}


def _compaction(following: Sequence[Message]) -> dict[str, Any]:
    return {
        "source": "system",
        "message": "The context was compacted.",
        "observation": {"results": [{"content": orjson.dumps(list(following)).decode()}]},
        "extra": {"context_management": {"type": "compaction", "boundary": "replace"}},
    }


def _text(message: Message) -> str:
    content = message.get("content")
    return content if isinstance(content, str) else "" if content is None else orjson.dumps(content).decode()
