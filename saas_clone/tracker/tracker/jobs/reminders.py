"""Reminds people of tasks that are due tomorrow at the latest, once per task and due date."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from tracker import letters, mail, mail_preferences
from tracker.models import Membership, Notification, Task, User, now
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
            await _write_letters(session, due, today)
        await services.mail.hand_over(mail.outgoing(session))
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
        select(
            Task.id,
            Task.public_id,
            Task.title,
            Task.organisation_id,
            Task.due_on,
            recipient.label("user_id"),
        )
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
    return {
        "organisation_id": task.organisation_id,
        "user_id": task.user_id,
        "kind": "reminder",
        "text": _when(task, today),
        "task_id": task.id,
        "due_on": task.due_on,
    }


def _when(task: Row[*tuple[Any, ...]], today: date) -> str:
    if task.due_on < today:
        return f"Overdue since {task.due_on}:"
    return "Due today:" if task.due_on == today else "Due tomorrow:"


async def _write_letters(session: AsyncSession, due: Sequence[Row[*tuple[Any, ...]]], today: date) -> None:
    """Mail those of the recipients who want it."""
    statement = select(User.id, User.email, User.public_id).where(
        User.id.in_({task.user_id for task in due}), mail_preferences.wants("reminders")
    )
    readers = {row.id: row for row in await session.execute(statement)}
    for task in due:
        reader = readers.get(task.user_id)
        if reader is not None:
            letter = letters.reminder(
                reader.email, reader.public_id, _when(task, today), task.title, task.public_id
            )
            mail.send_after_commit(session, letter)
