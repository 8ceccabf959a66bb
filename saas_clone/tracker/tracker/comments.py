"""Comments on tasks."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from tracker import activity, notifications, search, webhooks
from tracker.actors import Actor
from tracker.errors import NotFound
from tracker.models import Comment, Task
from tracker.paging import Page, Window, newest_first


async def listed(session: AsyncSession, task: Task, window: Window) -> Page[Comment]:
    """List the comments of a task, the newest first."""
    statement = select(Comment).where(Comment.task_id == task.id).options(joinedload(Comment.author))
    return await newest_first(session, statement, Comment.id, window)


async def create(session: AsyncSession, actor: Actor, task: Task, body: str) -> Comment:
    """Say something about a task."""
    comment = Comment(
        organisation_id=task.organisation_id,
        task_id=task.id,
        author_id=actor.user.id,
        author=actor.user,
        body=body,
    )
    session.add(comment)
    activity.record_task(session, actor, "commented on task", task)
    await search.add_comment(session, task, body)
    await notifications.mentioned(session, actor, task, body)
    await session.flush()
    await webhooks.announce(session, actor, "comment.added", task, comment)
    return comment


async def get(session: AsyncSession, actor: Actor, task: Task, public_id: str) -> Comment:
    """Find one comment of a task."""
    comment = await session.scalar(
        select(Comment).where(
            Comment.public_id == public_id,
            Comment.task_id == task.id,
            Comment.organisation_id == actor.organisation.id,
        )
    )
    if comment is None:
        raise NotFound
    return comment


async def remove(session: AsyncSession, actor: Actor, task: Task, comment: Comment) -> None:
    """Delete a comment."""
    actor.require_author(comment.author_id, "delete a comment")
    await session.execute(delete(Comment).where(Comment.id == comment.id))
    await search.rebuild(session, task)
