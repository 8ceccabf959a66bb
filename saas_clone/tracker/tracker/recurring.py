"""Recurring tasks: listed, made, stopped, and turned into tasks on their days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from tracker import activity, projects, tasks
from tracker.actors import Actor
from tracker.automation_models import Occurrence, RecurringTask
from tracker.calendars import day_of
from tracker.errors import Conflict, NotFound
from tracker.models import Membership, Organisation, Project, User
from tracker.paging import Page, Window, newest_first
from tracker.recurrence import Rule
from tracker.removal import still_there

MOST_RECURRING = 200
"""Per organisation."""


@dataclass(frozen=True)
class Draft:
    """What people write about a recurring task. ``first_on`` is where the rule begins to count."""

    title: str
    description: str
    priority: str
    assignee_id: int | None
    rule: Rule
    first_on: date


async def listed(session: AsyncSession, actor: Actor, window: Window) -> Page[RecurringTask]:
    """List the recurring tasks, the newest first."""
    statement = (
        select(RecurringTask)
        .where(RecurringTask.organisation_id == actor.organisation.id, still_there(RecurringTask.project_id))
        .options(joinedload(RecurringTask.project), joinedload(RecurringTask.assignee))
    )
    return await newest_first(session, statement, RecurringTask.id, window)


async def get(session: AsyncSession, actor: Actor, public_id: str) -> RecurringTask:
    """Find a recurring task of the actor's organisation."""
    found = await session.scalar(
        select(RecurringTask)
        .where(
            RecurringTask.public_id == public_id,
            RecurringTask.organisation_id == actor.organisation.id,
            still_there(RecurringTask.project_id),
        )
        .options(joinedload(RecurringTask.project), joinedload(RecurringTask.assignee))
    )
    if found is None:
        raise NotFound
    return found


async def create(session: AsyncSession, actor: Actor, project: Project, draft: Draft) -> RecurringTask:
    """Begin to repeat a task."""
    projects.require_active(project)
    here = RecurringTask.organisation_id == actor.organisation.id
    if (await session.scalar(select(func.count(RecurringTask.id)).where(here)) or 0) >= MOST_RECURRING:
        raise Conflict(f"An organisation can have at most {MOST_RECURRING} recurring tasks.")
    made = RecurringTask(
        organisation_id=actor.organisation.id,
        project_id=project.id,
        creator_id=actor.user.id,
        title=draft.title,
        description=draft.description,
        priority=draft.priority,
        assignee_id=draft.assignee_id,
        frequency=draft.rule.frequency,
        weekdays="".join(map(str, sorted(draft.rule.weekdays))),
        month_day=draft.rule.month_day if draft.rule.frequency == "monthly" else None,
        next_on=draft.rule.first_from(draft.first_on),
    )
    session.add(made)
    activity.record(session, actor, "set up recurring task", made.title)
    await session.flush()
    return await get(session, actor, made.public_id)


async def remove(session: AsyncSession, actor: Actor, found: RecurringTask) -> None:
    """Stop to repeat it. Tasks that were made stay."""
    actor.require_author(found.creator_id, "delete a recurring task")
    await session.execute(delete(RecurringTask).where(RecurringTask.id == found.id))


def rule_of(found: RecurringTask) -> Rule:
    """Return when it is due."""
    return Rule(found.frequency, tuple(map(int, found.weekdays)), found.month_day or 1)


async def due(session: AsyncSession, until: date, after: int, most: int) -> Sequence[RecurringTask]:
    """Find those that may be due by then, of all organisations, by key."""
    statement = (
        select(RecurringTask)
        .where(
            RecurringTask.next_on <= until, RecurringTask.id > after, still_there(RecurringTask.project_id)
        )
        .options(joinedload(RecurringTask.project))
        .order_by(RecurringTask.id)
        .limit(most)
    )
    return (await session.scalars(statement)).all()


async def make_due(session: AsyncSession, found: RecurringTask, moment: datetime) -> bool:
    """Make the task if its day has come, and tell whether it was. Missed days are not made up for."""
    organisation = (
        await session.scalars(select(Organisation).where(Organisation.id == found.organisation_id))
    ).one()
    today, day = day_of(organisation, moment), found.next_on
    if day > today:
        return False
    found.next_on = rule_of(found).after(today)
    actor = await _maker(session, found, organisation)
    already = await session.get(Occurrence, (found.id, day)) is not None
    if already or actor is None or found.project.archived_at is not None:
        return False
    draft = tasks.Draft(
        title=found.title,
        description=found.description,
        priority=found.priority,
        assignee_id=await _assignee(session, found),
        due_on=day,
    )
    task = await tasks.create(session, actor, found.project, draft)
    session.add(Occurrence(recurring_task_id=found.id, day=day, task_id=task.id))
    return True


async def _maker(session: AsyncSession, found: RecurringTask, organisation: Organisation) -> Actor | None:
    """Return in whose name the task is made: its author's, or, once they have left, an owner's."""
    row = (
        await session.execute(
            select(User, Membership.role)
            .join(Membership, Membership.user_id == User.id)
            .where(Membership.organisation_id == organisation.id)
            .where((User.id == found.creator_id) | (Membership.role == "owner"))
            .order_by((User.id == found.creator_id).desc(), User.id)
            .limit(1)
        )
    ).one_or_none()
    return None if row is None else Actor(row[0], organisation, row[1])


async def _assignee(session: AsyncSession, found: RecurringTask) -> int | None:
    """Return whom it is for, if they are still here."""
    if found.assignee_id is None:
        return None
    return await session.scalar(
        select(Membership.user_id).where(
            Membership.user_id == found.assignee_id, Membership.organisation_id == found.organisation_id
        )
    )
