"""Runs that ended before, taken again: only those that were the same."""

from pathlib import Path

import orjson
import pytest

from bus.money import Micros
from concern.measuring import resuming
from concern.measuring.gathering import Batch, earned, gather
from concern.measuring.resuming import code_digest, ended_before, note
from concern.measuring.trials import Result, Trial

FIRST, SECOND = (Trial("short", "noop", seed, 2) for seed in (1, 2))


def ended(runs: Path, trial: Trial, reward: int) -> Path:
    root = runs / f"e_{trial.operator}_{trial.seed}"
    (root / "recorder").mkdir(parents=True)
    told = {"reward": {"sum": reward}, "digests": {"ledger": "ab"}}
    (root / "recorder" / "episode.json").write_bytes(orjson.dumps(told))
    note(trial, root)
    return root


def test_a_comparison_goes_on_where_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[Trial] = []

    def run(trial: Trial, root: Path, running: object) -> Result:
        ran.append(trial)
        return Result(trial, Micros(2), root)

    monkeypatch.setattr("concern.measuring.trials.run_trial", run)
    root = ended(tmp_path, FIRST, 1)
    found = gather([FIRST, SECOND], Batch(tmp_path, 1, resume=True), earned)
    assert ran == [SECOND]
    assert [(each.trial, each.reward) for each in found] == [(FIRST, 1), (SECOND, 2)]
    assert (found[0].root, found[0].ledger) == (root, "ab")
    assert "1 of 2 worlds have ended before." in capsys.readouterr().out
    gather([FIRST, SECOND], Batch(tmp_path, 1), earned)
    assert ran == [SECOND, FIRST, SECOND]  # nobody asked to take what was there


def test_only_the_same_trial_under_the_same_code_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = ended(tmp_path, FIRST, 1)
    assert ended_before([FIRST, SECOND], tmp_path) == {FIRST: root}
    others = (
        Trial("short", "noop", 1, 3),
        Trial("short", "restarter", 1, 2),
        Trial("short", "noop", 1, 2, ("world.defects=0",)),
        Trial("short", "noop", 1, 2, shards=2),
        Trial("short", "noop", 1, 2, hash_seed=7),
    )
    assert ended_before(others, tmp_path) == {}
    monkeypatch.setattr(resuming, "code_digest", lambda: "of other code")
    assert ended_before([FIRST], tmp_path) == {}


def test_a_scenario_of_ones_own_counts_by_what_is_in_it(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[world]\ndays = 1\n")
    trial = Trial(str(file), "noop", 1)
    root = ended(tmp_path / "runs", trial, 1)
    assert ended_before([trial], tmp_path / "runs") == {trial: root}
    file.write_text("[world]\ndays = 2\n")
    assert ended_before([trial], tmp_path / "runs") == {}


def test_what_decides_a_run_decides_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bus", "agents", "concern/measuring"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "one.py").write_text("1")
    monkeypatch.setattr(resuming, "_ROOT", tmp_path)
    monkeypatch.setattr(resuming, "_DECIDING", ("agents", "bus", "concern"))
    plain = code_digest.__wrapped__
    before = plain()
    (tmp_path / "bus" / "__pycache__").mkdir()
    (tmp_path / "bus" / "__pycache__" / "one.pyc").write_text("1")
    (tmp_path / "concern" / "measuring" / "questions.py").write_text("another question")
    assert plain() == before
    (tmp_path / "concern" / "measuring" / "trials.py").write_text("begun otherwise")
    assert plain() != before
    before = plain()
    (tmp_path / "bus" / "one.py").rename(tmp_path / "bus" / "two.py")
    assert plain() != before
