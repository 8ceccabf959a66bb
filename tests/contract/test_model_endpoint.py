"""The client of a model's endpoint against a server that misbehaves: what is tried again, how long, and what is not."""

import json
from collections.abc import Generator
from typing import Any

import pytest
from fake_model import KEY, FakeModel, Fault, Message, Request, body, calls, cut, fake_model, hang, says, status

from agents.operator.model.endpoint import Endpoint, NoAccess, NoAnswer, PromptRefused, Reply, read_answer
from agents.operator.model.patience import LONGEST_S, QUICK, Lost, Patience
from bus.chance import Chance

pytestmark = pytest.mark.anyio
MESSAGES = [{"role": "user", "content": "Hello?"}]
TOOL = {"type": "function", "function": {"name": "echo", "description": "d", "parameters": {"type": "object"}}}


def friendly() -> Generator[Message, Request, None]:
    while True:
        yield says("Hello!")


async def ask(model: FakeModel, *, key: str = KEY, seconds: float = 60.0) -> Reply:
    async with Endpoint(model.url, key, "fake", seconds).opened() as opened:
        return await opened.complete(MESSAGES, [TOOL], "auto", 100)


async def test_what_is_sent_and_what_comes_back() -> None:
    async with fake_model(friendly()) as model:
        reply = await ask(model)
    assert reply.message == {"role": "assistant", "content": "Hello!"}
    assert reply.counted
    assert reply.usage.prompt_tokens == len(model.sent[0]) // 4
    (request,) = model.requests
    assert request == {"messages": MESSAGES, "model": "fake", "max_tokens": 100, "tool_choice": "auto", "tools": [TOOL]}


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (status(429, retry_after="7"), NoAnswer, "429"),
        (status(500), NoAnswer, "500"),
        (status(503), NoAnswer, "503"),
        (status(408), NoAnswer, "408"),
        (status(400), PromptRefused, "400"),
        (status(413), PromptRefused, "413"),
        (status(403), NoAccess, "403"),
        (status(404), NoAccess, "404"),
        (body(b""), NoAnswer, "no chat completion"),
        (body(b"<html>"), NoAnswer, "no chat completion"),
        (body(b'{"choices": []}'), NoAnswer, "choices"),
        (body(b'{"choices": [{"message": {"content": 7}}]}'), NoAnswer, "content"),
        (body(b'{"choices": [{"message": {"tool_calls": [{"function": {}}]}}]}'), NoAnswer, "name"),
        (
            body(b'{"choices": [{"message": {}}], "usage": {"prompt_tokens": -5, "completion_tokens": 0}}'),
            NoAnswer,
            "usage",
        ),
        (body(b'{"choices": [{"message": {"content": "' + b"x" * (1 << 20) + b'"}}]}'), NoAnswer, "bytes"),
        (hang, NoAnswer, "no answer within 0.2 s"),
        (cut, NoAnswer, "onnection"),
    ],
)
async def test_what_goes_wrong_is_told_apart(fault: Fault, error: type[Exception], words: str) -> None:
    async with fake_model(friendly(), always=fault) as model:
        with pytest.raises(error, match=words) as caught:
            await ask(model, seconds=0.2 if fault is hang else 60.0)
    assert KEY not in str(caught.value)
    if isinstance(caught.value, NoAnswer):
        assert caught.value.retry_after == (7.0 if "429" in words else None)


async def test_a_wrong_key_is_no_outage() -> None:
    async with fake_model(friendly()) as model:
        with pytest.raises(NoAccess, match="401"):
            await ask(model, key="sk-wrong")


def test_tokens_that_nobody_counted_are_estimated() -> None:
    reply = read_answer(b'{"choices": [{"message": {"content": "abcdef"}}]}', MESSAGES)
    assert not reply.counted
    assert reply.usage.prompt_tokens == 12  # 36 bytes
    assert reply.usage.completion_tokens == 13


def test_calls_without_ids_of_their_own_get_some() -> None:
    twice = [{"id": "call", "function": {"name": "echo", "arguments": "{}"}}] * 2
    nameless = [{"function": {"name": "echo", "arguments": "{}"}}]
    for made, wanted in ((twice, ["call", "call_1"]), (nameless, ["call_0"])):
        message: dict[str, Any] = calls() | {"tool_calls": made}
        reply = read_answer(json.dumps({"choices": [{"message": message}]}).encode(), [])
        assert [call["id"] for call in reply.message["tool_calls"]] == wanted


class Tries:
    """A patience whose pauses are written down, with a clock that they move."""

    def __init__(self, limit_s: float = 1800.0, seed: int = 1) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self.told: list[str] = []
        self.patience = Patience(limit_s, Chance(seed), self.pause, lambda: self.now, self.tell)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    async def tell(self, state: str, reason: str) -> None:
        self.told.append(state)


async def test_faults_of_all_kinds_are_waited_out() -> None:
    faults = [status(500), body(b"{"), cut, status(429, retry_after="9"), status(502), body(b'{"choices": 1}')]
    async with fake_model(friendly()) as model:
        model.faults.extend(faults)
        tries = Tries()
        reply = await tries.patience.ask(lambda: ask(model))
    assert reply.message["content"] == "Hello!"
    assert len(tries.pauses) == len(faults)
    assert tries.told == ["down", "up"]
    assert tries.pauses[3] >= 9.0
    assert all(2**number / 4 <= pause for number, pause in enumerate(tries.pauses))


async def test_pauses_grow_with_jitter_from_the_seed_to_a_bound() -> None:
    async def away() -> Reply:
        raise NoAnswer("away")

    seen: list[list[float]] = []
    for seed in (1, 1, 2):
        tries = Tries(600.0, seed)
        with pytest.raises(Lost, match="the last one with: away"):
            await tries.patience.ask(away)
        assert tries.told == ["down"]
        assert tries.now >= 600.0 - LONGEST_S
        assert max(tries.pauses) <= LONGEST_S
        seen.append(tries.pauses)
    assert seen[0] == seen[1] != seen[2]


async def test_a_short_fault_is_no_outage() -> None:
    async with fake_model(friendly()) as model:
        model.faults.extend([status(500)] * (QUICK - 1))
        tries = Tries()
        await tries.patience.ask(lambda: ask(model))
    assert tries.told == []
