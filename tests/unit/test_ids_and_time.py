from datetime import UTC, datetime

import pytest

from bus.chance import Chance
from bus.ids import derive_id, new_episode_id, parse_episode_id
from bus.simtime import DAY, HOUR, SimTime, calendar, clock_text, day_of


def test_an_episode_id_is_a_legal_subject_token_and_parses_again() -> None:
    made = new_episode_id()
    assert parse_episode_id(made) == made
    assert "." not in made


@pytest.mark.parametrize("text", ["", "e_", "e_ABCDEFGHIJKL", "x_aaaaaaaaaaaa", "e_aaaaaaaaaaa.", "e_aaaaaaaaaaaa\n"])
def test_other_texts_are_no_episode_ids(text: str) -> None:
    with pytest.raises(ValueError, match="not an episode id"):
        parse_episode_id(text)


def test_derived_ids_follow_from_their_parts_alone() -> None:
    assert derive_id("t", "users", 1) == derive_id("t", "users", "1")
    assert derive_id("t", "users", 1) != derive_id("t", "users1")


def test_simulated_time_reads_as_a_calendar() -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    at = SimTime(2 * DAY + 7 * HOUR)
    assert calendar(start, at) == datetime(2026, 3, 4, 7, tzinfo=UTC)
    assert clock_text(at) == "day 3 07:00"
    assert day_of(SimTime(-1)) == -1


def test_streams_with_equal_names_are_equal_and_others_are_not() -> None:
    chance = Chance(7)
    assert chance.numpy("a", 1).integers(1 << 40) == Chance(7).numpy("a", 1).integers(1 << 40)
    assert chance.token("a") != chance.token("b")
    assert chance.token("a") != Chance(8).token("a")
    assert chance.python("x").random() == chance.python("x").random()
