"""Token ids and log-probabilities of a call, as vLLM returns them beside an answer. For trainers only: checked and kept.

Neither the conversation, nor the harness, nor the bus has them, and nothing is decided by them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

ASKED: dict[str, Any] = {"logprobs": True, "top_logprobs": 0, "return_token_ids": True}
"""What a request asks for them. `top_logprobs` has to be sent: without it, servers differ in what they take for meant."""
MAX_IDS = 400_000
"""Ids of one prompt, or of one answer: twice the largest `context_tokens` that a scenario may have."""
MAX_BYTES = 32 << 20
"""Bytes of an answer with them. 200,000 ids are 1.5 MB, and a token's log-probability, as it is told with its text and
bytes, about 150 bytes: 30 MB are an answer of 200,000 tokens."""

_Id = Annotated[int, Field(ge=0, lt=2**31)]


class NoTokens(ValueError):
    """The endpoint gave none, or none that can be; the text says what is wrong."""


@dataclass(frozen=True)
class Tokens:
    """Of one call."""

    prompt: list[int]
    """Everything that the model read, as the server's template put it."""
    sampled: list[int]
    """What the model said, with what ends it."""
    logprobs: list[float]
    """Natural logarithms, one for each of the sampled."""


class _Logprob(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False)
    logprob: float


class _Logprobs(BaseModel):
    content: Annotated[list[_Logprob], Field(max_length=MAX_IDS)]


class _Told(BaseModel):
    model_config = ConfigDict(strict=True)
    prompt_token_ids: Annotated[list[_Id], Field(min_length=1, max_length=MAX_IDS)]
    token_ids: Annotated[list[_Id], Field(max_length=MAX_IDS)]
    logprobs: _Logprobs


def read_tokens(prompt_token_ids: object, token_ids: object, logprobs: object) -> Tokens:
    """What an answer holds under these names, checked. `NoTokens`."""
    values = {"prompt_token_ids": prompt_token_ids, "token_ids": token_ids, "logprobs": logprobs}
    if absent := [name for name, value in values.items() if value is None]:
        raise NoTokens(f"no {', '.join(absent)}")
    try:
        told = _Told.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise NoTokens(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    found = [each.logprob for each in told.logprobs.content]
    if len(found) != len(told.token_ids):
        raise NoTokens(f"{len(told.token_ids)} token_ids with {len(found)} logprobs")
    return Tokens(told.prompt_token_ids, told.token_ids, found)


def in_common(before: Sequence[int], prompt: Sequence[int]) -> int:
    """How many ids both begin with."""
    if prompt[: len(before)] == before:
        return len(before)
    return next((at for at, (one, other) in enumerate(zip(before, prompt, strict=False)) if one != other), len(prompt))
