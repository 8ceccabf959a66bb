"""Reading a task from a form or from JSON."""

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from tracker import tasks, teams
from tracker.actors import Actor
from tracker.errors import NotFound
from tracker.fields import Fields

MOST_TITLE = 200
MOST_DESCRIPTION = 20_000
MOST_COMMENT = 10_000


async def read_draft(session: AsyncSession, actor: Actor, fields: Fields) -> tasks.Draft:
    """Read a whole task; fields that are absent have their usual values."""
    return tasks.Draft(**await read_changes(session, actor, fields, TASK_FIELDS))


async def read_changes(
    session: AsyncSession, actor: Actor, fields: Fields, names: Collection[str]
) -> dict[str, Any]:
    """Read those fields of a task that ``names`` lists, and refuse if any is wrong."""
    changes = {name: read(fields) for name, read in _READERS.items() if name in names}
    if "assignee" in names:
        changes["assignee_id"] = await _assignee(session, actor, fields)
    fields.finish()
    return changes


_READERS: dict[str, Callable[[Fields], Any]] = {
    "title": lambda fields: fields.text("title", "Title", most=MOST_TITLE),
    "description": lambda fields: fields.text(
        "description", "Description", most=MOST_DESCRIPTION, least=0, lines=True
    ),
    "status": lambda fields: fields.choice("status", "Status", tasks.STATUSES, "todo"),
    "priority": lambda fields: fields.choice("priority", "Priority", tasks.PRIORITIES, "normal"),
    "due_on": lambda fields: fields.day("due_on", "Due date"),
}


TASK_FIELDS = frozenset({*_READERS, "assignee"})
"""What can be written about a task, by the names of forms and JSON."""


async def _assignee(session: AsyncSession, actor: Actor, fields: Fields) -> int | None:
    public_id = fields.reference("assignee", "Assignee")
    if public_id is None:
        return None
    try:
        return (await teams.get(session, actor, public_id)).user_id
    except NotFound:
        fields.reject("assignee", "Assignee must be a member of the team")
        return None
