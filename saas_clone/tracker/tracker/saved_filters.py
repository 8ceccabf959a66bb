"""Filters of a project's list that people keep under a name, for themselves or for the team."""

import re
from collections.abc import Sequence
from urllib.parse import urlencode

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from tracker.actors import Actor
from tracker.errors import Conflict, NotFound
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.models import Project, SavedFilter
from tracker.removal import still_there
from tracker.tasks import STATUSES

MOST = 100
"""Per person and organisation."""
PARTS = ("status", "assignee", "label")
"""What the list's address holds of a filter."""


def checked(status: str, assignee: str, label: str) -> dict[str, str]:
    """Return the parts of a filter; what no list could hold means any."""
    known = re.compile(f"nobody|{PUBLIC_ID_PATTERN}")
    return {
        "status": status if status in STATUSES else "",
        "assignee": assignee if known.fullmatch(assignee) else "",
        "label": label if re.fullmatch(PUBLIC_ID_PATTERN, label) else "",
    }


def _visible(actor: Actor) -> Select[SavedFilter]:
    return (
        select(SavedFilter)
        .where(
            SavedFilter.organisation_id == actor.organisation.id,
            or_(SavedFilter.owner_id == actor.user.id, SavedFilter.shared),
            still_there(SavedFilter.project_id),
        )
        .options(joinedload(SavedFilter.project), joinedload(SavedFilter.owner))
    )


async def listed(
    session: AsyncSession, actor: Actor, project: Project | None = None
) -> Sequence[SavedFilter]:
    """List the actor's own and the shared filters by name: all, or those of one project."""
    statement = _visible(actor).order_by(SavedFilter.name, SavedFilter.id)
    if project is not None:
        statement = statement.where(SavedFilter.project_id == project.id)
    return (await session.scalars(statement)).all()


async def get(session: AsyncSession, actor: Actor, public_id: str) -> SavedFilter:
    """Find a filter that the actor can see."""
    found = await session.scalar(_visible(actor).where(SavedFilter.public_id == public_id))
    if found is None:
        raise NotFound
    return found


async def create(
    session: AsyncSession, actor: Actor, project: Project, name: str, wanted: dict[str, str], *, shared: bool
) -> SavedFilter:
    """Keep a filter; ``wanted`` has status, assignee and label as the list's address does."""
    own = select(func.count()).where(
        SavedFilter.organisation_id == actor.organisation.id, SavedFilter.owner_id == actor.user.id
    )
    if (await session.scalar(own) or 0) >= MOST:
        raise Conflict(f"You can have at most {MOST} saved filters. Delete one first.")
    saved = SavedFilter(
        organisation_id=actor.organisation.id,
        owner_id=actor.user.id,
        owner=actor.user,
        project_id=project.id,
        project=project,
        name=name,
        shared=shared,
        **wanted,
    )
    session.add(saved)
    await session.flush()
    return saved


async def change(
    session: AsyncSession, actor: Actor, saved: SavedFilter, name: str, *, shared: bool | None = None
) -> None:
    """Give a filter another name, or share it."""
    actor.require_author(saved.owner_id, "change a saved filter")
    saved.name = name
    if shared is not None:
        saved.shared = shared
    await session.flush()


async def remove(session: AsyncSession, actor: Actor, saved: SavedFilter) -> None:
    """Forget a filter."""
    actor.require_author(saved.owner_id, "delete a saved filter")
    await session.execute(delete(SavedFilter).where(SavedFilter.id == saved.id))


def address(saved: SavedFilter) -> str:
    """Return the path of the list that a filter shows."""
    query = urlencode({part: getattr(saved, part) for part in PARTS if getattr(saved, part)})
    path = f"/projects/{saved.project.public_id}"
    return f"{path}?{query}" if query else path
