"""Reports: how much gets finished, where tasks wait, who has how much to do. One statement each, by index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import distinct, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tracker.actors import Actor
from tracker.automation_models import TaskStateChange
from tracker.calendars import beginning, day_of
from tracker.models import Task, User
from tracker.removal import still_there

WEEKS = 8
STATE_DAYS = 90
MOST_OVERDUE = 50
OPEN = ("todo", "doing")


@dataclass(frozen=True)
class Week:
    """Tasks that were finished in a week; one that was finished twice in it counts once."""

    begins: date
    finished: int


@dataclass(frozen=True)
class Stay:
    """How long tasks were in a state, of those that left it within the last ``STATE_DAYS`` days."""

    state: str
    tasks: int
    mean_seconds: int


@dataclass(frozen=True)
class Load:
    """Open tasks of one person (or of nobody) with one priority."""

    assignee_id: str | None
    assignee: str | None
    priority: str
    tasks: int


@dataclass(frozen=True)
class Late:
    """An open task whose due date is over."""

    id: str
    title: str
    due_on: date


@dataclass(frozen=True)
class Report:
    """All of it."""

    throughput: Sequence[Week]
    time_in_state: Sequence[Stay]
    open_tasks: Sequence[Load]
    overdue: Sequence[Late]
    """The longest overdue first, at most ``MOST_OVERDUE`` of them."""
    overdue_count: int


async def report(session: AsyncSession, actor: Actor, moment: datetime) -> Report:
    """Return how the organisation is doing."""
    overdue, count = await _overdue(session, actor, moment)
    return Report(
        await _throughput(session, actor, moment),
        await _time_in_state(session, actor, moment),
        await _open_tasks(session, actor),
        overdue,
        count,
    )


async def _throughput(session: AsyncSession, actor: Actor, moment: datetime) -> list[Week]:
    organisation = actor.organisation
    today = day_of(organisation, moment)
    this_week = today - timedelta(days=today.weekday())
    days = [this_week - timedelta(weeks=back) for back in range(WEEKS)]
    at = TaskStateChange.at
    counts = [
        func.count(distinct(TaskStateChange.task_id)).filter(
            at >= beginning(organisation, day), at < beginning(organisation, day + timedelta(weeks=1))
        )
        for day in days
    ]
    statement = (
        select(*counts)
        .join(Task, Task.id == TaskStateChange.task_id)
        .where(
            TaskStateChange.organisation_id == organisation.id,
            TaskStateChange.after == "done",
            at >= beginning(organisation, days[-1]),
            still_there(Task.project_id),
        )
    )
    row = (await session.execute(statement)).one()
    return [Week(day, count) for day, count in zip(days, row, strict=True)]


async def _time_in_state(session: AsyncSession, actor: Actor, moment: datetime) -> list[Stay]:
    change = TaskStateChange
    statement = (
        select(change.before, func.count(), func.avg(change.seconds_before))
        .join(Task, Task.id == change.task_id)
        .where(
            change.organisation_id == actor.organisation.id,
            change.at >= moment - timedelta(days=STATE_DAYS),
            change.seconds_before.is_not(None),
            still_there(Task.project_id),
        )
        .group_by(change.before)
    )
    found = {state: (count, mean) for state, count, mean in await session.execute(statement)}
    return [
        Stay(state, found[state][0], round(found[state][1])) for state in (*OPEN, "done") if state in found
    ]


async def _open_tasks(session: AsyncSession, actor: Actor) -> list[Load]:
    # Counted in the order of the index, so that nothing is sorted but what is shown.
    counted = (
        select(Task.assignee_id, Task.priority, func.count().label("tasks"))
        .where(
            Task.organisation_id == actor.organisation.id,
            Task.status.in_(OPEN),
            still_there(Task.project_id),
        )
        .group_by(Task.organisation_id, Task.status, Task.assignee_id, Task.priority)
        .subquery("counted")
    )
    statement = (
        select(User.public_id, User.name, counted.c.priority, func.sum(counted.c.tasks))
        .select_from(counted)
        .outerjoin(User, User.id == counted.c.assignee_id)
        .group_by(User.id, User.public_id, User.name, counted.c.priority)
        .order_by(User.name, User.id, counted.c.priority)
    )
    return [Load(*row, int(tasks)) for *row, tasks in await session.execute(statement)]


async def _overdue(session: AsyncSession, actor: Actor, moment: datetime) -> tuple[list[Late], int]:
    statement = (
        select(Task.public_id, Task.title, Task.due_on, func.count().over())
        .where(
            Task.organisation_id == actor.organisation.id,
            Task.status.in_(OPEN),
            Task.due_on < day_of(actor.organisation, moment),
            still_there(Task.project_id),
        )
        .order_by(Task.due_on, Task.id)
        .limit(MOST_OVERDUE)
    )
    rows = (await session.execute(statement)).all()
    late = [Late(name, title, due_on) for name, title, due_on, _ in rows if due_on is not None]
    return late, rows[0][3] if rows else 0
