"""Days and periods."""

from datetime import UTC, date, datetime

import pytest

from invoicing import dates
from invoicing.dates import Period


def test_the_31st_comes_in_every_month() -> None:
    days = [date(2027, 12, 31)]
    for _ in range(5):
        days.append(dates.next_month(days[-1], 31))
    assert [str(day) for day in days[1:]] == ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"]


def test_the_first_time_is_not_before_it_is_wanted() -> None:
    assert dates.first_on(date(2026, 3, 5), 5) == date(2026, 3, 5)
    assert dates.first_on(date(2026, 3, 6), 5) == date(2026, 4, 5)
    assert dates.first_on(date(2026, 2, 28), 31) == date(2026, 2, 28)


def test_a_day_begins_at_midnight_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates, "now", lambda: datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert dates.today("UTC") == date(2026, 12, 31)
    assert dates.today("Asia/Tokyo") == date(2027, 1, 1)


def test_all_time_zones_exist() -> None:
    for zone in dates.TIME_ZONES:
        dates.today(zone)


def test_periods() -> None:
    quarter = Period.parse("2028-Q1")
    assert quarter is not None and (quarter.first, quarter.last) == (date(2028, 1, 1), date(2028, 3, 31))
    month = Period.parse("2028-02")
    assert month is not None and month.last == date(2028, 2, 29)
    assert [Period.parse(text) for text in ("2028-Q5", "2028-13", "28-Q1", "", "0000-01")] == [None] * 5
    assert dates.recent_quarters(date(2026, 2, 1), 3) == ["2026-Q1", "2025-Q4", "2025-Q3"]
