"""One change to several tasks: all of them, or none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from tracker import labels, tasks
from tracker.actors import Actor
from tracker.errors import NotFound, Stale
from tracker.models import Label, Task
from tracker.removal import still_there

MOST_TASKS = 100


@dataclass(frozen=True)
class Edit:
    """What to do with each task. ``changes`` are fields as in ``tasks.change``."""

    changes: Mapping[str, Any]
    label: Label | None = None
    delete: bool = False


async def apply(session: AsyncSession, actor: Actor, picked: Mapping[str, int], edit: Edit) -> list[Task]:
    """Change the tasks that the client has read in these versions, by public id.

    Raises ``Stale`` when any of them was changed since, and changes nothing (the request is rolled back).
    """
    found = await _find(session, actor, picked)
    if any(task.version != picked[task.public_id] for task in found):
        raise Stale
    for task in found:
        if edit.delete:
            await tasks.remove(session, actor, task)
            continue
        await tasks.change(session, actor, task, task.version, **edit.changes)
        if edit.label is not None:
            await labels.put_on(session, actor, task, edit.label)
            await session.refresh(task, ["labels"])
    return [] if edit.delete else found


async def _find(session: AsyncSession, actor: Actor, picked: Mapping[str, int]) -> list[Task]:
    statement = (
        select(Task)
        .where(
            Task.public_id.in_(picked),
            Task.organisation_id == actor.organisation.id,
            still_there(Task.project_id),
        )
        .options(joinedload(Task.project), joinedload(Task.assignee), selectinload(Task.labels))
        .order_by(Task.id)
    )
    found = list(await session.scalars(statement))
    if len(found) != len(picked):
        raise NotFound("Some of these tasks are not there any more. Nothing was changed.")
    return found
