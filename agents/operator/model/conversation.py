"""What the model is sent: messages that only grow within an epoch, and rules for what the harness may make of them. Pure.

Trainers take a prompt that does not extend the one before for a new row. So a conversation counts epochs: within one,
what is sent begins with the very bytes that were sent before; only a new epoch may begin otherwise.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

Message = dict[str, Any]

BYTES_A_TOKEN = 3
"""Low for every tokenizer of today, so that estimates are rather too high (English: about 4)."""
MOST_APPENDED = 20
"""Messages that the harness may add before one call."""


class BrokenContext(ValueError):
    """What the harness wants to send cannot be sent; the text says why, for whoever wrote the harness."""


def tokens_in(values: Iterable[object]) -> int:
    """An estimate, rounded up."""
    return sum(-(-len(orjson.dumps(value)) // BYTES_A_TOKEN) for value in values)


@dataclass
class Conversation:
    """The messages of one epoch, and how many tokens they are."""

    tools: list[dict[str, Any]]
    """As the endpoint is told of them."""
    messages: list[Message] = field(default_factory=list[Message])
    epoch: int = 0
    read_before: int = 0
    """Tokens that the endpoint has read in this epoch, prompt and answer."""
    _read: int = 0
    """Messages among these."""
    _sent: bytes = b""

    @property
    def tokens(self) -> int:
        """What the messages and tools take: as counted, and an estimate of what came since."""
        unread = tokens_in(self.messages[self._read :])
        return self.read_before + unread if self._read else unread + tokens_in(self.tools)

    def add(self, message: Message) -> None:
        """Go on with a message."""
        self.messages.append(message)

    def restart(self, messages: Sequence[Message], tools: list[dict[str, Any]] | None = None) -> None:
        """A new epoch."""
        self.tools = self.tools if tools is None else tools
        self.messages = list(messages)
        self.epoch += 1
        self.read_before, self._read, self._sent = 0, 0, b""

    def sending(self) -> list[Message]:
        """The messages for a call. They extend what was sent before in this epoch, byte for byte."""
        data = b"".join(map(orjson.dumps, self.messages))
        assert data.startswith(self._sent), "a conversation only grows"
        self._sent = data
        return self.messages

    def read(self, tokens: int) -> None:
        """The endpoint has answered: so many tokens are the messages with the answer, which was added."""
        self.read_before, self._read = tokens, len(self.messages)


def appended(output: object) -> list[Message]:
    """What `append` holds. `BrokenContext` if it is no list of the user's messages."""
    messages = _messages(output)
    if len(messages) > MOST_APPENDED:
        raise BrokenContext(f"append has {len(messages)} messages; at most {MOST_APPENDED}")
    for number, message in enumerate(messages):
        _plain(message, ("user",), f"append[{number}]")
    return messages


def opened(output: object, history: Sequence[Message]) -> list[Message]:
    """What `messages` holds: one of the system, then the user's; what model and tools said is kept whole or left out."""
    messages = _messages(output)
    if not messages:
        raise BrokenContext("messages is empty")
    _plain(messages[0], ("system",), "messages[0]")
    said = {orjson.dumps(message) for message in history if message["role"] in ("assistant", "tool")}
    waiting: list[str] = []
    for number, message in enumerate(messages[1:], 1):
        where = f"messages[{number}]"
        role = message.get("role")
        if role in ("assistant", "tool") and _text(message) not in said:
            raise BrokenContext(f"{where}: what {role} says can be kept or left out, not changed")
        if role == "tool":
            if message["tool_call_id"] not in waiting:
                raise BrokenContext(f"{where}: an answer without its call")
            waiting.remove(message["tool_call_id"])
            continue
        if waiting:
            raise BrokenContext(f"{where}: calls before it have no answers")
        if role == "assistant":
            waiting = [call["id"] for call in message.get("tool_calls", ())]
        else:
            _plain(message, ("user",), where)
    if waiting:
        raise BrokenContext("the last calls have no answers")
    if messages[-1]["role"] == "assistant" or len(messages) == 1:
        raise BrokenContext("the last message must be the user's or a tool's")
    return messages


def _messages(output: object) -> list[Message]:
    if not isinstance(output, list) or not all(isinstance(each, dict) for each in cast("list[object]", output)):
        raise BrokenContext("there must be a list of messages, each an object")
    return cast("list[Message]", output)


def _text(message: Message) -> bytes | None:
    """As it would be sent; None for what nests too deep to be said at all."""
    try:
        return orjson.dumps(message)
    except TypeError:
        return None


def _plain(message: Message, roles: tuple[str, ...], where: str) -> None:
    """A message of a role with text and nothing else."""
    if message.keys() != {"role", "content"} or message["role"] not in roles or not isinstance(message["content"], str):
        raise BrokenContext(f"{where}: must be role ({', '.join(roles)}) and content (text), nothing else")
