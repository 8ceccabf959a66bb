"""A real small world whose operator is a foreign agent: every tool over HTTP and standard input and output, to the end."""

import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from small_world import SMALL

from bus.world import World
from catalog.defects import fixes_for
from concern import cast
from concern.building import Wish, build_world
from concern.daily import print_days
from concern.supervisor import Ended, supervisor
from concern.verify import verify_run
from services.gateway.mcp.service import operator_at
from services.gateway.mcp.web import Place, listen
from services.gateway.pages import MAX_CONTENT
from services.gateway.tools import BY_NAME
from services.world.loading import load_scenario

pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.usefixtures("shared_cache")]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Played:
    """A running world, and how it ended."""

    world: World
    place: Place
    ended: list[Ended] = field(default_factory=list[Ended])


@asynccontextmanager
async def played(root: Path) -> AsyncGenerator[Played]:
    overrides = {"world": {"days": 1}, "users": SMALL}
    world = await build_world(Wish(load_scenario("short", overrides=overrides), 3, cast.MCP), root)
    it = Played(world, Place(listen("127.0.0.1", 0)))

    async def host() -> None:
        others = [each for each in cast.agents(world) if each.name != "operator"]
        everybody = (*cast.services(), *others, operator_at(it.place))
        it.ended.append(await supervisor(world).run(everybody, print_days))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(host)
        yield it


@dataclass
class Agent:
    """A client that remembers all it was told."""

    client: Client
    told: list[str] = field(default_factory=list[str])
    used: set[str] = field(default_factory=set[str])

    async def ask(self, tool: str, **arguments: Any) -> tuple[bool, dict[str, Any]]:
        result = await self.client.call_tool(tool, arguments)
        text = result.content[0]
        assert text.type == "text"
        assert len(text.text.encode()) <= MAX_CONTENT
        self.used.add(tool)
        self.told.append(text.text)
        return not result.is_error, json.loads(text.text)

    async def good(self, tool: str, **arguments: Any) -> dict[str, Any]:
        ok, answer = await self.ask(tool, **arguments)
        while answer.get("running") is True or answer.get("waiting") is True:  # on a slow machine
            if "waiting" in answer:
                ok, answer = await self.ask("wait")
            else:
                ok, answer = await self.ask("job", job=answer["job"])
        assert ok, (tool, arguments, answer)
        return answer

    async def refused(self, code: str, tool: str, **arguments: Any) -> None:
        ok, answer = await self.ask(tool, **arguments)
        assert not ok, (tool, arguments, answer)
        assert answer["code"] == code, answer
        assert len(answer["detail"]) >= 15, answer


async def work(agent: Agent) -> None:
    """One use of everything."""
    handover = await agent.good("read_file", path="HANDOVER.md")
    assert "8 customers" in handover["text"]
    shell = await agent.good("bash", command="git log --oneline | wc -l; date +%F; which git python grep sqlite3")
    assert shell["output"].split()[:2] == ["1", "2026-03-02"]
    assert shell["exit_code"] == 0, shell
    await agent.good("write_file", path="notes/plan.md", content="# Plan\nlook around\n")
    await agent.good("edit_file", path="notes/plan.md", old="look around", new="look closer")
    assert (await agent.good("search", pattern="look closer"))["hits"][0]["path"] == "notes/plan.md"
    listed = await agent.good("instances")
    assert len(listed["instances"]) == 3
    assert 'instance_up{instance="' in (await agent.good("instances", do="metrics", contains="instance_up"))["text"]
    assert await agent.good("logs", lines=5) is not None
    assert "text" in await agent.good("access_log", lines=5)
    assert "address" in await agent.good("access_log", by_address=True)
    assert "(1 rows)" in (await agent.good("sql", statement="select 1 as one"))["text"]
    backup = await agent.good("backups", do="make")
    assert (await agent.good("backups"))["backups"][0] == backup
    assert (await agent.good("firewall", block=["203.0.113.7"]))["blocked"] == ["203.0.113.7"]
    assert (await agent.good("firewall", unblock=["203.0.113.7"]))["blocked"] == []
    assert (await agent.good("secrets", keep={"MAIL_KEY": "hush"}))["names"] == ["MAIL_KEY"]
    assert (await agent.good("apply", plan_only=True))["changes"] == []
    committed = await agent.good("bash", command="git add -A && git commit -qm Plan && git rev-parse HEAD")
    job = await agent.good("deploy")
    await agent.good("wait", until=job["ready_at"] + 1)
    state = await agent.good("job", job=job["job"])
    assert state["state"] == "succeeded", state
    assert (await agent.good("instances"))["commit"] == committed["output"].strip()
    assert (await agent.good("instances", do="scale", count=4))["changes"]


