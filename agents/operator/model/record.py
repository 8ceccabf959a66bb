"""`operator/conversation.jsonl` in the world's directory: every call of the model, each message once. For people and exports."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from agents.operator.model.conversation import Conversation
from agents.operator.model.tokens import Tokens, in_common

FILE = "conversation.jsonl"


@dataclass
class Record:
    """Appends a line for each call."""

    path: Path
    _epoch: int = -1
    _told: int = 0
    """Messages of the epoch that are written."""
    _tools: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    _ids: list[int] = field(default_factory=list[int])
    """Of the epoch's last call that has any: its prompt and what was sampled."""

    def call(self, conversation: Conversation, tokens: Tokens | None = None, **facts: Any) -> None:
        """A call and what came of it: the messages since the last line, in a new epoch all of them; so with its tokens."""
        line: dict[str, Any] = {"epoch": conversation.epoch, **facts}
        if conversation.epoch != self._epoch:
            self._epoch, self._told, self._ids = conversation.epoch, 0, []
        if conversation.tools != self._tools:
            self._tools = conversation.tools
            line["tools"] = self._tools
        line["messages"] = conversation.messages[self._told :]
        self._told = len(conversation.messages)
        if tokens is not None:
            line["tokens"] = self._new(tokens)
        with self.path.open("ab") as file:
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def _new(self, tokens: Tokens) -> dict[str, Any]:
        """A prompt as how many of the last call's ids it begins with, and what follows."""
        kept = in_common(self._ids, tokens.prompt)
        self._ids = tokens.prompt + tokens.sampled
        return {
            "kept": kept,
            "added": tokens.prompt[kept:],
            "sampled": tokens.sampled,
            "logprobs": tokens.logprobs,
        }
