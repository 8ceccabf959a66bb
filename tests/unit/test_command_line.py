"""Wrong calls of the command: one clear line with the choices, exit status 2, nothing begun."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from concern.cli import app


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "nope"], "no scenario 'nope'; choose one of: default"),
        (
            ["run", "short", "--operator", "nope"],
            "no operator 'nope'; choose one of: mcp, noop, oracle, reactive, restarter",
        ),
        (["run", "short", "--isolation", "some"], "no isolation 'some'; choose one of: full, partial, none"),
        (["ladder", "short", "--operators", "noop,nope"], "no operator 'nope'"),
        (["verify", "somewhere"], "is no run"),
        (["watch", "somewhere"], "is no running world"),
        (["replay", "somewhere"], "is no run"),
    ],
)
def test_a_wrong_call_is_one_clear_line(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
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
        "oracle",
        "mcp",
    ]
    assert "deploys the reference fixes" in result.output


def test_scenarios_are_listed() -> None:
    result = CliRunner().invoke(app, ["scenarios"])
    assert result.exit_code == 0
    assert "default" in result.output
    assert "short" in result.output
