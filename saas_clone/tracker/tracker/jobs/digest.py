"""Tells each member, once a week, what the team did and what is late."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from tracker import letters, mail, mail_preferences
from tracker.models import Membership, Notification, Organisation, Task, User, now
from tracker.removal import still_there
from tracker.services import Services

WEEK = timedelta(days=7)
SLACK = timedelta(hours=12)
"""A digest that came a little late last week does not put off this week's."""


async def run(services: Services) -> int:
    """Write the digests that are missing and return the number of organisations."""
    async with services.database.session(writes=False) as session:
        organisations = (await session.scalars(select(Organisation.id).order_by(Organisation.id))).all()
    sent = 0
    for organisation in organisations:
        async with services.database.writing() as session:
            sent += await _send(session, organisation, now())
        await services.mail.hand_over(mail.outgoing(session))
    return sent


async def _send(session: AsyncSession, organisation: int, moment: datetime) -> bool:
    of_organisation = Notification.organisation_id == organisation
    members = (
        await session.scalars(
            select(Membership.user_id).where(
                Membership.organisation_id == organisation,
                ~select(Notification.id)
                .where(
                    of_organisation,
                    Notification.user_id == Membership.user_id,
                    Notification.kind == "digest",
                    Notification.created_at > moment - WEEK + SLACK,
                )
                .exists(),
            )
        )
    ).all()
    if not members:
        return False
    text = await _text(session, organisation, moment)
    common = {"organisation_id": organisation, "kind": "digest", "text": text, "created_at": moment}
    await session.execute(insert(Notification), [{**common, "user_id": member} for member in members])
    await _write_letters(session, organisation, members, text)
    return True


async def _write_letters(session: AsyncSession, organisation: int, members: Sequence[int], text: str) -> None:
    """Mail those of the members who want it."""
    name = (await session.scalars(select(Organisation.name).where(Organisation.id == organisation))).one()
    statement = (
        select(User.email, User.public_id)
        .where(User.id.in_(members), mail_preferences.wants("digests"))
        .order_by(User.id)
    )
    for reader in await session.execute(statement):
        mail.send_after_commit(session, letters.digest(reader.email, reader.public_id, name, text))


async def _text(session: AsyncSession, organisation: int, moment: datetime) -> str:
    since = moment - WEEK
    counts = (
        await session.execute(
            select(
                func.count().filter(Task.created_at > since),
                func.count().filter(Task.status == "done", Task.updated_at > since),
                func.count().filter(Task.status != "done", Task.due_on < moment.date()),
            ).where(Task.organisation_id == organisation, still_there(Task.project_id))
        )
    ).one()
    return "This week: {} tasks created, {} finished, {} overdue.".format(*counts)
