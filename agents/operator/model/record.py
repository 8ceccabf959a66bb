"""`operator/conversation.jsonl` in the world's directory: every call of the model, each message once. For people and exports."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from agents.operator.model.conversation import Conversation

FILE = "conversation.jsonl"


@dataclass
class Record:
    """Appends a line for each call."""

    path: Path
    _epoch: int = -1
    _told: int = 0
    """Messages of the epoch that are written."""
    _tools: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def call(self, conversation: Conversation, **facts: Any) -> None:
        """A call and what came of it: the messages since the last line, in a new epoch all of them."""
        line: dict[str, Any] = {"epoch": conversation.epoch, **facts}
        if conversation.epoch != self._epoch:
            self._epoch, self._told = conversation.epoch, 0
        if conversation.tools != self._tools:
            self._tools = conversation.tools
            line["tools"] = self._tools
        line["messages"] = conversation.messages[self._told :]
        self._told = len(conversation.messages)
        with self.path.open("ab") as file:
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
