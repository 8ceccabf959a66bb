"""What one person should know."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from tracker.actors import Actor
from tracker.models import Notification, Task, now
from tracker.paging import Page, Window, newest_first


async def listed(session: AsyncSession, actor: Actor, window: Window) -> Page[Notification]:
    """List the actor's own notifications."""
    statement = (
        select(Notification)
        .where(
            Notification.user_id == actor.user.id,
            Notification.organisation_id == actor.organisation.id,
        )
        .options(joinedload(Notification.task).load_only(Task.public_id, Task.title))
    )
    return await newest_first(session, statement, Notification.id, window)


async def mark_all_read(session: AsyncSession, actor: Actor) -> None:
    """Mark everything as read."""
    await session.execute(
        update(Notification)
        .where(
            Notification.user_id == actor.user.id,
            Notification.organisation_id == actor.organisation.id,
            Notification.read_at.is_(None),
        )
        .values(read_at=now())
    )
