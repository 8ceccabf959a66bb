"""Rules of repetition: every day, on some weekdays, or on one day of each month. Pure."""

from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

FREQUENCIES = ("daily", "weekly", "monthly")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Rule:
    """When something is due. A weekly rule has at least one weekday (Monday is 0)."""

    frequency: str
    weekdays: Collection[int] = ()
    month_day: int = 1

    def matches(self, day: date) -> bool:
        """Tell whether it is due on that day."""
        if self.frequency == "weekly":
            return day.weekday() in self.weekdays
        if self.frequency == "monthly":
            # The 31st is the 30th in June, and the 28th or 29th in February: never skipped, never twice.
            return day.day == min(self.month_day, monthrange(day.year, day.month)[1])
        return True

    def first_from(self, day: date) -> date:
        """Return the first day, from this one on, on which it is due."""
        while not self.matches(day):
            day += timedelta(days=1)
        return day

    def after(self, day: date) -> date:
        """Return the next day on which it is due."""
        return self.first_from(day + timedelta(days=1))
