"""Days, as the people of an organisation count them."""

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from tracker.models import Organisation

DEFAULT_ZONE = "UTC"
LARGEST_OFFSET = timedelta(hours=14)
"""Nowhere is it later than that, against UTC."""


@cache
def zones() -> tuple[str, ...]:
    """Return the names that an organisation may choose."""
    return tuple(sorted(name for name in available_timezones() if name == DEFAULT_ZONE or "/" in name))


def zone_of(organisation: Organisation) -> ZoneInfo:
    """Return the organisation's time zone."""
    return ZoneInfo(organisation.time_zone)


def day_of(organisation: Organisation, moment: datetime) -> date:
    """Return which day it is there."""
    return moment.astimezone(zone_of(organisation)).date()


def beginning(organisation: Organisation, day: date) -> datetime:
    """Return the moment in which a day begins there."""
    return datetime.combine(day, time(), zone_of(organisation))
