"""A conversation of 2,000 turns against a server: it is summed up again and again, and between that it only grows."""

import json
from collections.abc import Generator
from pathlib import Path

import pytest
from fake_model import KEY, Message, Request, calls, fake_model
from made_up_gateway import MadeUpGateway, made_up_world, operating

from agents.operator.model.endpoint import Endpoint

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
TURNS = 2_000
CONTEXT = 100_000
TEXT = "It is written in the log, line by line, what the machine has done. " * 90
"""About 6,000 characters: 1,500 tokens."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def busy() -> Generator[Message, Request, None]:
    """Two calls, then rest until the next hour; and so on."""
    while True:
        yield calls(("echo", {"first": 1}), ("echo", {"second": 2}), text="Let me look.")
        yield {"role": "assistant", "content": "Nothing to do until the next hour."}


def messages_of(sent: bytes) -> bytes:
    """The messages in a request, as they were sent: without the bracket that ends them."""
    begin = sent.index(b'"messages":[') + len(b'"messages":[')
    return sent[begin : sent.rindex(b'],"max_tokens":')]


async def test_2000_turns_of_100000_tokens(tmp_path: Path) -> None:
    gateway = MadeUpGateway(made_up_world(tmp_path, context_tokens=CONTEXT), hours=TURNS, answer=lambda call: TEXT)
    async with fake_model(busy()) as server, Endpoint(server.url, KEY, "fake", 60.0).opened() as model:
        loop = await operating(gateway, model)
        assert len(gateway.ended) == TURNS
        epochs, longest, before = 1, 0, b""
        for sent in server.sent:
            longest = max(longest, server.tokens(sent))
            assert server.tokens(sent) + 8_000 <= CONTEXT
            after = messages_of(sent)
            epochs += not after.startswith(before)
            before = after
        summaries = [json.loads(sent) for sent in server.sent if b'"tool_choice":"none"' in sent[-200_000:]]
    assert longest > 0.6 * CONTEXT
    assert len(summaries) == epochs - 1 == loop.conversation.epoch - 1
    assert all(request["tools"] == summaries[0]["tools"] for request in summaries)
    assert gateway.outages == []
    assert gateway.rejected == []
    assert len(gateway.charges) == len(server.sent) == 2 * TURNS + len(summaries)
