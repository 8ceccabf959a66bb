"""The provider's own faults: how often, for how long, and the same for everybody."""

import random
import statistics

import pytest

from services.cloud.machines import BACK_AFTER, failures

HOURS = 200_000


def test_machines_fail_as_often_as_was_said_and_come_back_as_they_do_elsewhere() -> None:
    found = [minutes for hour in range(HOURS) for minutes in failures(random.Random(hour), 3, 75.0).values()]
    assert len(found) == pytest.approx(3 * HOURS / (24 * 75), rel=0.15)
    for share, least, most in BACK_AFTER:
        within = sum(least < minutes <= most for minutes in found) / len(found)
        assert within == pytest.approx(share, abs=0.1)
    assert 1 <= min(found) <= max(found) <= 3 * 24 * 60
    assert 120 < statistics.mean(found) < 240  # about three hours


def test_places_do_not_hang_on_how_many_there_are() -> None:
    for hour in range(300):
        few, many = failures(random.Random(hour), 2, 1.0), failures(random.Random(hour), 8, 1.0)
        assert {place: minutes for place, minutes in many.items() if place < 2} == few
    assert sum(place > 1 for hour in range(300) for place in failures(random.Random(hour), 8, 1.0)) > 10
    assert failures(random.Random(1), 0, 1.0) == {}
