"""Tasks: list, create, change, delete."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.exc import StaleDataError

from tracker import activity, attachments, notifications, projects, search, states, webhooks
from tracker.actors import Actor
from tracker.errors import NotFound, Stale
from tracker.models import Attachment, Label, Project, Task, TaskLabel, User, now
from tracker.paging import Page, Window, newest_first
from tracker.removal import still_there

Row = TypeVar("Row")

STATUSES = ("todo", "doing", "done")
PRIORITIES = ("low", "normal", "high", "urgent")


@dataclass(frozen=True)
class Draft:
    """What people write about a task. ``assignee_id`` is the key of a member, already checked."""

    title: str
    description: str = ""
    status: str = "todo"
    priority: str = "normal"
    assignee_id: int | None = None
    due_on: date | None = None

    @classmethod
    def of(cls, task: Task) -> "Draft":
        """Return what a task says now."""
        return cls(task.title, task.description, task.status, task.priority, task.assignee_id, task.due_on)


@dataclass(frozen=True)
class Filter:
    """Which tasks to list; ``None`` means any."""

    project_id: int | None = None
    status: str | None = None
    assignee_id: int | None = None
    unassigned: bool = False
    label_id: int | None = None
    open_only: bool = False

    @classmethod
    def read(
        cls,
        project_id: int,
        status: str,
        assignee: str,
        label: str,
        members: Iterable[User],
        labels: Iterable[Label],
    ) -> "Filter":
        """Read the filter of a project's list as its address has it."""
        return cls(
            project_id=project_id,
            status=status if status in STATUSES else None,
            unassigned=assignee == "nobody",
            # Key 0 belongs to nobody: an unknown member or label has no tasks.
            assignee_id=next((x.id for x in members if x.public_id == assignee), 0) if assignee else None,
            label_id=next((x.id for x in labels if x.public_id == label), 0) if label else None,
        )


async def listed(session: AsyncSession, actor: Actor, wanted: Filter, window: Window) -> Page[Task]:
    """List tasks of the organisation with their projects, assignees and labels: two queries in all."""
    statement = (
        select(Task)
        .where(Task.organisation_id == actor.organisation.id, still_there(Task.project_id))
        .options(joinedload(Task.project), joinedload(Task.assignee), selectinload(Task.labels))
    )
    # A label's tasks by the label's own list: a rare one is found without reading the tasks that lack it.
    key = Task.id if wanted.label_id is None else TaskLabel.task_id
    return await newest_first(session, narrowed(statement, wanted), key, window)


def narrowed(statement: Select[Row], wanted: Filter) -> Select[Row]:
    """Limit a statement over tasks to those that are wanted."""
    if wanted.project_id is not None:
        statement = statement.where(Task.project_id == wanted.project_id)
    if wanted.status is not None:
        statement = statement.where(Task.status == wanted.status)
    if wanted.open_only:
        statement = statement.where(Task.status != "done")
    if wanted.unassigned:
        statement = statement.where(Task.assignee_id.is_(None))
    elif wanted.assignee_id is not None:
        statement = statement.where(Task.assignee_id == wanted.assignee_id)
    if wanted.label_id is not None:
        statement = statement.join(TaskLabel, TaskLabel.task_id == Task.id).where(
            TaskLabel.label_id == wanted.label_id
        )
    return statement


async def get(session: AsyncSession, actor: Actor, public_id: str) -> Task:
    """Find a task of the actor's organisation, with what a page or an answer shows of it."""
    task = await session.scalar(
        select(Task)
        .where(
            Task.public_id == public_id,
            Task.organisation_id == actor.organisation.id,
            still_there(Task.project_id),
        )
        .options(
            joinedload(Task.project),
            joinedload(Task.assignee),
            joinedload(Task.creator),
            selectinload(Task.labels),
        )
    )
    if task is None:
        raise NotFound
    return task


async def create(session: AsyncSession, actor: Actor, project: Project, draft: Draft) -> Task:
    """Add a task to an active project."""
    projects.require_active(project)
    task = Task(
        organisation_id=actor.organisation.id,
        project_id=project.id,
        creator_id=actor.user.id,
        **vars(draft),
    )
    session.add(task)
    await session.flush()
    search.add_task(session, task)
    activity.record_task(session, actor, "created task", task)
    states.begin(session, task)
    if task.assignee_id is not None:
        await session.refresh(task, ["assignee"])
        await notifications.assigned(session, actor, task)
    await webhooks.announce(session, actor, "task.created", task)
    return task


async def change(session: AsyncSession, actor: Actor, task: Task, version: int, **changes: Any) -> None:
    """Change some fields of a task that the client read at ``version``.

    Raises ``Stale`` when somebody changed it since, and changes nothing.
    """
    if task.version != version:
        raise Stale
    changed = {name: value for name, value in changes.items() if getattr(task, name) != value}
    if not changed:
        return
    before = task.status
    for name, value in changed.items():
        setattr(task, name, value)
    task.updated_at = now()
    try:
        await session.flush()
    except StaleDataError:
        raise Stale from None
    if "assignee_id" in changed:
        await session.refresh(task, ["assignee"])
        await notifications.assigned(session, actor, task)
    if changed.keys() & {"title", "description"}:
        await search.rebuild(session, task)
    if "status" in changed:
        await states.move(session, task, before)
    activity.record_task(session, actor, _verb(changed), task)
    finished = changed.get("status") == "done"
    await webhooks.announce(session, actor, "task.finished" if finished else "task.changed", task)


def _verb(changed: dict[str, Any]) -> str:
    if changed.get("status") == "done":
        return "finished task"
    return "moved task" if changed.keys() == {"status"} else "changed task"


async def remove(session: AsyncSession, actor: Actor, task: Task) -> None:
    """Delete a task with its comments and files."""
    actor.require_author(task.creator_id, "delete a task")
    files = await session.scalars(select(Attachment.public_id).where(Attachment.task_id == task.id))
    attachments.discard_after_commit(session, files.all())
    activity.record_task(session, actor, "deleted task", task, gone=True)
    await session.execute(delete(Task).where(Task.id == task.id))
