"""The script that runs the tests on Postgres: what it says where there is none."""

from pathlib import Path

import pytest

from tests import on_postgres


def test_without_postgres_it_says_loudly_that_nothing_was_tested(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(on_postgres, "INSTALLED", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert on_postgres.main([]) == 0
    assert "!! SKIPPED" in (said := capsys.readouterr().err) and "apt-get install postgresql" in said


def test_without_the_driver_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(on_postgres, "programs", lambda: tmp_path)
    monkeypatch.setattr(on_postgres, "find_spec", lambda name: None)
    assert on_postgres.main([]) == 0
    assert "extra postgres" in capsys.readouterr().err


def test_the_newest_postgres_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for version in ("9.6", "15", "16"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "initdb").touch()
    monkeypatch.setattr(on_postgres, "INSTALLED", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert on_postgres.programs() == tmp_path / "16" / "bin"
