"""The gate before MCP, and the bridge behind it, with the official client: addresses, tokens, sizes, slow calls, the end."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from scripted_world import ScriptedWorld, make_world, player

from bus.codec import RequestHead
from bus.messages.cloud import Deploy, JobTicket, Logs, Text
from bus.messages.gateway import ActionEnded, TurnEnded
from bus.simtime import MINUTE, SimTime
from services.gateway.mcp import bridge
from services.gateway.mcp.service import operator_at
from services.gateway.mcp.web import MAX_BODY, Place, listen
from services.gateway.pages import MAX_CONTENT
from services.gateway.service import gateway_service
from services.gateway.tools import TOOLS

pytestmark = pytest.mark.anyio
CLOUD = player("cloud", serves=(Deploy, Logs))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Fixture:
    """A world with a gateway, its tools over HTTP, and a cloud that answers when it is let."""

    world: ScriptedWorld
    place: Place
    go: anyio.Event = field(default_factory=anyio.Event)
    log: str = ""

    async def on_deploy(self, head: RequestHead, command: Deploy) -> JobTicket:
        await self.go.wait()
        return JobTicket(job="j_1", ready_at=SimTime(head.sim_time + 6 * MINUTE))

    async def on_logs(self, head: RequestHead, command: Logs) -> Text:
        return Text(text=self.log)

    async def post(
        self, *, path: str | None = None, content: bytes = b"{}", host: str | None = None
    ) -> httpx2.Response:
        url = self.place.url if path is None else self.place.url.replace(self.place.path, path)
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        async with httpx2.AsyncClient() as client:
            return await client.post(url, content=content, headers=headers | ({"Host": host} if host else {}))


@asynccontextmanager
async def fixture(folder: Path, *hosts: str) -> AsyncGenerator[Fixture]:
    (folder / "workspace").mkdir()
    world = make_world(folder)
    place = Place(listen("127.0.0.1", 0), hosts)
    made = Fixture(world, place)
    async with world.role(CLOUD) as cloud, anyio.create_task_group() as tasks:
        tasks.start_soon(cloud.serve, {Deploy: made.on_deploy, Logs: made.on_logs})
        async with world.running(gateway_service(lambda: 0.0), operator_at(place)):
            yield made
        tasks.cancel_scope.cancel()


async def content(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """A good answer's JSON; it comes as text and as structure, and says what time it is."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result
    first, when = result.content
    assert first.type == when.type == "text"
    assert when.text.startswith("[day ")
    assert json.loads(first.text) == result.structured_content
    return json.loads(first.text)


async def refusal(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    assert result.content[0].type == "text"
    return json.loads(result.content[0].text)


async def test_the_list_is_the_gateway_s_own(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it, Client(it.place.url) as client:
        listed = (await client.list_tools()).tools
        assert [(tool.name, tool.description, tool.input_schema) for tool in listed] == [
            (tool.spec.name, tool.spec.description, tool.spec.parameters) for tool in TOOLS
        ]
        assert "HANDOVER.md" in (client.instructions or "")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "gateway:8900", "operator", "shop.internal:1"])
async def test_it_is_called_by_an_address_and_by_names(tmp_path: Path, host: str) -> None:
    async with (
        fixture(tmp_path, "shop.internal") as it,
        httpx2.AsyncClient(headers={"Host": host}) as http,
        Client(streamable_http_client(it.place.url, http_client=http)) as client,
    ):
        await it.world.open("gateway", 0, 8, "operate")
        it.go.set()
        assert (await content(client, "deploy"))["job"] == "j_1"


