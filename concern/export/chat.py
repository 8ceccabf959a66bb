"""A run as chat messages: those that a model in our loop sent, or the calls of any other operator in the same form."""

from collections.abc import Iterator
from typing import Any

import orjson

from concern.export.story import Call, Story

Message = dict[str, Any]


def epochs(story: Story) -> list[list[Message]]:
    """The conversations, one for each context epoch: within one, messages are only added; compaction begins another."""
    if not story.conversation:
        return [list(_called(story))]
    found: dict[int, list[Message]] = {}
    for line in story.conversation:
        found.setdefault(line["epoch"], []).extend(line["messages"])
    return list(found.values())


def _called(story: Story) -> Iterator[Message]:
    """What an operator without a conversation of its own did: one assistant message a turn, and the tools' answers."""
    for turn in story.turns:
        if turn.calls:
            yield {"role": "assistant", "content": None, "tool_calls": [_call(call) for call in turn.calls]}
        for call in turn.calls:
            yield {"role": "tool", "tool_call_id": call.action_id, "content": call.content}


def _call(call: Call) -> Message:
    arguments = orjson.dumps(call.arguments).decode()
    return {"id": call.action_id, "type": "function", "function": {"name": call.tool, "arguments": arguments}}
