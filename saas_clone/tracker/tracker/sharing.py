"""Share links: one task, or one project's tasks, for people without an account, who can only read."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from tracker import audit
from tracker.actors import Actor
from tracker.errors import Conflict, NotFound
from tracker.ids import fingerprint, new_secret
from tracker.models import Comment, Project, ShareLink, Task, now
from tracker.paging import Page, Window, newest_first
from tracker.removal import removed, still_there, still_there_or_none

MOST = 200
"""Links of an organisation at one time."""


async def listed(session: AsyncSession, actor: Actor, window: Window) -> Page[ShareLink]:
    """List the links of the organisation, those too that have expired."""
    return await newest_first(session, _own(actor), ShareLink.id, window)


async def of_task(session: AsyncSession, actor: Actor, task: Task) -> list[ShareLink]:
    """List the links to a task, the newest first."""
    statement = _own(actor).where(ShareLink.task_id == task.id).order_by(ShareLink.id.desc())
    return list((await session.scalars(statement)).all())


async def of_project(session: AsyncSession, actor: Actor, project: Project) -> list[ShareLink]:
    """List the links to a project's tasks, the newest first."""
    statement = _own(actor).where(ShareLink.project_id == project.id).order_by(ShareLink.id.desc())
    return list((await session.scalars(statement)).all())


def _own(actor: Actor) -> Select[ShareLink]:
    return (
        select(ShareLink)
        .where(ShareLink.organisation_id == actor.organisation.id, *_shows_something())
        .options(joinedload(ShareLink.creator), joinedload(ShareLink.task), joinedload(ShareLink.project))
    )


def _shows_something() -> tuple[ColumnElement[bool], ...]:
    """Leave out links to deleted projects and to what lies in them."""
    gone = select(Task.id).where(Task.id == ShareLink.task_id, Task.project_id.in_(removed())).exists()
    return still_there_or_none(ShareLink.project_id), ~gone


async def create(
    session: AsyncSession,
    actor: Actor,
    shared: Task | Project,
    *,
    with_comments: bool = False,
    last_day: date | None = None,
) -> tuple[ShareLink, str]:
    """Make a link and return it with its secret, which we do not keep. It ends with ``last_day`` (UTC)."""
    count = select(func.count()).where(ShareLink.organisation_id == actor.organisation.id)
    if (await session.scalar(count) or 0) >= MOST:
        raise Conflict(f"There are {MOST} share links. Revoke some first.")
    secret = new_secret()
    link = ShareLink(
        organisation_id=actor.organisation.id,
        fingerprint=fingerprint(secret),
        creator_id=actor.user.id,
        creator=actor.user,
        task=shared if isinstance(shared, Task) else None,
        project=shared if isinstance(shared, Project) else None,
        with_comments=with_comments,
        expires_at=None if last_day is None else _end_of(last_day),
    )
    session.add(link)
    audit.record(session, actor, "share", name_of(link))
    await session.flush()
    return link, secret


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(days=1)


def name_of(link: ShareLink) -> str:
    """Return what a link shows, by name."""
    if link.task is not None:
        return link.task.title
    return link.project.name if link.project is not None else ""


async def get(session: AsyncSession, actor: Actor, public_id: str) -> ShareLink:
    """Find a link of the actor's organisation."""
    link = await session.scalar(_own(actor).where(ShareLink.public_id == public_id))
    if link is None:
        raise NotFound
    return link


async def revoke(session: AsyncSession, actor: Actor, link: ShareLink) -> None:
    """End a link at once."""
    actor.require_author(link.creator_id, "revoke a share link")
    audit.record(session, actor, "share-revoked", name_of(link))
    await session.execute(delete(ShareLink).where(ShareLink.id == link.id))


async def opened(session: AsyncSession, secret: str) -> ShareLink:
    """Find the link that somebody without an account has opened."""
    link = await session.scalar(
        select(ShareLink)
        .where(
            ShareLink.fingerprint == fingerprint(secret),
            or_(ShareLink.expires_at.is_(None), ShareLink.expires_at > now()),
            *_shows_something(),
        )
        .options(joinedload(ShareLink.project), joinedload(ShareLink.task).selectinload(Task.labels))
    )
    if link is None:
        raise NotFound("This link does not work (any more).")
    return link


async def tasks_of(session: AsyncSession, link: ShareLink, window: Window) -> Page[Task]:
    """List the tasks of a shared project."""
    statement = (
        select(Task)
        .where(
            Task.project_id == link.project_id,
            Task.organisation_id == link.organisation_id,
            still_there(Task.project_id),
        )
        .options(selectinload(Task.labels))
    )
    return await newest_first(session, statement, Task.id, window)


async def comments_of(session: AsyncSession, link: ShareLink, window: Window) -> Page[Comment]:
    """List the comments on a shared task; none unless they were to be shown."""
    if not link.with_comments:
        return Page([], None)
    statement = select(Comment).where(Comment.task_id == link.task_id).options(joinedload(Comment.author))
    return await newest_first(session, statement, Comment.id, window)