async def talk(agent: Agent) -> None:
    """Customers and money."""
    inbox = await agent.good("inbox", state="open")
    first = inbox["tickets"][0]
    assert (await agent.good("ticket", ticket=first["ticket"]))["thread"]
    account = await agent.good("finances", customer=first["customer"])
    await agent.good("refund", invoice=account["invoices"][0]["invoice"], amount=1_000_000, reason="goodwill")
    answered = await agent.good("reply", ticket=first["ticket"], body="One dollar is on its way back to you.")
    assert answered["thread"][-1]["author"] == "company"
    assert (await agent.good("finances"))["cash"] > 0
    await agent.good("post_status", state="resolved", title="All is well", body="It was a test.")
    await agent.good("announce", subject="Hello", body="There is somebody here again.")
    await agent.good("set_plans", price_per_seat={"team": 13_000_000}, notice_days=30)
    await agent.good("notes", text="Prices change in a month.")
    assert "Prices change" in (await agent.good("notes"))["text"]


async def be_refused(agent: Agent) -> None:
    """What each tool does not do; those that take only words or time refuse wrong arguments."""
    await agent.refused("no_file", "read_file", path="nothing.txt")
    await agent.refused("outside", "write_file", path="/etc/passwd", content="x")
    await agent.refused("not_found", "edit_file", path="notes/plan.md", old="never there", new="x")
    await agent.refused("bad_search", "search", pattern="(")
    await agent.refused("bad_arguments", "bash", command="ls", timeout_s=10_000)
    await agent.refused("build_failed", "deploy", ref="no-such-branch")
    await agent.refused("build_failed", "apply", ref="no-such-branch")
    await agent.refused("no_such_job", "job", job="j_nothing")
    await agent.refused("no_such_instance", "instances", do="restart", instance="i_nothing")
    await agent.refused("no_such_log", "logs", instance="i_nothing")
    await agent.refused("bad_arguments", "access_log", status=7)
    await agent.refused("bad_arguments", "sql", statement="")
    await agent.refused("no_such_backup", "backups", do="restore", backup="b_nothing")
    await agent.refused("bad_rule", "firewall", block=["everybody"])
    await agent.refused("no_such_secret", "secrets", forget=["NOTHING"])
    await agent.refused("bad_arguments", "inbox", cursor=-1)
    await agent.refused("no_ticket", "ticket", ticket="t_nothing")
    await agent.refused("no_ticket", "reply", ticket="t_nothing", body="Hello")
    await agent.refused("empty", "post_status", state="resolved", title=" ", body="b")
    await agent.refused("empty", "announce", subject=" ", body="b")
    await agent.refused("unknown_customer", "finances", customer="c_nothing")
    await agent.refused("unknown_invoice", "refund", invoice="in_nothing", amount=1, reason="none")
    await agent.refused("unknown_plan", "set_plans", price_per_seat={"gold": 1}, notice_days=30)
    await agent.refused("bad_arguments", "wait", hours=-1)
    await agent.refused("bad_arguments", "notes", text=7)


async def wait_for_the_end(agent: Agent) -> None:
    while True:
        ok, answer = await agent.ask("wait", hours=6)
        if not ok and answer["code"] == "episode_over":
            return
        assert ok or answer["code"] == "not_yet", answer


async def test_every_tool_to_the_end_over_http_and_stdio(tmp_path: Path) -> None:
    root = tmp_path / "secretly-named-folder"
    async with played(root) as it:
        async with Client(it.place.url) as client:
            agent = Agent(client)
            await work(agent)
            await talk(agent)
            await be_refused(agent)
            assert agent.used == set(BY_NAME)
        arguments = ["-m", "concern", "serve", str(root), "--mcp", "--stdio"]
        piped = StdioServerParameters(command=sys.executable, args=arguments, cwd=Path.cwd())
        async with Client(piped) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == set(BY_NAME)
            pipe = Agent(client)
            assert "Prices change" in (await pipe.good("notes"))["text"]
            await pipe.refused("no_tool", "launch")
            await wait_for_the_end(pipe)
    (ended,) = it.ended
    assert (ended.control.outcome, ended.failures) == ("truncated", ())
    assert ended.business.operator.calls > 50
    report = verify_run(root)
    assert report.ok, report.findings
    told = "\n".join(agent.told + pipe.told)
    assert "secretly-named-folder" not in told
    for fix in fixes_for("tracker", it.world.file.planted):
        assert fix.defect not in told


async def test_a_key_that_only_calls_the_gateway(tmp_path: Path) -> None:
    """What a foreign agent's process holds is the operator's key, and it is there only if the operator is one."""
    from bus.permissions import grants

    overrides = {"world": {"days": 1}, "users": SMALL}
    world = await build_world(Wish(load_scenario("short", overrides=overrides), 3, cast.MCP), tmp_path / "world")
    role = grants(cast.everybody(world), world.episode).role("operator")
    assert role.account == "OPERATOR"
    assert {subject.split(".")[2] for subject in role.publish} == {"gateway"}
    assert not role.answers
