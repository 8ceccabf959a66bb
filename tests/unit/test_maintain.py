"""Building quickly and to last, compared."""

from pathlib import Path

import pytest

from bus.money import Micros, usd
from concern.measuring.gathering import Batch
from concern.measuring.maintain import LASTING, QUICK, Upkeep, built, finding, keep_up
from concern.measuring.trials import Result, Trial

CHAIN = ("hours-on-a-task", "hours-summed")


def upkeep(seeds: int = 5, report: Path | None = None) -> Upkeep:
    return Upkeep("short", "tracker", CHAIN, range(1, seeds + 1), 3, Batch(Path("runs"), 1), report)


def earns(trial: Trial, more: float) -> Micros | None:
    return usd(100 + trial.seed + (more + 0.1 * trial.seed) * (trial.operator == LASTING))


def test_each_world_is_run_once_in_both_manners_with_the_same_wishes() -> None:
    trials = upkeep(seeds=2).trials()
    assert [(trial.seed, trial.operator) for trial in trials] == [(1, QUICK), (1, LASTING), (2, QUICK), (2, LASTING)]
    assert {(trial.settings, trial.days) for trial in trials} == {
        (("users.wishes=['hours-on-a-task', 'hours-summed']",), 3)
    }


def test_lines_of_each_patch_are_told() -> None:
    lines = built(upkeep())
    assert "lines changed" in lines[0]
    assert [line.split()[1] for line in lines[2:]] == list(CHAIN)
    quick, lasting = (int(cell) for cell in lines[2].split("|")[2:4])
    assert 0 < quick < lasting


@pytest.mark.parametrize(
    ("more", "told", "status"),
    [(40.0, "+39.1% of what building quickly earns", 0), (5.0, "+5.1%", 1), (-40.0, "-38.5%", 1)],
)
def test_what_is_printed_and_written(
    more: float,
    told: str,
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(
        "concern.measuring.trials.run_trial", lambda trial, root, running: Result(trial, earns(trial, more), root)
    )
    assert keep_up(upkeep(report=tmp_path / "report")) == status
    assert told in capsys.readouterr().out
    text = (tmp_path / "report" / "maintain.md").read_text()
    assert told in text
    assert ": NOT enough." in text if status else ": enough." in text


def test_without_a_whole_pair_nothing_is_known(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = finding({(1, QUICK): None, (1, LASTING): usd(1)})
    assert (found.share, found.enough) == (None, False)
    assert "not known" in found.text()
    monkeypatch.setattr(
        "concern.measuring.trials.run_trial", lambda trial, root, running: Result(trial, None, root, "no sandbox")
    )
    assert keep_up(upkeep(seeds=1)) == 1
    assert "build/quick            voided:\nno sandbox" in capsys.readouterr().err
