"""A real small world whose operator is a model: from a ticket to a fix, tests, deploy, reply and reward, without a key."""

import json
from collections.abc import Generator
from pathlib import Path

import pytest
from fake_model import KEY, FakeModel, Message, Request, calls, fake_model, results, says

from agents.operator.hosting import hosted
from concern import cast
from concern.building import Wish, build_world
from concern.daily import print_days
from concern.supervisor import Ended, supervisor
from concern.verify import verify_run
from services.world.loading import load_scenario

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
DEFECT = "finished-for-another"
USERS = {"panel": 24, "executed_sessions_per_day": 120}
"""Enough of them that somebody meets the defect and writes, on the second day."""
HARNESS = "/home/operator/harness"
LATEST = """#!/bin/sh
git log --oneline -3
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCERN_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


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
            if ticket["topic"] == "problem" and "move a task" in ticket["subject"]:
                return ticket["ticket"]
        yield calls(("wait", {"hours": 6, "wake_on": ["inbox", "alert"]}))
    raise AssertionError("nobody complained")


async def played(root: Path, model: FakeModel) -> Ended:
    scenario = load_scenario("short", overrides={"world": {"only_defects": [DEFECT], "days": 3}, "users": USERS})
    built = await build_world(Wish(scenario, 1, cast.LLM, model="fake"), root)
    operator = hosted("fake", scenario.operator, {"OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": KEY})
    others = [each for each in cast.agents(built) if each.name != "operator"]
    return await supervisor(built).run((*cast.services(), *others, operator), print_days)


async def test_from_a_ticket_to_a_fix_a_reply_and_a_reward(tmp_path: Path) -> None:
    root = tmp_path / "world"
    async with fake_model(owner()) as model:
        ended = await played(root, model)
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
