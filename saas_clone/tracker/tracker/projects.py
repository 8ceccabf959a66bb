"""Projects."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from tracker import activity
from tracker.actors import Actor
from tracker.errors import Conflict, NotFound
from tracker.models import Notification, Project, Task, now
from tracker.paging import Page, Window, newest_first

MOST_OFFERED = 500


async def listed(
    session: AsyncSession, actor: Actor, window: Window, *, archived: bool = False
) -> Page[Project]:
    """List the active projects, or the archived ones."""
    state = Project.archived_at.is_not(None) if archived else Project.archived_at.is_(None)
    statement = select(Project).where(
        Project.organisation_id == actor.organisation.id, Project.removed_at.is_(None), state
    )
    return await newest_first(session, statement, Project.id, window)


async def get(session: AsyncSession, actor: Actor, public_id: str) -> Project:
    """Find a project of the actor's organisation."""
    project = await session.scalar(
        select(Project).where(
            Project.public_id == public_id,
            Project.organisation_id == actor.organisation.id,
            Project.removed_at.is_(None),
        )
    )
    if project is None:
        raise NotFound
    return project


async def create(session: AsyncSession, actor: Actor, name: str) -> Project:
    """Start a project."""
    project = Project(organisation_id=actor.organisation.id, name=name)
    session.add(project)
    await session.flush()
    activity.record_project(session, actor, "created project", project)
    return project


async def rename(session: AsyncSession, actor: Actor, project: Project, name: str) -> None:
    """Give a project another name."""
    project.name = name
    activity.record_project(session, actor, "renamed project", project)
    await session.flush()


async def archive(session: AsyncSession, actor: Actor, project: Project) -> None:
    """Put a project away. It can be read and restored; it takes no new tasks."""
    if project.archived_at is None:
        project.archived_at = now()
        activity.record_project(session, actor, "archived project", project)
    await session.flush()


async def restore(session: AsyncSession, actor: Actor, project: Project) -> None:
    """Take a project out of the archive."""
    if project.archived_at is not None:
        project.archived_at = None
        activity.record_project(session, actor, "restored project", project)
    await session.flush()


async def remove(session: AsyncSession, actor: Actor, project: Project) -> None:
    """Delete a project with everything in it: nobody sees it any more; the job ``cleanup`` does the rest."""
    actor.require_manager("delete projects")
    project.removed_at = now()
    own = select(Task.id).where(Task.project_id == project.id)
    await session.execute(delete(Notification).where(Notification.task_id.in_(own)))
    activity.record(session, actor, "deleted project", project.name)
    await session.flush()


async def active(session: AsyncSession, actor: Actor) -> Sequence[Project]:
    """List the active projects by name, for a select: at most ``MOST_OFFERED`` of them, the newest."""
    statement = (
        select(Project)
        .where(
            Project.organisation_id == actor.organisation.id,
            Project.removed_at.is_(None),
            Project.archived_at.is_(None),
        )
        .order_by(Project.id.desc())
        .limit(MOST_OFFERED)
    )
    return sorted(await session.scalars(statement), key=lambda project: project.name.casefold())


def require_active(project: Project) -> None:
    """Refuse new work in an archived project."""
    if project.archived_at is not None:
        raise Conflict("This project is archived. Restore it before you add tasks.")
