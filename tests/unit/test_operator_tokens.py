"""Token ids in the loop: they go into the record, each once, and nowhere else."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import orjson
import pytest
from fake_model import CANARY, KEY, FakeModel, Message, Request, calls, fake_model, ids_of, prompt_of, says
from made_up_gateway import MadeUpGateway, made_up_world, operating, shipped
from structlog.testing import capture_logs

from agents.operator.model.conversation import Conversation
from agents.operator.model.endpoint import Endpoint
from agents.operator.model.record import Record
from agents.operator.model.tokens import Tokens
from concern.export.tokens import whole

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def busy() -> Generator[Message, Request, None]:
    yield calls(("echo", {"a": "x"}), text="Let me look.")
    yield says("Nothing to do.")
    yield calls(("echo", {"b": "y"}))
    while True:
        yield says("Nothing more.")


def always_as_many(_: bytes) -> int:
    """What a request with more keys counts, too."""
    return 50


def eager(request: dict[str, Any]) -> Any:
    """A harness that asks for a summary once, after the second answer of a tool."""
    answers = [message for message in request["history"] if message["role"] == "tool"]
    if request["task"] == "next" and len(answers) == 2 and request["history"][-1]["role"] == "tool":
        return {"compact": "Sum up!"}
    return shipped()(request)


async def operated(folder: Path, *, tokens: bool, ids: bool) -> tuple[MadeUpGateway, FakeModel, list[dict[str, Any]]]:
    """Three hours of a made-up world; what its gateway heard, what the model was sent, and the record."""
    folder.mkdir()
    gateway = MadeUpGateway(made_up_world(folder), hours=3)
    gateway.compose.append(eager)
    async with (
        fake_model(busy(), ids=ids, tokens=always_as_many) as server,
        Endpoint(server.url, KEY, "fake", 60.0, tokens=tokens).opened() as model,
    ):
        await operating(gateway, model)
    lines = (folder / "operator" / "conversation.jsonl").read_bytes().splitlines()
    return gateway, server, [*map(orjson.loads, lines)]


async def test_every_call_is_recorded_with_its_tokens(tmp_path: Path) -> None:
    _, server, lines = await operated(tmp_path / "w", tokens=True, ids=True)
    assert [line["purpose"] for line in lines].count("compact") == 1
    epochs = sorted({line["epoch"] for line in lines})
    assert len(epochs) == 2
    made = [
        metrics
        for epoch in epochs
        for _, metrics in whole({"message": 0, **line["tokens"]} for line in lines if line["epoch"] == epoch)
    ]
    assert [each["prompt_token_ids"] for each in made] == [*map(prompt_of, server.requests)]
    first = lines[0]["tokens"]
    assert first["kept"] == 0
    assert first["sampled"] == ids_of(calls(("echo", {"a": "x"}), text="Let me look."))
    assert first["logprobs"] == [-token / 1e6 for token in first["sampled"]]


async def test_of_a_prompt_that_goes_on_only_what_is_new_is_written(tmp_path: Path) -> None:
    _, server, lines = await operated(tmp_path / "w", tokens=True, ids=True)
    before = prompt_of(server.requests[1]) + ids_of(says("Nothing to do."))
    third = lines[2]["tokens"]
    assert third["kept"] == len(before)
    assert before + third["added"] == prompt_of(server.requests[2])
    assert lines[-1]["epoch"] > lines[2]["epoch"]
    assert next(line for line in lines if line["epoch"] == lines[-1]["epoch"])["tokens"]["kept"] == 0


async def test_nobody_but_the_record_has_them(tmp_path: Path) -> None:
    """Neither the harness nor the model is told, and time and money are charged alike."""
    plain, sent, without = await operated(tmp_path / "a", tokens=False, ids=True)
    asked, sent_too, lines = await operated(tmp_path / "b", tokens=True, ids=True)
    told = orjson.dumps([asked.history, *(call.model_dump() for call in (*asked.calls, *asked.charges, *asked.ended))])
    assert CANARY not in told
    assert CANARY in orjson.dumps(lines)
    assert not any(CANARY in data for data in sent_too.sent)
    assert asked.history == plain.history
    assert (asked.charges, asked.calls, asked.ended) == (plain.charges, plain.calls, plain.ended)
    assert [one["messages"] for one in sent_too.requests] == [one["messages"] for one in sent.requests]
    assert without == [{name: value for name, value in line.items() if name != "tokens"} for line in lines]
    assert all("tokens" in line for line in lines)


async def test_an_endpoint_that_gives_none_is_named_once(tmp_path: Path) -> None:
    with capture_logs() as logs:
        _, server, lines = await operated(tmp_path / "w", tokens=True, ids=False)
    assert len(server.requests) > 3
    (said,) = [one for one in logs if "token ids" in one["event"]]
    assert (said["log_level"], said["why"]) == ("warning", "no prompt_token_ids, token_ids, logprobs")
    assert not any("tokens" in line for line in lines)


def test_a_call_without_them_between_others_loses_nothing(tmp_path: Path) -> None:
    record = Record(tmp_path / "c.jsonl")
    conversation = Conversation([])
    for tokens in (Tokens([1, 2], [3], [-1.0]), None, Tokens([1, 2, 3, 4], [5], [-2.0]), Tokens([1, 9], [], [])):
        conversation.add(says("x"))
        record.call(conversation, tokens)
    lines = [orjson.loads(line) for line in record.path.read_bytes().splitlines()]
    kept = [line["tokens"]["kept"] if "tokens" in line else None for line in lines]
    assert kept == [0, None, 3, 1]
    found = [*whole({"message": 0, **line["tokens"]} for line in lines if "tokens" in line)]
    assert [metrics["prompt_token_ids"] for _, metrics in found] == [[1, 2], [1, 2, 3, 4], [1, 9]]
