"""Which mails a person gets. Invitations and password resets always come: somebody asked for them."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from tracker.errors import NotFound
from tracker.models import MutedMail, User

KINDS: tuple[str, ...] = ("assignments", "mentions", "reminders", "digests", "billing")


async def wanted(session: AsyncSession, user: User) -> set[str]:
    """Return the kinds of mail that a person gets."""
    muted = await session.scalars(select(MutedMail.kind).where(MutedMail.user_id == user.id))
    return set(KINDS) - set(muted)


async def choose(session: AsyncSession, user: User, kinds: Collection[str]) -> None:
    """Send a person these kinds and no others."""
    await session.execute(delete(MutedMail).where(MutedMail.user_id == user.id))
    muted = [{"user_id": user.id, "kind": kind} for kind in KINDS if kind not in kinds]
    if muted:
        await session.execute(insert(MutedMail), muted)


async def mute(session: AsyncSession, public_id: str, kind: str) -> None:
    """End one kind for a person, once or twice alike."""
    user = await session.scalar(select(User).where(User.public_id == public_id))
    if user is None or kind not in KINDS:
        raise NotFound
    await session.merge(MutedMail(user_id=user.id, kind=kind))


def wants(kind: str) -> ColumnElement[bool]:
    """Limit a query on ``users`` to those who get a kind of mail."""
    muted = select(MutedMail.kind).where(MutedMail.user_id == User.id, MutedMail.kind == kind)
    return ~muted.correlate(User).exists()
