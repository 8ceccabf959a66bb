"""Wrong calls of the command: one clear line with the choices, exit status 2, nothing begun."""

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bus.ids import new_episode_id
from bus.world import WorldFile, save_world
from concern.cli import app
from services.world.loading import load_scenario


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "nope"], "no scenario 'nope'; choose one of: corner-shop"),
        (
            ["run", "short", "--operator", "nope"],
            "no operator 'nope'; choose one of: hasty, llm, mcp, noop, oracle, reactive, restarter",
        ),
        (
            ["run", "short", "--operator", "order/neither"],
            "no operator 'order/neither'; choose one of: order/refund-first",
        ),
        (["taste", "--questions", "order,nope"], "no such question; choose from: one-or-several"),
        (["run", "short", "--isolation", "some"], "no isolation 'some'; choose one of: full, partial, none"),
        (["ladder", "short", "--operators", "noop,nope"], "no operator 'nope'"),
        (["verify", "somewhere"], "is no run"),
        (["watch", "somewhere"], "is no running world"),
        (["replay", "somewhere"], "is no run"),
        (["ladder", "short", "--operators", "noop,mcp"], "mcp is no operator to compare"),
        (["ladder", "short", "--operators", "noop,llm"], "say which model: --model NAME"),
        (["ladder", "short", "--operators", "noop,oracle", "--model", "m"], "--model is for --operator llm"),
        (["ladder", "short", "--operators", "noop,llm", "--model", "m"], "set OPENAI_API_KEY (and OPENAI_BASE_URL"),
        (["run", "short", "--operator", "llm"], "say which model: --model NAME"),
        (["run", "short", "--operator", "noop", "--model", "m"], "--model is for --operator llm"),
        (["run", "short", "--operator", "llm", "--model", "m"], "set OPENAI_API_KEY (and OPENAI_BASE_URL"),
        (["run", "short", "--alone", "--shards", "2"], "leave --alone or --shards out"),
        (["run", "short", "--alone", "--operator", "mcp"], "leave --alone out"),
        (["serve", "short"], "say how: --mcp"),
        (["serve", "nope", "--mcp"], "no scenario 'nope'"),
        (["serve", "short", "--mcp", "--stdio"], "--stdio joins a world that runs"),
        (["serve", "short", "--mcp", "--token", "short"], "the token must be 16 to 200 letters"),
    ],
)
def test_a_wrong_call_is_one_clear_line(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert len(result.output.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_run_never_writes_over_another(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    result = CliRunner().invoke(app, ["run", "short", "--headless", "--out", str(tmp_path / "run")])
    assert result.exit_code == 2
    assert "is there already; say a new directory with --out" in result.output
    assert list((tmp_path / "run").iterdir()) == []


def test_operators_are_listed_with_what_they_do() -> None:
    result = CliRunner().invoke(app, ["operators"])
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == [
        "noop",
        "restarter",
        "reactive",
        "hasty",
        "oracle",
        "llm",
        "mcp",
    ]
    assert "deploys the reference fixes" in result.output


def test_scenarios_are_listed() -> None:
    result = CliRunner().invoke(app, ["scenarios"])
    assert result.exit_code == 0
    assert "default" in result.output
    assert "short" in result.output


def test_a_world_of_another_operator_is_not_served(tmp_path: Path) -> None:
    scenario = load_scenario("short")
    file = WorldFile(episode=new_episode_id(), seed=1, scenario=scenario, operator="noop", isolation="none", planted=())
    save_world(file, tmp_path / "noop")
    save_world(file.model_copy(update={"operator": "mcp"}), tmp_path / "ended")
    for run, said in (("noop", "has the operator noop; begin one with --operator mcp"), ("ended", "no running world")):
        result = CliRunner().invoke(app, ["serve", str(tmp_path / run), "--mcp"])
        assert result.exit_code == 2
        assert said in result.output
        assert len(result.output.strip().splitlines()) == 1


def test_a_taken_port_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(app, ["run", "short", "--operator", "mcp", "--headless", "--mcp-port", str(port)])
    assert result.exit_code == 2
    assert f"cannot listen on 127.0.0.1:{port}" in result.output
    assert list(tmp_path.iterdir()) == []
