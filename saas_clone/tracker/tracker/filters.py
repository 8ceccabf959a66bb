"""Which tasks a client asks for, in words that an address can hold."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from tracker import labels, projects, tasks, teams
from tracker.actors import Actor
from tracker.errors import Invalid

NAMES = ("project", "status", "assignee", "label")


async def read_filter(session: AsyncSession, actor: Actor, query: Mapping[str, str]) -> tasks.Filter:
    """Read public ids (``nobody`` for the assignee is possible) and a status; what is empty does not narrow.

    Raises ``Invalid`` or ``NotFound`` for what there is not.
    """
    project, status, assignee, label = (query.get(name, "") for name in NAMES)
    if status and status not in tasks.STATUSES:
        raise Invalid({"status": f"status must be one of {', '.join(tasks.STATUSES)}"})
    member = assignee if assignee != "nobody" else ""
    return tasks.Filter(
        project_id=(await projects.get(session, actor, project)).id if project else None,
        status=status or None,
        unassigned=assignee == "nobody",
        assignee_id=(await teams.get(session, actor, member)).user_id if member else None,
        label_id=(await labels.get(session, actor, label)).id if label else None,
    )
