"""API tokens."""

from sqlalchemy import Select, bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tracker import activity, audit
from tracker.actors import Actor
from tracker.errors import Conflict, NotFound
from tracker.ids import fingerprint, new_secret
from tracker.models import ApiToken, Membership, Organisation, User

PREFIX = "trk_"
"""Lets secret scanners recognise our tokens."""
MOST_TOKENS = 20
"""Per person and organisation."""


async def listed(session: AsyncSession, actor: Actor) -> list[ApiToken]:
    """List the actor's own tokens, the newest first."""
    return list((await session.scalars(_own(actor).order_by(ApiToken.id.desc()))).all())


def _own(actor: Actor) -> Select[ApiToken]:
    return select(ApiToken).where(
        ApiToken.organisation_id == actor.organisation.id, ApiToken.user_id == actor.user.id
    )


async def create(session: AsyncSession, actor: Actor, name: str) -> str:
    """Make a token and return its secret, which we do not keep."""
    count = await session.scalar(select(func.count()).select_from(_own(actor).subquery()))
    if (count or 0) >= MOST_TOKENS:
        raise Conflict(f"You can have at most {MOST_TOKENS} tokens. Revoke one first.")
    secret = PREFIX + new_secret()
    session.add(
        ApiToken(
            fingerprint=fingerprint(secret),
            organisation_id=actor.organisation.id,
            user_id=actor.user.id,
            name=name,
        )
    )
    activity.record(session, actor, "created API token", name)
    audit.record(session, actor, "token", name)
    await session.flush()
    return secret


async def revoke(session: AsyncSession, actor: Actor, public_id: str) -> None:
    """End a token at once."""
    token = await session.scalar(_own(actor).where(ApiToken.public_id == public_id))
    if token is None:
        raise NotFound
    activity.record(session, actor, "revoked API token", token.name)
    audit.record(session, actor, "token-revoked", token.name)
    await session.execute(delete(ApiToken).where(ApiToken.id == token.id))


async def who(session: AsyncSession, secret: str) -> Actor | None:
    """Return who is behind a token, in one query; ``None`` when it is not valid (any more)."""
    row = (await session.execute(_WHO, {"secret": fingerprint(secret)})).one_or_none()
    return None if row is None else Actor(*row)


_WHO = (  # built once: every call asks
    select(User, Organisation, Membership.role)
    .select_from(ApiToken)
    .join(User, User.id == ApiToken.user_id)
    .join(
        Membership,
        (Membership.user_id == ApiToken.user_id) & (Membership.organisation_id == ApiToken.organisation_id),
    )
    .join(Organisation, Organisation.id == ApiToken.organisation_id)
    .where(ApiToken.fingerprint == bindparam("secret"))
)
