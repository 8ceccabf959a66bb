"""The world's pure parts: barrier, schedule, scenario loading."""

from pathlib import Path

import pytest

from bus.ids import new_episode_id
from bus.world import World, WorldFile, load_world, save_world
from services.world.loading import ScenarioError, load_scenario, overrides_of, scenario_names
from services.world.model import CLOSING, PARTICIPANTS, TICK, Barrier, participants, tick_of


def test_a_stage_is_over_when_everybody_has_answered_it() -> None:
    barrier = Barrier()
    barrier.open(3, 1, ("users", "attackers"))
    assert barrier.missing == ("attackers", "users")
    assert barrier.done("users", 3, 1, {"users": 7}) is None
    assert barrier.done("users", 3, 1, {"users": 7}) is None
    assert barrier.missing == ("attackers",)
    assert barrier.done("attackers", 3, 1, {}) is None
    assert barrier.missing == ()


def test_an_answer_to_an_earlier_stage_is_harmless_and_to_a_later_one_refused() -> None:
    barrier = Barrier()
    barrier.open(3, 1, ("users",))
    assert barrier.done("users", 3, 0, {}) is None
    assert barrier.missing == ("users",)
    assert "not open" in str(barrier.done("users", 3, 2, {"users": 99}))
    assert barrier.watermarks == {}


def test_watermarks_only_rise() -> None:
    barrier = Barrier()
    barrier.learn({"a": 5})
    barrier.learn({"a": 3, "b": 1})
    assert barrier.watermarks == {"a": 5, "b": 1}


def test_the_closing_tick_settles_and_nobody_works_or_operates() -> None:
    assert {stage.phase for stage in CLOSING} == {"settle"}
    assert [stage.participants for stage in CLOSING] == [("desk",), ("billing",), ("scorer",), ("recorder",)]
    assert {"cloud", "users", "attackers", "gateway"} <= PARTICIPANTS
    assert TICK[-1].phase == "operate"


def test_shards_act_together_before_the_users_put_their_words_together() -> None:
    assert tick_of(1) == TICK
    stages = tick_of(3)
    place = [stage.participants for stage in stages].index(("users",))
    assert stages[place - 1].participants == ("users_1", "users_2", "users_3")
    assert participants(stages) == PARTICIPANTS | {"users_1", "users_2", "users_3"}


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_loads_and_its_segments_share_the_market(name: str) -> None:
    scenario = load_scenario(name)
    assert sum(segment.share for segment in scenario.users.segments.values()) == pytest.approx(1)
    assert scenario.world.name == name


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"users": {"wishes": -2}}, r"short.toml: users.wishes: Input should be .* 0, got -2"),
        ({"world": {"dayz": 2}}, r"short.toml: world.dayz: unknown key; allowed here: days, "),
        ({"clock": {"mode": "slow"}}, r"short.toml: clock.mode: .* got 'slow'; allowed: lockstep, live"),
        ({"world": {"days": 0}}, r"short.toml: world.days: .*greater than or equal to 1, got 0"),
        ({"users": {"segments": {"huge": {}}}}, r"users.segments.huge.*'solo', 'team' or 'business'"),
        ({"wrld": {}}, r"wrld: unknown key; allowed here: attackers, billing"),
    ],
)
def test_a_wrong_field_is_named_with_file_key_and_choices(overrides: dict[str, dict[str, object]], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        load_scenario("short", overrides=overrides)


def test_settings_of_a_command_line_reach_every_table() -> None:
    found = overrides_of(["world.days=3", "users.segments.solo.monthly_churn=0.2", 'users.wishes=["project-note"]'])
    scenario = load_scenario("short", overrides=found)
    assert (scenario.world.days, scenario.users.wishes) == (3, ("project-note",))
    assert scenario.users.segments["solo"].monthly_churn == pytest.approx(0.2)
    assert scenario.users.segments["team"] == load_scenario("short").users.segments["team"]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("days=3", "'days=3' is no setting; say section.key=value"),
        ("world.days", "'world.days' is no setting"),
        ("world.title=mine", r"the value is not TOML \(a text stands in quotes\)"),
        ("world.title='a'\nworld.days=2", "is no setting"),
    ],
)
def test_a_setting_that_cannot_be_read_is_told(setting: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        overrides_of([setting])


def test_an_unknown_scenario_is_told_with_the_choices() -> None:
    with pytest.raises(ScenarioError, match="no scenario 'nope'; choose one of: .*default"):
        load_scenario("nope")


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[world\n")
    with pytest.raises(ScenarioError, match=r"bad.toml: not TOML"):
        load_scenario("bad", folder=tmp_path)


def test_an_episode_starts_once(tmp_path: Path) -> None:
    file = WorldFile(
        episode=new_episode_id(), seed=1, scenario=load_scenario("short"), operator="noop", isolation="full", planted=()
    )
    save_world(file, tmp_path)
    assert load_world(tmp_path) == World(file, tmp_path)
    with pytest.raises(FileExistsError):
        save_world(file, tmp_path)
