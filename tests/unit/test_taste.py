"""Questions of taste: what is asked, what the money says, and what is told of it."""

from pathlib import Path

import pytest

from agents.operator.policies.manners import MANNERS
from bus.money import Micros, usd
from catalog.choices import hosting_named
from catalog.products import load_product
from concern import cast
from concern.measuring.gathering import Batch
from concern.measuring.questions import QUESTIONS, SAME, Context, Question, questions_named
from concern.measuring.taste import Tasting, both_ways, savour, table, verdicts
from concern.measuring.trials import Result, Trial
from services.world.loading import scenario_names

ONE = Question(
    "one-or-several",
    ("one", "several"),
    (Context("corner-shop", "one", 14, "cheap"), Context("enterprise", "several", 14, "contracts")),
)


def tasting(*questions: Question, seeds: int = 5, report: Path | None = None) -> Tasting:
    return Tasting(questions, range(1, seeds + 1), 3, Batch(Path("runs"), 1), report)


def earns(trial: Trial, one: float = 10.0) -> Micros:
    """Several instances earn ten more at the enterprise; at the corner shop one does, by `one`."""
    right = trial.operator.endswith("/one") == (trial.scenario == "corner-shop")
    return usd(100 * trial.seed + (one if trial.scenario == "corner-shop" else 10) * right + 0.1 * trial.seed * right)


def test_every_question_has_two_known_answers_and_two_contexts_that_differ() -> None:
    known = cast.manners("tracker")
    assert len(QUESTIONS) >= 8
    for question in QUESTIONS:
        assert {f"{question.name}/{option}" for option in question.options} <= set(known)
        first, second = question.contexts
        assert {first.better, second.better} == set(question.options)
        assert {first.scenario, second.scenario} <= set(scenario_names())
        assert (first.scenario, first.settings) != (second.scenario, second.settings)
        assert question.pair(first) == tuple(reversed(question.pair(second)))


def test_hosting_by_name() -> None:
    own = (load_product("tracker").tree / "deploy" / "infra.toml").read_text()
    assert "count = 1" in (hosting_named("tracker", "one-or-several/one", own) or "")
    assert hosting_named("tracker", "one-or-several/none", own) is None
    assert hosting_named("tracker", "order/repair-first", own) is None
    assert cast.hosting_of("tracker", "reactive") is None


def test_each_world_is_run_once() -> None:
    trials = tasting(ONE, seeds=2).trials()
    assert len(trials) == len(set(trials)) == 8
    assert {trial.days for trial in trials} == {3}
    assert {trial.days for trial in Tasting((ONE,), range(1, 2), None, Batch(Path(), 1), None).trials()} == {14}


def test_a_world_that_two_questions_ask_for_is_run_once_and_counts_for_both() -> None:
    asked = tasting(*(questions_named(["prices", "discount"]) or ()), seeds=1)
    trials = asked.trials()
    assert len(trials) == 7  # of the launch three: cut, raise, and hold once
    earned = {"prices/raise": 1, "discount/hold": 2, "discount/cut": 4}
    found = verdicts(asked, {trial: usd(earned[trial.operator]) for trial in trials})
    assert [one.row()[0::2][:2] for one in found] == [
        ("prices: raise over hold", "-$1.00"),
        ("prices: hold over raise", "$1.00"),
        ("discount: cut over hold", "$2.00"),
        ("discount: hold over cut", "-$2.00"),
    ]


def test_who_does_the_same_has_the_same_duties() -> None:
    assert {name: MANNERS[name](()) for name in SAME} == {name: MANNERS[other](()) for name, other in SAME.items()}


def test_a_question_is_ordered_if_it_is_so_both_ways_round() -> None:
    asked = tasting(ONE)
    found = verdicts(asked, {trial: earns(trial) for trial in asked.trials()})
    assert both_ways(found) == ["one-or-several"]
    assert "1 of 1 questions are ordered" in table(found)
    found = verdicts(asked, {trial: earns(trial, one=-10.0) for trial in asked.trials()})
    assert both_ways(found) == []
    assert [one.row()[-1] for one in found] == ["no, the other way round", "yes"]
    assert "none" in table(found)


def test_a_voided_world_orders_nothing() -> None:
    asked = tasting(ONE, seeds=1)
    rewards = {trial: None if trial.scenario == "enterprise" else earns(trial) for trial in asked.trials()}
    found = verdicts(asked, rewards)
    assert found[1].row()[2:] == ("voided", "-", "no")
    assert both_ways(found) == []


@pytest.mark.parametrize(("one", "status"), [(10.0, 0), (-10.0, 1)])
def test_what_is_printed_and_written(
    one: float, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "concern.measuring.trials.run_trial", lambda trial, root, running: Result(trial, earns(trial, one), root)
    )
    assert savour(tasting(ONE, report=tmp_path / "report")) == status
    assert "20 worlds" in capsys.readouterr().out
    text = (tmp_path / "report" / "taste.md").read_text()
    assert "one over several" in text
    assert "one-or-several in enterprise: contracts." in text


def test_questions_by_name() -> None:
    assert questions_named([]) == QUESTIONS
    assert questions_named(["order"]) == (next(one for one in QUESTIONS if one.name == "order"),)
    assert questions_named(["order", "nope"]) is None
