"""A real small world whose operator is a model: from a ticket to a fix, tests, deploy, reply and reward, without a key."""

import json
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from fake_model import (
    CANARY,
    KEY,
    FakeModel,
    Message,
    Request,
    body,
    calls,
    cut,
    fake_model,
    prompt_of,
    results,
    says,
    status,
)
from small_world import SMALL

from agents.operator.hosting import endpoint_of
from agents.operator.model.loop import Host
from agents.operator.service import model_operator, run_model
from concern import cast
from concern.building import Wish, build_world
from concern.daily import print_days
from concern.export.story import read_story
from concern.export.writing import export
from concern.supervisor import Ended, supervisor
from concern.verify import verify_run
from services.world.loading import load_scenario

pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.usefixtures("shared_cache")]
DEFECT = "finished-for-another"
BUSY = {"panel": 24, "executed_sessions_per_day": 120}
"""Enough of them that somebody meets the defect and writes, on the second day."""
HARNESS = "/home/operator/harness"
LATEST = """#!/bin/sh
git log --oneline -3
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def owner() -> Generator[Message, Request, None]:
    """What a good owner does about one complaint, and about its own tools."""
    yield calls(("read_file", {"path": "HANDOVER.md"}), ("bash", {"command": "git log --oneline; ls; date"}))
    yield calls(
        ("write_file", {"path": f"{HARNESS}/tools/latest", "content": LATEST}),
        ("write_file", {"path": f"{HARNESS}/tools/latest.json", "content": '{"description": "The last commits."}'}),
        (
            "bash",
            {"command": f"cd {HARNESS} && chmod +x tools/latest && git add -A && git commit -qm 'A tool of mine'"},
        ),
        text="A tool of my own first.",
    )
    yield calls(("latest", {}))
    ticket = yield from first_problem()
    yield calls(("ticket", {"ticket": ticket}), ("access_log", {"status": 500, "lines": 5}))
    request = yield calls(("logs", {"contains": "AttributeError", "lines": 1}), text="Moving a task fails with 500.")
    assert "task.assignee.name" in results(request)[0]
    yield calls(("search", {"pattern": r"assignee\.name", "include": "*.py"}))
    request = yield calls(("outline", {"path": "tracker/tasks.py"}))
    assert "def _tell_creator" in results(request)[0]
    yield calls(
        (
            "edit_file",
            {
                "path": "tracker/tasks.py",
                "old": "def _tell_creator(session: AsyncSession, task: Task) -> None:",
                "new": "def _tell_creator(session: AsyncSession, actor: Actor, task: Task) -> None:",
            },
        ),
        (
            "edit_file",
            {
                "path": "tracker/tasks.py",
                "old": "_tell_creator(session, task)",
                "new": "_tell_creator(session, actor, task)",
            },
        ),
        (
            "edit_file",
            {
                "path": "tracker/tasks.py",
                "old": "{task.assignee.name} has finished",
                "new": "{actor.user.name} has finished",
            },
        ),
        text="A task without an assignee: whoever finishes it is the actor.",
    )
    request = yield calls(
        ("bash", {"command": "python -m pytest -q -x tests/test_tasks.py 2>&1 | tail -5", "timeout_s": 240})
    )
    assert json.loads(results(request)[0])["exit_code"] == 0, results(request)
    request = yield calls(
        ("bash", {"command": "git commit -qam 'Tasks: finishing a task needs no assignee' && git rev-parse HEAD"}),
        ("deploy", {}),
    )
    job = json.loads(results(request)[1])
    request = yield calls(("wait", {"until": job["ready_at"] + 1}), ("job", {"job": job["job"]}))
    assert json.loads(results(request)[1])["state"] == "succeeded", results(request)
    request = yield calls(("latest", {}), ("instances", {}))
    assert "needs no assignee" in json.loads(results(request)[0])["output"]
    yield calls(
        (
            "reply",
            {
                "ticket": ticket,
                "body": "Finishing a task that nobody had taken failed. It works again; thank you for telling us.",
            },
        )
    )
    yield says("That was that.")


def first_problem() -> Generator[Message, Request, str]:
    """Wait for somebody to complain."""
    for _ in range(60):
        request = yield calls(("inbox", {"state": "open"}))
        for ticket in json.loads(results(request)[0])["tickets"]:
            if ticket["topic"] == "problem":  # nothing else is wrong in this world
                return ticket["ticket"]
        yield calls(("wait", {"hours": 6, "wake_on": ["inbox", "alert"]}))
    raise AssertionError("nobody complained")


def idler() -> Generator[Message, Request, None]:
    """Looks at the books now and then."""
    for _ in range(4):
        yield calls(("finances", {}), ("wait", {"hours": 5}))


def always_as_many(_: bytes) -> int:
    """What a request with more keys counts, too."""
    return 500


async def played(root: Path, model: FakeModel, seed: int, **overrides: Any) -> Ended:
    """A world to its end; nobody sleeps while the endpoint is away."""
    scenario = load_scenario("short", overrides=overrides)
    built = await build_world(Wish(scenario, seed, cast.LLM, model="fake"), root)
    endpoint = endpoint_of("fake", scenario.operator, {"OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": KEY})
    seconds = iter(range(10**6))

    async def pause(_: float) -> None:
        await anyio.lowlevel.checkpoint()

    machine = Host(pause, lambda: float(next(seconds)))
    operator = model_operator(partial(run_model, endpoint=endpoint, machine=machine))
    others = [each for each in cast.agents(built) if each.name != "operator"]
    return await supervisor(built).run((*cast.services(), *others, operator), print_days)


async def test_from_a_ticket_to_a_fix_a_reply_and_a_reward(tmp_path: Path) -> None:
    root = tmp_path / "world"
    async with fake_model(owner()) as model:
        ended = await played(root, model, 1, world={"only_defects": [DEFECT], "days": 3}, users=BUSY)
    assert (ended.control.outcome, ended.failures) == ("truncated", ())
    report = verify_run(root)
    assert report.ok, report.findings
    assert model.script.gi_frame is None, "the script did not come to its end"
    episode = json.loads((root / "recorder" / "episode.json").read_text())
    assert episode["totals"]["prompt_tokens"] == sum(map(model.tokens, model.sent))
    assert ended.business.operator.calls > 20
    assert not [one for one in ended.business.desk.unsolved.values() if "move a task" in one.subject], (
        "not found solved"
    )
    everything = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    assert not any(KEY.encode() in path.read_bytes() for path in everything)


async def test_an_outage_neither_earns_nor_costs_anything(tmp_path: Path) -> None:
    hashes: list[str] = []
    for name, faults in (("calm", []), ("stormy", [status(500), body(b"{"), cut, status(429), status(503), cut])):
        async with fake_model(idler()) as model:
            model.faults.extend(faults)
            ended = await played(tmp_path / name, model, 3, world={"days": 1}, users=SMALL)
        assert (ended.control.outcome, ended.failures) == ("truncated", ())
        assert ended.business.books.closed is not None
        hashes.append(ended.business.books.closed.ledger_hash)
    assert hashes[0] == hashes[1]


async def test_token_ids_are_recorded_and_the_ledger_does_not_know(tmp_path: Path) -> None:
    hashes: list[str] = []
    for value in ("none", "vllm"):
        root = tmp_path / value
        async with fake_model(idler(), ids=True, tokens=always_as_many) as model:
            ended = await played(root, model, 3, world={"days": 1}, users=SMALL, operator={"tokens": value})
        assert (ended.control.outcome, ended.failures) == ("truncated", ())
        assert ended.business.books.closed is not None
        hashes.append(ended.business.books.closed.ledger_hash)
        holding = [
            str(path.relative_to(root))
            for path in root.rglob("*")
            if path.is_file() and not path.is_symlink() and CANARY in path.read_bytes()
        ]
        assert holding == (["operator/conversation.jsonl"] if value == "vllm" else [])
    assert hashes[0] == hashes[1]
    (path,) = export(read_story(root), "atif", tmp_path)
    steps = json.loads(path.read_bytes())["steps"]
    sampled = [step["metrics"] for step in steps if "metrics" in step]
    assert [one["prompt_token_ids"] for one in sampled] == [*map(prompt_of, model.requests)]
    assert all(len(one["completion_token_ids"]) == len(one["logprobs"]) for one in sampled)


async def test_an_endpoint_that_stays_away_voids_the_episode(tmp_path: Path) -> None:
    limit = {"outage_seconds": 30}
    async with fake_model(idler(), always=status(500)) as model:
        ended = await played(tmp_path / "world", model, 3, world={"days": 1}, users=SMALL, operator=limit)
    assert (ended.control.outcome, ended.control.failure_kind) == ("voided", "model_endpoint")
    assert "500" in ended.control.reason
    assert ended.business.rewards.over is not None
    assert ended.business.rewards.over.sum is None
