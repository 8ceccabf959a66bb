"""The feed: who did what."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from tracker.actors import Actor
from tracker.models import Activity, Project, Task
from tracker.paging import Page, Window, newest_first
from tracker.removal import still_there_or_none


def record(session: AsyncSession, actor: Actor, verb: str, subject: str) -> None:
    """Note something about the organisation as a whole, as in: Ada *invited* bob@example.com."""
    session.add(
        Activity(
            organisation_id=actor.organisation.id, actor_id=actor.user.id, verb=verb, subject=subject[:200]
        )
    )


def record_project(session: AsyncSession, actor: Actor, verb: str, project: Project) -> None:
    """Note something about a project."""
    session.add(
        Activity(
            organisation_id=actor.organisation.id,
            project_id=project.id,
            actor_id=actor.user.id,
            verb=verb,
            subject=project.name,
        )
    )


def record_task(session: AsyncSession, actor: Actor, verb: str, task: Task, *, gone: bool = False) -> None:
    """Note something about a task; ``gone`` when it is being deleted."""
    session.add(
        Activity(
            organisation_id=actor.organisation.id,
            project_id=task.project_id,
            task_id=None if gone else task.id,
            actor_id=actor.user.id,
            verb=verb,
            subject=task.title,
        )
    )


async def feed(
    session: AsyncSession, actor: Actor, window: Window, project: Project | None = None
) -> Page[Activity]:
    """List what happened in the organisation, or in one project of it."""
    statement = (
        select(Activity)
        .where(Activity.organisation_id == actor.organisation.id)
        .where(still_there_or_none(Activity.project_id))
        .options(
            joinedload(Activity.actor),
            joinedload(Activity.task).load_only(Task.public_id),
            joinedload(Activity.project),
        )
    )
    if project is not None:
        statement = statement.where(Activity.project_id == project.id)
    return await newest_first(session, statement, Activity.id, window)
