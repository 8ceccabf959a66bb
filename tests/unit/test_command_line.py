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
            "no operator 'nope'; choose one of: noop, oracle, reactive, restarter",
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


def test_scenarios_are_listed() -> None:
    result = CliRunner().invoke(app, ["scenarios"])
    assert result.exit_code == 0
    assert "default" in result.output
    assert "short" in result.output
