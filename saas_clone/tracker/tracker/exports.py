"""Exports: tasks as CSV or JSON, everything of an organisation as JSON. Written as they are read."""

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from tracker.actors import Actor
from tracker.automation_models import ImportedTask, RecurringTask
from tracker.models import Attachment, Comment, Label, Membership, Project, Task
from tracker.removal import still_there
from tracker.tasks import Filter, narrowed

BATCH = 500
COLUMNS = (
    "ID",
    "External ID",
    "Project",
    "Title",
    "Description",
    "Status",
    "Priority",
    "Assignee",
    "Due date",
    "Labels",
    "Created",
    "Updated",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to spreadsheets: it could send what is around it anywhere."""


def plain_cell(text: str) -> str:
    """Return a text that spreadsheets show and do not calculate."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def original_text(cell: str) -> str:
    """Undo ``plain_cell``."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


async def tasks_as_csv(session: AsyncSession, actor: Actor, wanted: Filter) -> AsyncIterator[str]:
    """Write tasks, the oldest first, with a heading."""
    yield _lines([COLUMNS])
    async for batch, elsewhere in _tasks(session, actor, wanted):
        yield _lines([tuple(map(plain_cell, _row(task, elsewhere.get(task.id, "")))) for task in batch])


def _lines(rows: Sequence[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()


def _row(task: Task, external_id: str) -> tuple[str, ...]:
    return (
        task.public_id,
        external_id,
        task.project.name,
        task.title,
        task.description,
        task.status,
        task.priority,
        task.assignee.email if task.assignee else "",
        task.due_on.isoformat() if task.due_on else "",
        "; ".join(label.name for label in task.labels),
        task.created_at.isoformat(),
        task.updated_at.isoformat(),
    )


async def tasks_as_json(session: AsyncSession, actor: Actor, wanted: Filter) -> AsyncIterator[str]:
    """Write tasks, the oldest first, as one object with a list."""
    yield '{"tasks": ['
    async for piece in _list(_described(session, actor, wanted)):
        yield piece
    yield "]}\n"


async def organisation_as_json(session: AsyncSession, actor: Actor) -> AsyncIterator[str]:
    """Write everything that an organisation has stored, for its owners. Files are named, not contained."""
    organisation = actor.organisation
    about = {
        "id": organisation.public_id,
        "name": organisation.name,
        "plan": organisation.plan,
        "seats": organisation.seats,
        "time_zone": organisation.time_zone,
        "created_at": organisation.created_at.isoformat(),
    }
    yield f'{{"organisation": {json.dumps(about)}'
    sections = {
        "members": _members(session, actor),
        "labels": _labels(session, actor),
        "projects": _projects(session, actor),
        "recurring_tasks": _recurring(session, actor),
        "tasks": _described(session, actor, Filter()),
        "comments": _comments(session, actor),
        "attachments": _attachments(session, actor),
    }
    for name, rows in sections.items():
        yield f', "{name}": ['
        async for piece in _list(rows):
            yield piece
        yield "]"
    yield "}\n"


async def _list(rows: AsyncIterator[dict[str, Any]]) -> AsyncIterator[str]:
    separator = "\n"
    async for row in rows:
        yield separator + json.dumps(row)
        separator = ",\n"


async def _tasks(
    session: AsyncSession, actor: Actor, wanted: Filter
) -> AsyncIterator[tuple[Sequence[Task], dict[int, str]]]:
    """Yield batches of tasks, and what those of the batch are called elsewhere."""
    statement = (
        select(Task)
        .where(Task.organisation_id == actor.organisation.id, still_there(Task.project_id))
        .options(joinedload(Task.project), joinedload(Task.assignee), selectinload(Task.labels))
    )
    async for rows in _batches(session, narrowed(statement, wanted), Task.id):
        batch = [row[0] for row in rows]
        named = await session.execute(
            select(ImportedTask.task_id, ImportedTask.external_id).where(
                ImportedTask.task_id.in_([task.id for task in batch])
            )
        )
        yield batch, {task_id: external_id for task_id, external_id in named}


async def _batches(
    session: AsyncSession, statement: Select[*tuple[Any, ...]], key: InstrumentedAttribute[int]
) -> AsyncIterator[Sequence[Any]]:
    """Yield all rows in the order of an integer key, some at a time; what was written out is forgotten."""
    after = 0
    while True:
        rows = (
            await session.execute(
                statement.add_columns(key.label("batch_key")).where(key > after).order_by(key).limit(BATCH)
            )
        ).all()
        if not rows:
            return
        yield rows
        after = rows[-1].batch_key
        for row in rows:
            session.expunge(row[0])


async def _described(session: AsyncSession, actor: Actor, wanted: Filter) -> AsyncIterator[dict[str, Any]]:
    async for batch, elsewhere in _tasks(session, actor, wanted):
        for task in batch:
            yield {
                "id": task.public_id,
                "external_id": elsewhere.get(task.id),
                "project_id": task.project.public_id,
                "project": task.project.name,
                "title": task.title,
                "description": task.description,
                "status": task.status,
                "priority": task.priority,
                "assignee": task.assignee.email if task.assignee else None,
                "due_on": task.due_on.isoformat() if task.due_on else None,
                "labels": [label.name for label in task.labels],
                "version": task.version,
                "created_at": task.created_at.isoformat(),
                "updated_at": task.updated_at.isoformat(),
            }


async def _members(session: AsyncSession, actor: Actor) -> AsyncIterator[dict[str, Any]]:
    statement = (
        select(Membership)
        .where(Membership.organisation_id == actor.organisation.id)
        .options(joinedload(Membership.user))
        .order_by(Membership.user_id)
    )
    for membership in (await session.scalars(statement)).all():
        user = membership.user
        yield {"id": user.public_id, "name": user.name, "email": user.email, "role": membership.role}


async def _labels(session: AsyncSession, actor: Actor) -> AsyncIterator[dict[str, Any]]:
    statement = select(Label).where(Label.organisation_id == actor.organisation.id).order_by(Label.id)
    for label in (await session.scalars(statement)).all():
        yield {"id": label.public_id, "name": label.name, "colour": label.colour}


async def _projects(session: AsyncSession, actor: Actor) -> AsyncIterator[dict[str, Any]]:
    here = Project.organisation_id == actor.organisation.id
    statement = select(Project).where(here, Project.removed_at.is_(None))
    async for rows in _batches(session, statement, Project.id):
        for project, _ in rows:
            yield {
                "id": project.public_id,
                "name": project.name,
                "archived": project.archived_at is not None,
                "created_at": project.created_at.isoformat(),
            }


async def _recurring(session: AsyncSession, actor: Actor) -> AsyncIterator[dict[str, Any]]:
    statement = (
        select(RecurringTask)
        .where(RecurringTask.organisation_id == actor.organisation.id, still_there(RecurringTask.project_id))
        .options(joinedload(RecurringTask.project))
        .order_by(RecurringTask.id)
    )
    for found in (await session.scalars(statement)).all():
        yield {
            "id": found.public_id,
            "project_id": found.project.public_id,
            "title": found.title,
            "description": found.description,
            "priority": found.priority,
            "frequency": found.frequency,
            "weekdays": [int(digit) for digit in found.weekdays],
            "month_day": found.month_day,
            "next_on": found.next_on.isoformat(),
        }


async def _comments(session: AsyncSession, actor: Actor) -> AsyncIterator[dict[str, Any]]:
    statement = (
        select(Comment, Task.public_id)
        .join(Task, Task.id == Comment.task_id)
        .where(Comment.organisation_id == actor.organisation.id, still_there(Task.project_id))
        .options(joinedload(Comment.author))
    )
    async for rows in _batches(session, statement, Comment.id):
        for comment, task, _ in rows:
            yield {
                "id": comment.public_id,
                "task_id": task,
                "author": comment.author.email if comment.author else None,
                "body": comment.body,
                "created_at": comment.created_at.isoformat(),
            }


async def _attachments(session: AsyncSession, actor: Actor) -> AsyncIterator[dict[str, Any]]:
    statement = (
        select(Attachment, Task.public_id)
        .join(Task, Task.id == Attachment.task_id)
        .where(Attachment.organisation_id == actor.organisation.id, still_there(Task.project_id))
    )
    async for rows in _batches(session, statement, Attachment.id):
        for file, task, _ in rows:
            yield {
                "id": file.public_id,
                "task_id": task,
                "file_name": file.file_name,
                "size": file.size,
                "address": f"/attachments/{file.public_id}",
            }
