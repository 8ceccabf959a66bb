"""The same seed again and again."""

from pathlib import Path

import pytest

from bus.money import Micros
from concern.measuring.gathering import Batch
from concern.measuring.repeat import Repetition, repeat, same, told
from concern.measuring.trials import Result, Trial, run_trial


def asked(*shards: int) -> Repetition:
    return Repetition("short", "reactive", range(1, 4), 1, shards, 2, Batch(Path("runs"), 1))


def test_each_seed_is_repeated_in_each_way() -> None:
    trials = asked(1, 2).trials()
    assert len(trials) == len(set(trials)) == 24
    assert {(trial.shards, trial.hash_seed) for _, trial in trials} == {(1, 0), (1, 7), (2, 0), (2, 7)}


@pytest.mark.parametrize("odd", ["", "another", "voided"])
def test_one_ledger_for_each_seed_is_asked_for(
    odd: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(trial: Trial, root: Path, running: object) -> Result:
        if odd and (trial.seed, trial.shards, trial.hash_seed) == (2, 2, 7):
            return (
                Result(trial, None, root, "no broker") if odd == "voided" else Result(trial, Micros(1), root, "", odd)
            )
        return Result(trial, Micros(1), root, ledger=f"ledger{trial.seed}")

    monkeypatch.setattr("concern.measuring.trials.run_trial", run)
    assert repeat(asked(1, 2)) == (1 if odd else 0)
    said = capsys.readouterr()
    assert f"{2 if odd else 3} of 3 seeds have one ledger in all worlds." in said.out
    assert ("no broker" in said.err) == (odd == "voided")


def test_ledgers_are_told_by_seed() -> None:
    lines = told({1: ["a", "a"], 2: ["a", "b"]})
    assert [line.replace(" ", "") for line in lines[2:5]] == ["|1|a|2|", "|2|a|1|", "|2|b|1|"]
    assert not same(["voided", "voided"])


def test_what_differs_is_told_to_the_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[tuple[list[str], dict[str, str]]] = []

    class Process:
        returncode = 2

        def __init__(self, argv: list[str], *, env: dict[str, str], **given: object) -> None:
            begun.append((argv, env))

        def __enter__(self) -> "Process":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def communicate(self) -> tuple[str, str]:
            return "no such key", ""

    monkeypatch.setattr("concern.measuring.trials.subprocess.Popen", Process)
    trial = Trial("short", "noop", 1, settings=("world.defects=0", "users.wishes=2"), shards=2, hash_seed=7)
    result = run_trial(trial, tmp_path, set())
    assert (result.reward, result.told, result.ledger) == (None, "no such key", "")
    argv, env = begun[0]
    assert argv[-6:] == ["--set", "world.defects=0", "--set", "users.wishes=2", "--shards", "2"]
    assert env["PYTHONHASHSEED"] == "7"
    run_trial(Trial("short", "noop", 1), tmp_path, set())
    assert begun[1][0][-1] == "--alone"  # nobody listens, and one process needs no broker
    run_trial(Trial("short", "llm", 1, model="some-model"), tmp_path, set())
    assert begun[2][0][-3:] == ["--model", "some-model", "--alone"]
