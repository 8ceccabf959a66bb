"""A conversation of 2,000 turns against a server: it is summed up again and again, and between that it only grows."""

from collections.abc import Generator
from dataclasses import dataclass
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


@dataclass
class Watch:
    """Looks at the bytes of every request as they come: a whole run of them would fill the memory."""

    before: bytes = b""
    epochs: int = 0
    longest: int = 0
    tools: bytes = b""
    summaries: int = 0

    def see(self, sent: bytes) -> None:
        after, tools = messages_of(sent), sent[sent.rindex(b'"tools":[') :]
        self.epochs += not (self.before and after.startswith(self.before))
        self.before = after
        self.longest = max(self.longest, len(sent) // 4)
        assert tools == (self.tools or tools)
        self.tools = tools
        self.summaries += b'"tool_choice":"none"' in sent[-len(tools) - 100 :]


async def test_2000_turns_of_100000_tokens(tmp_path: Path) -> None:
    gateway = MadeUpGateway(made_up_world(tmp_path, context_tokens=CONTEXT), hours=TURNS, answer=lambda call: TEXT)
    watch = Watch()
    async with fake_model(busy(), watch=watch.see) as server, Endpoint(server.url, KEY, "fake", 60.0).opened() as model:
        loop = await operating(gateway, model)
    assert len(gateway.ended) == TURNS
    assert 0.6 * CONTEXT < watch.longest <= CONTEXT - 8_000
    assert watch.summaries == watch.epochs - 1 == loop.conversation.epoch - 1 > TURNS / 50
    assert (gateway.outages, gateway.rejected) == ([], [])
    assert len(gateway.charges) == server.answered == 2 * TURNS + watch.summaries
