"""The task against Inspect itself, with a mock model and a company of two tools. Runs in the adapter's own environment."""

import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any

import business
import pytest
import uvicorn
from inspect_ai import eval as evaluate
from inspect_ai.log import EvalLog
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from mcp.server import MCPServer
from mcp_types import CallToolResult, TextContent
from pydantic import Field

OVER = json.dumps({"code": "episode_over", "detail": "the episode is over: nothing can be done any more"})


class Company:
    """What the agent and the task did with it."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        server = MCPServer("company")

        @server.tool()
        async def read_file(path: Annotated[str, Field(description="Which file")]) -> str:
            """Read a file."""
            self.calls.append(path)
            return "Good luck."

        @server.tool()
        async def wait(hours: Annotated[float, Field(description="How long")]) -> CallToolResult:
            """Let time pass."""
            self.calls.append("wait")
            over = self.calls.count("wait") == 3
            return CallToolResult(content=[TextContent(text=OVER if over else "{}")], is_error=over)

        self.app = server.streamable_http_app(stateless_http=True, json_response=True)


@pytest.fixture
def company() -> Iterator[tuple[Company, str]]:
    made = Company()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(made.app, log_level="error"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield made, f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
        server.should_exit = True
        thread.join()


def run(url: str, told: list[dict[str, Any]], folder: Path, monkeypatch: pytest.MonkeyPatch) -> EvalLog:
    """One evaluation in which the model reads the handover and believes that it is done."""

    async def rewards(key: str) -> AsyncIterator[dict[str, Any]]:
        assert key == "trainer.json"
        for each in told:
            yield each

    monkeypatch.setattr(business, "rewards", rewards)
    outputs = [
        ModelOutput.for_tool_call("mockllm/model", "read_file", {"path": "HANDOVER.md"}),
        ModelOutput.for_tool_call("mockllm/model", "submit", {"answer": "done"}),
    ]
    for output in outputs:
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    model = get_model("mockllm/model", custom_outputs=outputs)
    (log,) = evaluate(business.business(url, "trainer.json"), model=model, log_dir=str(folder), display="none")
    return log


def test_a_business_is_run_to_its_end_and_scored(
    company: tuple[Company, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, url = company
    settled = {"state": "settled", "sum": -1_500_000, "count": 2, "sha256": "ab"}
    log = run(url, [{"type": "reward.entry/1"}, settled], tmp_path, monkeypatch)
    assert log.status == "success", log.error
    assert made.calls == ["HANDOVER.md", "wait", "wait", "wait"]
    assert log.results is not None
    assert log.results.scores[0].metrics["mean"].value == -1.5


def test_a_voided_business_has_no_score(
    company: tuple[Company, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = run(company[1], [{"state": "voided", "failure_kind": "service_died"}], tmp_path, monkeypatch)
    assert log.status == "success", log.error
    assert log.samples is not None
    assert not log.samples[0].scores
