"""Reading webhooks and recurring tasks from a form or from JSON."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from tracker import recurring, webhooks
from tracker.actors import Actor
from tracker.calendars import day_of
from tracker.fields import Fields
from tracker.models import now
from tracker.recurrence import FREQUENCIES, Rule
from tracker.task_input import read_changes
from tracker.webhook_addresses import MOST_CHARACTERS, problem_with


def read_webhook(fields: Fields, events: Collection[str]) -> webhooks.Draft:
    """Read an address that we may call, for events that the caller has read."""
    url = fields.text("url", "URL", most=MOST_CHARACTERS)
    problem = problem_with(url) if url else None
    if problem is not None:
        fields.reject("url", problem)
    if not events or not set(events) <= set(webhooks.EVENTS):
        fields.reject("events", f"Choose at least one of {', '.join(webhooks.EVENTS)}")
    fields.finish()
    return webhooks.Draft(url, events)


async def read_recurring(
    session: AsyncSession, actor: Actor, fields: Fields, weekdays: Collection[int]
) -> recurring.Draft:
    """Read a recurring task, for weekdays (Monday is 0) that the caller has read."""
    frequency = fields.choice("frequency", "Repeats", FREQUENCIES, "")
    today = day_of(actor.organisation, now())
    first_on = fields.day("first_on", "First date") or today
    if first_on < today:
        fields.reject("first_on", "First date cannot be in the past")
    month_day = 1
    if frequency == "monthly":
        month_day = fields.number("month_day", "Day of the month", least=1, most=31)
    if frequency == "weekly" and not weekdays:
        fields.reject("weekdays", "Choose at least one weekday")
    written = await read_changes(
        session, actor, fields, ("title", "description", "priority", "assignee")
    )  # which raises for all that is wrong
    return recurring.Draft(rule=Rule(frequency, tuple(weekdays), month_day), first_on=first_on, **written)
