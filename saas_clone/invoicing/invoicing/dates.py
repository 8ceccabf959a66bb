"""Days and periods. A firm's day begins at midnight in its own time zone."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

TIME_ZONES = (
    "UTC",
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/Athens",
    "Europe/Berlin",
    "Europe/Lisbon",
    "Europe/London",
    "Europe/Madrid",
    "Europe/Paris",
    "Europe/Stockholm",
    "Europe/Zurich",
)

_PERIOD = re.compile(r"([0-9]{4})-(?:Q([1-4])|(0[1-9]|1[0-2]))")


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def today(time_zone: str) -> date:
    """Return the date that a calendar on the wall there shows."""
    return now().astimezone(ZoneInfo(time_zone)).date()


def on_day(year: int, month: int, day: int) -> date:
    """Return day ``day`` of a month, or its last one where the month is shorter."""
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def next_month(after: date, day: int) -> date:
    """Return day ``day`` of the month after ``after``: the 31st is followed by the last of February, then the 31st."""
    year, month = (after.year + 1, 1) if after.month == 12 else (after.year, after.month + 1)
    return on_day(year, month, day)


def first_on(earliest: date, day: int) -> date:
    """Return the first day ``day`` of a month that is not before ``earliest``."""
    here = on_day(earliest.year, earliest.month, day)
    return here if here >= earliest else next_month(earliest, day)


@dataclass(frozen=True)
class Period:
    """A quarter or a month, as in ``2026-Q1`` or ``2026-03``."""

    name: str
    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> "Period | None":
        """Read a period's name."""
        found = _PERIOD.fullmatch(text)
        if found is None or int(found[1]) < 1970:
            return None
        year = int(found[1])
        if found[2]:
            start = int(found[2]) * 3 - 2
            return cls(text, date(year, start, 1), on_day(year, start + 2, 31))
        month = int(found[3])
        return cls(text, date(year, month, 1), on_day(year, month, 31))

    @classmethod
    def quarter_of(cls, day: date) -> "Period":
        """Return the quarter in which a day lies."""
        found = cls.parse(f"{day.year}-Q{(day.month + 2) // 3}")
        assert found is not None
        return found


def recent_quarters(day: date, count: int = 8) -> list[str]:
    """Return the names of the last quarters, the present one first."""
    names: list[str] = []
    for _ in range(count):
        period = Period.quarter_of(day)
        names.append(period.name)
        day = period.first - timedelta(days=1)
    return names
