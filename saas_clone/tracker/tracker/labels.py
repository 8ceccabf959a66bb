"""Labels: an organisation's own words to sort tasks by."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tracker import activity
from tracker.actors import Actor
from tracker.errors import Conflict, NotFound
from tracker.models import Label, Task, TaskLabel
from tracker.paging import Page, Window, newest_first
from tracker.search import fold

COLOURS = ("grey", "red", "orange", "green", "blue", "purple")
MOST_LABELS = 200
"""Per organisation: they are all offered in one select."""


async def listed(session: AsyncSession, actor: Actor) -> Sequence[Label]:
    """List all labels by name."""
    statement = (
        select(Label).where(Label.organisation_id == actor.organisation.id).order_by(Label.folded_name)
    )
    return (await session.scalars(statement)).all()


async def page(session: AsyncSession, actor: Actor, window: Window) -> Page[Label]:
    """List labels a page at a time, the newest first."""
    statement = select(Label).where(Label.organisation_id == actor.organisation.id)
    return await newest_first(session, statement, Label.id, window)


async def get(session: AsyncSession, actor: Actor, public_id: str) -> Label:
    """Find a label of the actor's organisation."""
    label = await session.scalar(
        select(Label).where(Label.public_id == public_id, Label.organisation_id == actor.organisation.id)
    )
    if label is None:
        raise NotFound
    return label


async def create(session: AsyncSession, actor: Actor, name: str, colour: str) -> Label:
    """Add a label. Names differ by more than case."""
    of_organisation = Label.organisation_id == actor.organisation.id
    taken = await session.scalar(select(Label.id).where(of_organisation, Label.folded_name == fold(name)))
    if taken is not None:
        raise Conflict(f"There is a label {name} already.")
    if (await session.scalar(select(func.count(Label.id)).where(of_organisation)) or 0) >= MOST_LABELS:
        raise Conflict(f"An organisation can have at most {MOST_LABELS} labels.")
    label = Label(organisation_id=actor.organisation.id, name=name, folded_name=fold(name), colour=colour)
    session.add(label)
    await session.flush()
    return label


async def remove(session: AsyncSession, actor: Actor, label: Label) -> None:
    """Delete a label, and take it off all tasks."""
    activity.record(session, actor, "deleted label", label.name)
    await session.execute(delete(Label).where(Label.id == label.id))


async def put_on(session: AsyncSession, actor: Actor, task: Task, label: Label) -> None:
    """Put a label on a task; doing it again changes nothing."""
    if await session.get(TaskLabel, (label.id, task.id)) is None:
        session.add(TaskLabel(label_id=label.id, task_id=task.id))
        activity.record_task(session, actor, "labelled task", task)
        await session.flush()


async def take_off(session: AsyncSession, task: Task, label: Label) -> None:
    """Take a label off a task, if it is there."""
    await session.execute(
        delete(TaskLabel).where(TaskLabel.label_id == label.id, TaskLabel.task_id == task.id)
    )
