"""The history of states: one line each time that a task comes into one. Reports are made of it."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tracker.automation_models import TaskStateChange
from tracker.models import Task


def begin(session: AsyncSession, task: Task) -> None:
    """Note the state in which a task was made."""
    session.add(
        TaskStateChange(
            organisation_id=task.organisation_id, task_id=task.id, after=task.status, at=task.created_at
        )
    )


async def move(session: AsyncSession, task: Task, before: str) -> None:
    """Note that a task has left a state; ``task`` has the new one already."""
    since = await session.scalar(
        select(func.max(TaskStateChange.at)).where(TaskStateChange.task_id == task.id)
    )
    seconds = (task.updated_at - (since or task.created_at)).total_seconds()
    session.add(
        TaskStateChange(
            organisation_id=task.organisation_id,
            task_id=task.id,
            before=before,
            after=task.status,
            seconds_before=max(0, int(seconds)),
            at=task.updated_at,
        )
    )
