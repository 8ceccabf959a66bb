"""The model's endpoint: Chat Completions with tools, at any OpenAI-compatible server. The only place that knows `openai`.

One call, one answer or one error; who tries again, and how long, is `agents.operator.model.patience`.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import anyio
import openai
import orjson
from pydantic import BaseModel, Field, ValidationError

from agents.operator.model.conversation import Message, tokens_in
from agents.operator.model.tokens import ASKED, MAX_BYTES, NoTokens, Tokens, read_tokens
from bus.messages.reward import Usage

MAX_ANSWER = 1 << 20
"""Bytes of an answer: what fits into a message of the bus, and far above any model's."""
_THEIR_FAULT = frozenset({408, 409, 425, 429})
"""Statuses below 500 that ask to be tried again."""
_PROMPT = frozenset({400, 413, 422})
"""Statuses that blame what was sent."""


class NoAnswer(Exception):
    """The endpoint gave no usable answer this time; it may the next."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        """Real seconds that it asks to wait."""


class PromptRefused(Exception):
    """The endpoint will not take this prompt, now or later."""


class NoAccess(Exception):
    """The endpoint takes nothing from us: a wrong key, address or model."""


class ToolCall(BaseModel):
    """A call as the model wrote it."""

    class Function(BaseModel):
        name: str
        arguments: str = ""

    id: str = ""
    function: Function


class _Said(BaseModel):
    content: str | None = None
    tool_calls: list[ToolCall] | None = None


class _Choice(BaseModel):
    message: _Said
    finish_reason: str | None = None
    token_ids: Any = None
    logprobs: Any = None


class _Counted(BaseModel):
    prompt_tokens: Annotated[int, Field(ge=0, le=10**8)]
    completion_tokens: Annotated[int, Field(ge=0, le=10**8)]


class _Completion(BaseModel):
    choices: Annotated[list[_Choice], Field(min_length=1)]
    usage: _Counted | None = None
    prompt_token_ids: Any = None


@dataclass(frozen=True)
class Reply:
    """What the model answered."""

    message: Message
    """As it goes into the conversation."""
    calls: tuple[ToolCall, ...]
    usage: Usage
    counted: bool
    """Whether the endpoint counted the tokens; if not, they are estimated from what was sent and received."""
    tokens: Tokens | None = None
    """For the record, if they were asked for."""
    no_tokens: str = ""
    """Why there are none although they were asked for."""


@dataclass(frozen=True)
class Endpoint:
    """Where a model is, and how long one answer may take."""

    base_url: str
    key: str = field(repr=False)
    model: str
    seconds: float
    """Real seconds for one answer."""
    tokens: bool = False
    """Whether to ask for token ids and log-probabilities, as vLLM gives them."""

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator["Model"]:
        """Connect to it."""
        async with openai.AsyncOpenAI(base_url=self.base_url, api_key=self.key, timeout=None, max_retries=0) as client:
            yield Model(self, client)


@dataclass(frozen=True)
class Model:
    """A model behind its endpoint."""

    endpoint: Endpoint
    client: openai.AsyncOpenAI = field(repr=False)

    async def complete(
        self, messages: Sequence[Message], tools: Sequence[dict[str, Any]], choice: Literal["auto", "none"], most: int
    ) -> Reply:
        """Ask the model once, for at most so many tokens. `NoAnswer`, `PromptRefused` or `NoAccess`."""
        # As an extra body, which the client sends as it is: else it walks through every message by its types, each time.
        body: dict[str, Any] = {"messages": list(messages), "tool_choice": choice, "tools": list(tools)}
        sent = [*messages, *tools]
        if not self.endpoint.tokens:
            return read_answer(await self._send(body, most), sent)
        try:
            return read_answer(await self._send(body | ASKED, most), sent, tokens=True)
        except PromptRefused as refused:  # Some servers refuse what they do not know; then the prompt is not to blame.
            return replace(read_answer(await self._send(body, most), sent), no_tokens=f"asked for them, {refused}")

    async def _send(self, body: dict[str, Any], most: int) -> bytes:
        """One request; the body of its answer."""
        create: Any = self.client.chat.completions.with_raw_response.create
        try:
            with anyio.fail_after(self.endpoint.seconds):
                raw = await create(model=self.endpoint.model, messages=[], max_tokens=most, extra_body=body)
                return bytes(raw.content)
        except TimeoutError:
            raise NoAnswer(f"no answer within {self.endpoint.seconds:g} s") from None
        except openai.APIStatusError as error:
            raise _explained(error) from None
        except (openai.OpenAIError, ValueError) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from None


def read_answer(content: bytes, sent: Sequence[object], *, tokens: bool = False) -> Reply:
    """An answer's body, checked. `NoAnswer` for what is none: nobody can be charged for it. Wrong token ids are left out."""
    if len(content) > (MAX_BYTES if tokens else MAX_ANSWER):
        raise NoAnswer(f"an answer of {len(content)} bytes")
    try:
        completion = _Completion.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise NoAnswer(f"an answer that is no chat completion: {where}: {first['msg']}") from None
    choice = completion.choices[0]
    said = choice.message
    if tokens and (size := len(said.model_dump_json().encode())) > MAX_ANSWER:
        raise NoAnswer(f"a message of {size} bytes")
    calls = tuple(_with_id(call, number) for number, call in enumerate(said.tool_calls or ()))
    message: Message = {"role": "assistant", "content": said.content or ""}
    if calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.function.name, "arguments": _object(call)}}
            for call in calls
        ]
    counted = completion.usage
    usage = Usage(
        prompt_tokens=counted.prompt_tokens if counted else tokens_in(sent),
        completion_tokens=counted.completion_tokens if counted else tokens_in([message]),
    )
    reply = Reply(message, calls, usage, counted is not None)
    if not tokens:
        return reply
    try:
        return replace(reply, tokens=read_tokens(completion.prompt_token_ids, choice.token_ids, choice.logprobs))
    except NoTokens as none:
        return replace(reply, no_tokens=str(none))


def _with_id(call: ToolCall, number: int) -> ToolCall:
    """Some servers give no id, or one for all."""
    return call.model_copy(update={"id": f"{call.id or 'call'}_{number}"}) if number or not call.id else call


def _object(call: ToolCall) -> str:
    """The arguments as they stand in the conversation: servers refuse a history with any that are no JSON object."""
    try:
        return call.function.arguments if isinstance(orjson.loads(call.function.arguments), dict) else "{}"
    except ValueError:
        return "{}"


def _explained(error: openai.APIStatusError) -> Exception:
    status = error.status_code
    words = f"status {status}: {error.message[:300]}"
    if status in _PROMPT:
        return PromptRefused(words)
    if status >= 500 or status in _THEIR_FAULT:
        return NoAnswer(words, _seconds(error.response.headers.get("retry-after")))
    return NoAccess(words)


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None
