"""Token ids and log-probabilities of an answer: asked for if wished, checked, and never a reason to refuse the answer."""

import json
from collections.abc import Generator
from typing import Any

import pytest
from aiohttp import web
from fake_model import KEY, FakeModel, Message, Request, fake_model, ids_of, prompt_of, says, status

from agents.operator.hosting import endpoint_of
from agents.operator.model.endpoint import MAX_ANSWER, Endpoint, NoAnswer, PromptRefused, Reply, read_answer
from agents.operator.model.tokens import MAX_BYTES, MAX_IDS, Tokens, in_common
from bus.scenario import OperatorSection

pytestmark = pytest.mark.anyio
MESSAGES = [{"role": "user", "content": "Hello?"}]


def friendly() -> Generator[Message, Request, None]:
    while True:
        yield says("Hello!")


async def ask(model: FakeModel, *, tokens: bool = True) -> Reply:
    async with Endpoint(model.url, KEY, "fake", 60.0, tokens=tokens).opened() as opened:
        return await opened.complete(MESSAGES, [], "auto", 100)


def answer(**changed: Any) -> bytes:
    """An answer of two tokens to a prompt of three, with other values under some names."""
    values: dict[str, Any] = {
        "prompt_token_ids": [1, 2, 3],
        "token_ids": [4, 5],
        "logprobs": {"content": [{"token": "H", "logprob": -0.5}, {"token": "i", "logprob": 0}]},
    }
    values |= changed
    choice = {"message": says("Hi"), "token_ids": values["token_ids"], "logprobs": values["logprobs"]}
    return json.dumps({"choices": [choice], "prompt_token_ids": values["prompt_token_ids"]}).encode()


async def test_they_are_asked_for_and_kept() -> None:
    async with fake_model(friendly(), ids=True) as model:
        reply = await ask(model)
    (request,) = model.requests
    assert (request["logprobs"], request["top_logprobs"], request["return_token_ids"]) == (True, 0, True)
    assert reply.tokens is not None
    assert reply.tokens.prompt == prompt_of(request)
    assert reply.tokens.sampled == ids_of(says("Hello!"))
    assert reply.tokens.logprobs == [-token / 1e6 for token in reply.tokens.sampled]
    assert reply.no_tokens == ""


async def test_they_are_not_asked_for_otherwise() -> None:
    async with fake_model(friendly(), ids=True) as model:
        reply = await ask(model, tokens=False)
    assert not {"logprobs", "top_logprobs", "return_token_ids"} & model.requests[0].keys()
    assert (reply.tokens, reply.no_tokens) == (None, "")
    assert read_answer(answer(), []).tokens is None


async def test_an_endpoint_without_them_answers_all_the_same() -> None:
    async with fake_model(friendly()) as model:
        reply = await ask(model)
    assert reply.message == says("Hello!")
    assert (reply.tokens, reply.no_tokens) == (None, "no prompt_token_ids, token_ids, logprobs")


async def test_an_endpoint_that_refuses_to_be_asked_is_asked_without() -> None:
    def strict(_: FakeModel, __: web.Request) -> web.Response:
        return web.json_response({"error": {"message": "unknown argument: return_token_ids"}}, status=400)

    async with fake_model(friendly()) as model:
        model.faults.append(strict)
        reply = await ask(model)
        assert reply.message == says("Hello!")
        assert "unknown argument" in reply.no_tokens
        assert "return_token_ids" not in model.requests[0]
        model.faults.extend([status(400), status(400)])
        with pytest.raises(PromptRefused):
            await ask(model)


def test_the_scenario_decides() -> None:
    for value, wanted in (("none", False), ("vllm", True)):
        section = OperatorSection.model_validate({"tokens": value})
        assert endpoint_of("m", section, {"OPENAI_API_KEY": "k"}).tokens is wanted
    assert OperatorSection().tokens == "none"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"prompt_token_ids": None}, "no prompt_token_ids"),
        ({"logprobs": None}, "no logprobs"),
        ({"prompt_token_ids": []}, "at least 1"),
        ({"prompt_token_ids": "123"}, "valid list"),
        ({"prompt_token_ids": {"0": 1}}, "valid list"),
        ({"prompt_token_ids": [1, -1]}, "prompt_token_ids.1: "),
        ({"prompt_token_ids": [1.0]}, "valid integer"),
        ({"prompt_token_ids": ["1"]}, "valid integer"),
        ({"prompt_token_ids": [True]}, "valid integer"),
        ({"prompt_token_ids": [2**31]}, "less than"),
        ({"prompt_token_ids": [10**300]}, "less than"),
        ({"prompt_token_ids": [0] * (MAX_IDS + 1)}, "at most 400000"),
        ({"token_ids": [4, None]}, "token_ids.1"),
        ({"token_ids": [4]}, "1 token_ids with 2 logprobs"),
        ({"logprobs": [-0.5, 0]}, "logprobs"),
        ({"logprobs": {"content": None}}, "logprobs.content"),
        ({"logprobs": {"content": [{"logprob": -0.5}]}}, "2 token_ids with 1 logprobs"),
        ({"logprobs": {"content": [{"logprob": -0.5}, {}]}}, "logprobs.content.1.logprob"),
        ({"logprobs": {"content": [{"logprob": -0.5}, {"logprob": "-1"}]}}, "valid number"),
        ({"logprobs": {"content": [{"logprob": -0.5}, {"logprob": float("nan")}]}}, "finite"),
        ({"logprobs": {"content": [{"logprob": -0.5}, {"logprob": float("-inf")}]}}, "finite"),
        ({"logprobs": {"content": [{"logprob": -0.5}, {"logprob": 10**400}]}}, "logprobs.content.1.logprob"),
    ],
)
def test_what_cannot_be_is_left_out_and_named(changed: dict[str, Any], why: str) -> None:
    reply = read_answer(answer(**changed), [], tokens=True)
    assert reply.message == says("Hi")
    assert reply.tokens is None
    assert why in reply.no_tokens
    assert len(reply.no_tokens) < 200


def test_the_longest_prompts_fit_and_messages_are_bounded_as_ever() -> None:
    logprobs = {"content": [{"token": "x" * 60, "logprob": -1 / 3, "bytes": [120] * 60, "top_logprobs": []}] * 8_000}
    content = answer(prompt_token_ids=[123_456] * 200_000, token_ids=[1] * 8_000, logprobs=logprobs)
    assert len(content) > MAX_ANSWER
    reply = read_answer(content, [], tokens=True)
    assert reply.tokens is not None
    assert len(reply.tokens.prompt) == 200_000
    with pytest.raises(NoAnswer, match="bytes"):
        read_answer(content, [])
    long = json.dumps({"choices": [{"message": says("x" * MAX_ANSWER)}]}).encode()
    with pytest.raises(NoAnswer, match="a message of"):
        read_answer(long, [], tokens=True)
    with pytest.raises(NoAnswer, match="an answer of"):
        read_answer(b" " * (MAX_BYTES + 1), [], tokens=True)


def test_good_ones_are_read() -> None:
    assert read_answer(answer(), [], tokens=True).tokens == Tokens([1, 2, 3], [4, 5], [-0.5, 0.0])


@pytest.mark.parametrize(
    ("before", "prompt", "common"),
    [([], [1], 0), ([1, 2], [1, 2, 3], 2), ([1, 2, 3], [1, 2], 2), ([1, 2, 3], [1, 9, 3, 4], 1), ([2], [1], 0)],
)
def test_what_two_prompts_have_in_common(before: list[int], prompt: list[int], common: int) -> None:
    assert in_common(before, prompt) == common
