"""Pain and churn where there is no reason for either."""

from pathlib import Path

import pytest

from bus.ids import EpisodeId
from bus.messages.base import Delivered, Envelope, Event
from bus.messages.users import CohortWorked, CustomerChurned, CustomerJoined, CustomersInherited, PainFelt
from bus.money import Micros
from bus.simtime import DAY, SimTime
from concern.measuring import calm
from concern.measuring.calm import SETTINGS, Calm, Watched, counts, is_calm, ordinary, stay_calm, told
from concern.measuring.gathering import Batch
from concern.measuring.trials import Result, Trial
from services.world.loading import load_scenario, overrides_of

NOTHING = Micros(0)


def story(*, shown: bool = True, leave: int = 0) -> list[Delivered]:
    """Two customers from the beginning and one from day 10; some leave on day 20, the world ends on day 30."""
    pain = PainFelt(
        agent="a", customer="c1", kind="error", amount=NOTHING, journey="plan", step="open: 500",
        request="GET /tasks" if shown else "", response="500 oh no",
    )  # fmt: skip
    worked = CohortWorked(
        agent="a", tick=719, customers=3, users=3, active=1, journey=("plan",), sessions=(4,), executed=(2,),
        failed=(1,), satisfaction=1.0, pain=NOTHING,
    )  # fmt: skip
    inherited = CustomersInherited(
        agent="a", customer=("c1", "c2"), name=("A", "B"), segment=("solo", "team"), plan=("starter", "team"),
        seats=(1, 3), paid_from=(SimTime(0), SimTime(0)), wallet=(NOTHING, NOTHING), income=(NOTHING, NOTHING),
    )  # fmt: skip
    joined = CustomerJoined(
        agent="a", customer="c3", name="C", segment="solo", plan="starter", seats=1, wallet=NOTHING, income=NOTHING
    )
    gone = [CustomerChurned(agent="a", customer=f"c{number}", reason="price") for number in range(1, leave + 1)]
    days: list[tuple[int, Event]] = [
        (0, inherited),
        (10, joined),
        (11, pain),
        *((20, one) for one in gone),
        (30, worked),
    ]
    episode = EpisodeId("e_aaaaaaaaaaaa")
    return [
        Delivered(Envelope(id=f"m{place}", episode=episode, sim_time=SimTime(day * DAY), seq=place), event)
        for place, (day, event) in enumerate(days, 1)
    ]


def watched(**given: object) -> Watched:
    one = Watched({"solo": 0.01, "team": 0.02})
    one.read(story(**given))  # type: ignore[arg-type]
    return one


def test_those_who_leave_are_counted_against_the_days_that_all_were_there() -> None:
    assert watched().expected == pytest.approx(0.01 * 30 + 0.02 * 30 + 0.01 * 20)
    assert watched(leave=2).expected == pytest.approx(0.01 * 20 + 0.02 * 20 + 0.01 * 20)
    assert watched(leave=2).left == {"price": 2}


def test_counts_of_a_mean() -> None:
    assert counts(0.0) == (0, 0)
    assert counts(10.0) == (4, 17)  # any table of the Poisson distribution
    assert counts(100.0) == (81, 120)


def test_calm_means_no_unshown_pain_and_ordinary_churn() -> None:
    assert is_calm([watched()])
    assert not is_calm([watched(shown=False)])
    assert not is_calm([watched(leave=2), *[watched(leave=2) for _ in range(4)]])
    text = "\n".join(told({3: watched(leave=1)}))
    assert "error in plan, open: 500: GET /tasks -> 500 oh no" in text
    assert "1 left (1 price); ordinarily 1.0" in text


def test_a_segment_leaves_at_its_rate_and_by_failed_payments() -> None:
    scenario = load_scenario("default")
    solo = scenario.users.segments["solo"].monthly_churn
    assert solo / 30 + 0.9 * 0.0092 / 30 < ordinary(scenario, 1)["solo"] < solo / 30 + 1.1 * 0.0138 / 30


@pytest.mark.parametrize("ends", ["calm", "unshown", "voided"])
def test_what_is_printed(ends: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def run(trial: Trial, root: Path, running: object) -> Result:
        assert trial.settings == SETTINGS
        return Result(trial, None if ends == "voided" else Micros(1), root, "no broker")

    monkeypatch.setattr("concern.measuring.trials.run_trial", run)
    monkeypatch.setattr(calm, "read_journal", lambda path: story(shown=ends == "calm"))
    scenario = load_scenario("short", overrides=overrides_of(SETTINGS))
    assert stay_calm(Calm("short", scenario, range(1, 3), 30, Batch(Path("runs"), 1))) == (0 if ends == "calm" else 1)
    said = capsys.readouterr()
    assert ("no broker" in said.err) == (ends == "voided")
