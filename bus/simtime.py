"""Simulated time: integer milliseconds since the episode's start."""

from datetime import UTC, datetime, timedelta
from typing import NewType

SimTime = NewType("SimTime", int)
"""Milliseconds of simulated time since the episode began."""

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def calendar(start: datetime, at: SimTime) -> datetime:
    """The moment in the world's calendar; `start` is the scenario's, aware and in UTC."""
    return start.astimezone(UTC) + timedelta(milliseconds=at)


def day_of(at: SimTime) -> int:
    """The day of the episode, counted from 0."""
    return at // DAY


def clock_text(at: SimTime) -> str:
    """Text for people: `day 3 07:00`, days counted from 1."""
    day, rest = divmod(at, DAY)
    return f"day {day + 1} {rest // HOUR:02d}:{rest % HOUR // MINUTE:02d}"
