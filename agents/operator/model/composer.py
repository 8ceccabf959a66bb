"""What the operator's harness makes of a conversation: asked through the gateway, checked here, and done without if need be."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import orjson

from agents.operator.model.budget import Budget
from agents.operator.model.conversation import BrokenContext, Conversation, Message, appended, opened, tokens_in
from agents.operator.tools import DEADLINE_S
from bus.context import Context
from bus.messages.base import Refused
from bus.messages.gateway import HarnessAnswer, RunHarness, ToolSpec
from bus.scenario import OperatorSection

TRIES = 12
"""More than the gateway has versions to fall back to."""
MOST_HISTORY = 900_000
"""Bytes of history that fit into a message of the bus; more than any context that a scenario allows, unless it is all quotes."""
MOST_INSTRUCTION = 8_000
"""Characters with which a summary may be asked for."""
PLAIN = Path(__file__).parents[1] / "harness" / "system.md"
"""The first message where no harness works at all."""
LEFT_OUT = (
    "Your harness does not work, and the conversation did not fit any more: it begins anew here. Look at your notes."
)

Summarise = Callable[[str], Awaitable[str]]
"""Asks the model for a summary in such words."""


def function(spec: ToolSpec) -> dict[str, Any]:
    """A tool as Chat Completions takes it."""
    return {"type": "function", "function": spec.model_dump(include={"name", "description", "parameters"})}


@dataclass
class Composer:
    """Composes one conversation."""

    ctx: Context
    conversation: Conversation
    budget: Budget
    tools: Sequence[ToolSpec]
    """The gateway's."""
    ref: str | None = None
    """The harness that composed last."""
    _known: list[bytes] = field(default_factory=list[bytes])
    """The history as the gateway has it."""

    @property
    def _section(self) -> OperatorSection:
        return self.ctx.world.scenario.operator

    async def begin(self) -> None:
        """The first messages."""
        await self._settle({"task": "begin", "summary": None}, None)

    async def next(self, summarise: Summarise) -> None:
        """Make the conversation ready for the next call of the model."""
        await self._settle({"task": "next"}, summarise)

    def plain(self) -> None:
        """A conversation that owes nothing to any harness."""
        self.ref = None
        system = {"role": "system", "content": PLAIN.read_text(encoding="utf-8")}
        self.conversation.restart([system, {"role": "user", "content": LEFT_OUT}], [*map(function, self.tools)])

    async def _settle(self, request: dict[str, Any], summarise: Summarise | None) -> None:
        """Ask until an answer can be used; the gateway falls back from one that cannot."""
        reject: tuple[str, str] | None = None
        notices: list[str] = []
        for _ in range(TRIES):
            answer = await self._ask(request, reject)
            if answer is None or (reject and reject[0] == answer.ref):
                break
            notices += answer.notices
            try:
                await self._use(answer, summarise)
            except BrokenContext as broken:
                reject = (answer.ref, str(broken))
                continue
            self._tell(notices)
            return
        if not self.conversation.messages or not self._fits(()) or self._too_long():
            self.plain()
        self.ref = None
        self._tell(notices)

    async def _ask(self, request: dict[str, Any], reject: tuple[str, str] | None) -> HarnessAnswer | None:
        history = [orjson.dumps(message) for message in self.conversation.messages]
        same = 0
        while same < min(len(history), len(self._known)) and history[same] == self._known[same]:
            same += 1
        if self._too_long():
            return None
        budget = {
            "context_tokens": self._section.context_tokens,
            "reply_tokens": self._section.reply_tokens,
            "used_tokens": self.conversation.tokens,
            "tokens_left": self.budget.left,
        }
        ref, why = reject or (None, "")
        command = RunHarness(
            request=request | {"budget": budget},
            history_from=same,
            history=tuple(line.decode() for line in history[same:]),
            reject=ref,
            reject_why=why[:1_000],
        )
        answer = await self.ctx.ask(command, deadline_s=DEADLINE_S)
        if isinstance(answer, Refused):
            self.ctx.log.warning("no harness", code=answer.code, detail=answer.detail)
            self._known = []
            return None
        self._known = history
        return answer

    async def _use(self, answer: HarnessAnswer, summarise: Summarise | None) -> None:
        """Do what an answer says."""
        self.ref = answer.ref
        output = self._read(answer.output)
        tools = [*map(function, (*self.tools, *answer.tools))]
        if tools != self.conversation.tools:
            self.conversation.restart(self.conversation.messages, tools)
        if "messages" in output:
            messages = opened(output["messages"], self.conversation.messages)
            if not self._fit(tokens_in(messages) + tokens_in(tools)):
                raise BrokenContext("messages do not fit into context_tokens with an answer of reply_tokens")
            self.conversation.restart(messages)
        elif summarise is None:
            raise BrokenContext("begin must be answered with messages")
        elif "compact" in output:
            await self._compact(output["compact"], summarise)
        else:
            more = appended(output.get("append", []))
            if not self._fits(more):
                raise BrokenContext("the conversation does not fit into context_tokens any more, and is not compacted")
            for message in more:
                self.conversation.add(message)

    async def _compact(self, instruction: object, summarise: Summarise) -> None:
        """A summary in the model's own words, then a new conversation with it."""
        if not isinstance(instruction, str) or not 0 < len(instruction) <= MOST_INSTRUCTION:
            raise BrokenContext(f"compact must be a text of at most {MOST_INSTRUCTION} characters")
        if not self._fits([{"role": "user", "content": instruction}]):
            raise BrokenContext("the conversation is too long to be summed up: compact earlier, or give messages")
        summary = await summarise(instruction)
        await self._settle({"task": "begin", "summary": summary}, None)

    def _read(self, output: str) -> dict[str, Any]:
        try:
            found = orjson.loads(output)
        except ValueError as error:
            raise BrokenContext(f"context.py printed no JSON: {error}") from None
        if not isinstance(found, dict):
            raise BrokenContext("context.py must print one JSON object")
        named = cast("dict[str, Any]", found)
        if len(named) > 1 or not named.keys() <= {"append", "compact", "messages"}:
            raise BrokenContext("context.py must answer with one of append, compact, messages, or with {}")
        return named

    def _too_long(self) -> bool:
        """Whether the history does not fit into a message of the bus, where quotes within quotes take twice their room."""
        lines = [orjson.dumps(message) for message in self.conversation.messages]
        if 2 * sum(map(len, lines)) <= MOST_HISTORY:
            return False
        return sum(len(orjson.dumps(line.decode())) for line in lines) > MOST_HISTORY

    def _fits(self, more: Sequence[Message]) -> bool:
        return self._fit(self.conversation.tokens + tokens_in(more))

    def _fit(self, tokens: int) -> bool:
        return tokens + self._section.reply_tokens <= self._section.context_tokens

    def _tell(self, notices: Sequence[str]) -> None:
        """Why an edit does not count: said by the host, so that no harness can keep it from the operator."""
        for notice in notices:
            self.conversation.add({"role": "user", "content": f"[host] {notice}"})