async def test_what_is_not_let_in_is_told_why_in_one_line(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it:
        answers = [
            (await it.post(path="/not-the-token-at-all/mcp"), 404, "the address is /<token>/mcp"),
            (await it.post(path="/mcp"), 404, "the address is /<token>/mcp"),
            (await it.post(host="evil.example"), 421, "'evil.example' is not allowed here"),
            (await it.post(content=b"x" * (MAX_BODY + 1)), 413, f"at most {MAX_BODY} are taken"),
        ]
        for answer, status, words in answers:
            assert answer.status_code == status
            assert words in answer.text
            assert len(answer.text.strip().splitlines()) == 1
            assert it.place.token not in answer.text

        async def parts() -> AsyncGenerator[bytes]:
            for _ in range(MAX_BODY // 65536 + 1):
                yield b"x" * 65536

        async with httpx2.AsyncClient() as http:
            headers = {"Content-Type": "application/json"}
            undeclared = await http.post(it.place.url, content=parts(), headers=headers)
            assert undeclared.status_code == 413
            healthy = await http.get(it.place.url.replace(it.place.path, "/healthz"))
            assert (healthy.status_code, healthy.text) == (200, "ok\n")
        with pytest.raises(Exception) as raised:
            async with Client(it.place.url.replace(it.place.token, "wrong")) as client:
                await client.list_tools()
        assert raised.value
        assert it.place.token not in repr(it.place)


async def test_a_slow_call_gives_a_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "PATIENCE_S", 0.01)
    async with fixture(tmp_path) as it, Client(it.place.url) as client:
        early = await content(client, "deploy")
        assert early["running"] is True
        await it.world.open("gateway", 0, 8, "operate")
        it.go.set()
        monkeypatch.setattr(bridge, "PATIENCE_S", 10.0)
        assert (await content(client, "job", job=early["job"]))["job"] == "j_1"


async def test_turns_are_the_same_as_any_operator_s(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it, Client(it.place.url) as client, anyio.create_task_group() as tasks:
        it.go.set()
        await it.world.open("gateway", 0, 8, "operate")
        await content(client, "deploy")
        woken: list[dict[str, Any]] = []

        async def wait() -> None:
            woken.append(await content(client, "wait", hours=1))

        tasks.start_soon(wait)
        await it.world.closed()
        await it.world.open("gateway", 1, 8, "operate")
        with anyio.fail_after(10):
            while not woken:
                await anyio.lowlevel.checkpoint()
        assert woken[0]["wake"] == ["time"]
    ended = [event for event in it.world.said("gateway") if isinstance(event, TurnEnded)]
    actions = [event.tool for event in it.world.said("gateway") if isinstance(event, ActionEnded)]
    assert (len(ended), len(ended[0].action_ids), actions) == (1, 2, ["deploy", "wait"])


async def test_long_answers_come_in_pages(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it, Client(it.place.url) as client:
        it.log = 'é\n"\\' * 20_000
        await it.world.open("gateway", 0, 8, "operate")
        page = await content(client, "logs")
        text = page["text"]
        while page["next"] is not None:
            assert len(json.dumps(page, ensure_ascii=False).encode()) <= MAX_CONTENT
            page = await content(client, "job", job=page["answer"], page=page["page"] + 1)
            text += page["text"]
        assert json.loads(text)["text"] == it.log


async def test_wrong_calls_are_explained(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it, Client(it.place.url) as client:
        await it.world.open("gateway", 0, 8, "operate")
        assert (await refusal(client, "launch"))["code"] == "no_tool"
        assert (await refusal(client, "deploy", reff="HEAD"))["code"] == "bad_arguments"
        huge = await refusal(client, "write_file", path="a", content="é" * 600_000)
        assert huge["code"] == "bad_arguments"
        assert "1 MB" in huge["detail"]
        assert (await refusal(client, "job", job=10**30))["code"] == "bad_arguments"


async def test_the_end_is_told(tmp_path: Path) -> None:
    async with fixture(tmp_path) as it, Client(it.place.url) as client:
        await it.world.open("gateway", 0, 8, "operate")
        await it.world.end()
        with anyio.fail_after(10):
            told: dict[str, Any] = {}
            while told.get("code") != "episode_over":
                told = await refusal(client, "launch")
        assert "nothing can be done any more" in told["detail"]


def test_a_taken_port_is_said() -> None:
    listener = listen("127.0.0.1", 0)
    try:
        with pytest.raises(OSError):
            listen("127.0.0.1", listener.getsockname()[1])
    finally:
        listener.close()


def test_addresses_are_told_as_they_are_reached() -> None:
    with listen("0.0.0.0", 0) as listener:
        port = listener.getsockname()[1]
        assert Place(listener, ("shop:8900",), "t" * 16).url == f"http://shop:{port}/{'t' * 16}/mcp"
        assert Place(listener, (), "t" * 16).url == f"http://127.0.0.1:{port}/{'t' * 16}/mcp"
