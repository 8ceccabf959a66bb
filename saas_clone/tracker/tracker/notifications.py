"""What one person should know."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from tracker import letters, mail, mail_preferences, mentions, teams
from tracker.actors import Actor
from tracker.errors import NotFound
from tracker.models import Notification, Task, User, now
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


async def mark_read(session: AsyncSession, actor: Actor, public_id: str) -> None:
    """Mark one notification as read."""
    found = await session.scalar(
        select(Notification).where(
            Notification.public_id == public_id,
            Notification.user_id == actor.user.id,
            Notification.organisation_id == actor.organisation.id,
        )
    )
    if found is None:
        raise NotFound
    found.read_at = found.read_at or now()


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


async def assigned(session: AsyncSession, actor: Actor, task: Task) -> None:
    """Tell the assignee, whom the caller has loaded, that a task is theirs now; nobody tells themselves."""
    reader = task.assignee
    if reader is None or reader.id == actor.user.id:
        return
    _add(session, reader, "assigned", f"{actor.user.name} assigned you:", task)
    if "assignments" in await mail_preferences.wanted(session, reader):
        mail.send_after_commit(session, letters.assigned(reader, actor.user, task))


async def mentioned(session: AsyncSession, actor: Actor, task: Task, body: str) -> None:
    """Tell the members whom a comment names."""
    if "@" not in body:
        return
    for reader in mentions.mentioned(body, await teams.names(session, actor)):
        if reader.id == actor.user.id:
            continue
        _add(session, reader, "mention", f"{actor.user.name} mentioned you:", task)
        if "mentions" in await mail_preferences.wanted(session, reader):
            mail.send_after_commit(session, letters.mentioned(reader, actor.user, task, body))


def _add(session: AsyncSession, reader: User, kind: str, text: str, task: Task) -> None:
    session.add(
        Notification(
            organisation_id=task.organisation_id,
            user_id=reader.id,
            kind=kind,
            text=text,
            task_id=task.id,
        )
    )
