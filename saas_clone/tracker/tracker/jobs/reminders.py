"""Reminds people of tasks that are due tomorrow at the latest, once per task and due date."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from tracker.models import Membership, Notification, Task, now
from tracker.removal import still_there
from tracker.services import Services

BATCH = 500
"""Tasks per transaction: nobody waits long for the write lock."""


async def run(services: Services) -> int:
    """Write the reminders that are missing and return their number."""
    today = now().date()
    sent = after = 0
    while True:
        async with services.database.writing() as session:
            due = await _due(session, today, after)
            if not due:
                return sent
            await session.execute(insert(Notification), [_reminder(task, today) for task in due])
        sent += len(due)
        after = due[-1].id


async def _due(session: AsyncSession, today: date, after: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Find tasks without a reminder for their due date, whose recipient is still a member."""
    recipient = func.coalesce(Task.assignee_id, Task.creator_id)
    reminded = (
        select(Notification.id)
        .where(Notification.task_id == Task.id, Notification.due_on == Task.due_on)
        .exists()
    )
    statement = (
        select(Task.id, Task.organisation_id, Task.due_on, recipient.label("user_id"))
        .join(
            Membership,
            (Membership.user_id == recipient) & (Membership.organisation_id == Task.organisation_id),
        )
        .where(Task.due_on <= today + timedelta(days=1), Task.status != "done", Task.id > after, ~reminded)
        .where(still_there(Task.project_id))
        .order_by(Task.id)
        .limit(BATCH)
    )
    return (await session.execute(statement)).all()


def _reminder(task: Row[*tuple[Any, ...]], today: date) -> dict[str, object]:
    if task.due_on < today:
        text = f"Overdue since {task.due_on}:"
    else:
        text = "Due today:" if task.due_on == today else "Due tomorrow:"
    return {
        "organisation_id": task.organisation_id,
        "user_id": task.user_id,
        "kind": "reminder",
        "text": text,
        "task_id": task.id,
        "due_on": task.due_on,
    }
