"""Ladders: intervals of paired seeds, who stands where, and what is told of it."""

import math
from pathlib import Path

import pytest

from bus.money import Micros, usd
from concern.measuring import ladder
from concern.measuring.gathering import Batch
from concern.measuring.intervals import interval, paired
from concern.measuring.plots import plot_standings
from concern.measuring.standings import Standings, table
from concern.measuring.trials import Result, Trial, run_all
from services.world.loading import load_scenario

OPERATORS = ("noop", "reactive", "oracle")


def standings(*rows: tuple[str | None, ...]) -> Standings:
    """One row of dollars a seed, by operator."""
    rewards = {
        (seed, name): None if cell is None else usd(cell)
        for seed, row in enumerate(rows, 1)
        for name, cell in zip(OPERATORS, row, strict=True)
    }
    return Standings(OPERATORS, rewards)


def test_an_interval_is_students() -> None:
    told = interval([1.0, 2.0, 3.0, 4.0, 5.0])  # by any statistics package: 3 +- 2.776 * 1.5811 / sqrt(5)
    assert told.mean == 3
    assert (told.low, told.high) == (pytest.approx(1.037, abs=1e-3), pytest.approx(4.963, abs=1e-3))
    assert interval([1.0, 2.0, 3.0] * 20).high == pytest.approx(2 + 2.001 * 0.8235 / math.sqrt(60), abs=1e-3)
    assert math.isinf(interval([4.0]).high)
    with pytest.raises(ValueError, match="at least one"):
        interval([])


def test_seeds_are_compared_in_pairs() -> None:
    told = paired([0.0, 100.0, -500.0], [1.0, 102.0, -499.0])
    assert told.mean == pytest.approx(4 / 3)
    assert not told.above_zero
    assert paired([0.0, 100.0, -500.0, 7.0], [1.0, 101.1, -499.0, 8.0]).above_zero


def test_few_seeds_must_all_be_in_order_and_many_with_confidence() -> None:
    assert standings(("-2", "-1", "3"), ("-9", "-8", "0")).ordered
    assert not standings(("-2", "-1", "3"), ("-9", "-10", "0")).ordered
    assert not standings(("-2", "-1.996", "3")).ordered  # no cent more
    many = [(str(-9 + seed), str(-8 + seed), str(-5 + 2 * seed)) for seed in range(6)]
    assert standings(*many).ordered
    noisy = [("-5", str(-5 + (-1) ** seed * 3), "9") for seed in range(6)]
    assert not standings(*noisy).ordered


def test_a_voided_run_is_no_zero_and_never_ordered() -> None:
    told = standings(("-2", "-1", "3"), ("-2", None, "3"))
    assert told.seeds == [1]
    assert not told.ordered
    assert told.voided == [(2, "reactive")]
    assert "voided" in table(told)


def test_the_table_tells_means_scores_steps_and_losses() -> None:
    text = table(standings(("-20", "-10", "20"), ("-22", "-9", "18")))
    assert "| mean  | -$21.00 |   -$9.50 | $19.00 |" in text
    assert "| score |    0.00 |     0.29 |   1.00 |" in text
    assert "noop < reactive" in text
    assert "noop loses money in 2 of 2 seeds." in text


def test_all_trials_run_and_a_failed_one_says_why(tmp_path: Path) -> None:
    def run(trial: Trial, root: Path) -> Result:
        assert root.parent == tmp_path
        return Result(trial, None if trial.seed == 2 else Micros(trial.seed), root, "the end")

    trials = [Trial("short", "noop", seed) for seed in range(1, 6)]
    results = sorted(run_all(trials, tmp_path, 2, run=run), key=lambda each: each.trial.seed)
    assert [each.reward for each in results] == [1, None, 3, 4, 5]
    assert len({each.root for each in results}) == 5


def test_a_climb_prints_and_writes_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run_trial(trial: Trial, root: Path, running: object) -> Result:
        assert trial.model is None
        return Result(trial, usd(OPERATORS.index(trial.operator) * 10 - 15 + trial.seed), root)

    monkeypatch.setattr("concern.measuring.trials.run_trial", run_trial)
    asked = ladder.Climb(
        "short", load_scenario("short"), OPERATORS, range(6, 8), None, Batch(tmp_path / "runs", 1), tmp_path / "report"
    )
    assert ladder.climb(asked) == 0
    told = capsys.readouterr().out
    assert "short, 2 days, 2 seeds, 6 to 7: noop < reactive < oracle" in told
    assert told.rstrip().endswith("ordered")
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == ["ladder.md", "ladder.png", "ladder.svg"]
    assert "The operators are ordered." in (tmp_path / "report" / "ladder.md").read_text()


def test_a_model_climbs_among_scripted_operators(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    played: list[tuple[str, str | None]] = []

    def run_trial(trial: Trial, root: Path, running: object) -> Result:
        played.append((trial.operator, trial.model))
        return Result(trial, usd(len(played)), root)

    monkeypatch.setattr("concern.measuring.trials.run_trial", run_trial)
    short = load_scenario("short")
    asked = ladder.Climb(
        "short", short, ("noop", "llm"), range(1, 2), None, Batch(tmp_path / "runs", 1), None, "some-model"
    )
    assert ladder.climb(asked) == 0
    assert played == [("noop", None), ("llm", "some-model")]
    assert "noop < llm" in capsys.readouterr().out


def test_the_same_figures_give_the_same_picture(tmp_path: Path) -> None:
    told = standings(("-20", "-10", "20"), ("-22", "-9", "18"))
    for name in ("one", "two"):
        plot_standings(told, "a title", tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
