"""The people of a firm, their invitations and their API tokens."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from invoicing import accounts, audit
from invoicing.dates import now
from invoicing.people import Person
from invoicing.refusals import Conflict, NotFound
from invoicing.security import Passwords, fingerprint, new_secret
from invoicing.tables import ApiToken, Firm, Invitation, Session, User

INVITATION_LIFE = timedelta(days=7)
TOKEN_PREFIX = "fol_"
"""Lets secret scanners recognise our tokens."""
MOST_TOKENS = 20
"""Per person."""


async def listed(session: AsyncSession, person: Person) -> Sequence[User]:
    """List the firm's people, the first one first."""
    statement = select(User).where(User.firm_id == person.firm.id).order_by(User.id)
    return (await session.scalars(statement)).all()


async def get(session: AsyncSession, person: Person, public_id: str) -> User:
    """Return one of them."""
    user = await session.scalar(select(User).where(User.firm_id == person.firm.id, User.public_id == public_id))
    if user is None:
        raise NotFound
    return user


async def change_role(session: AsyncSession, person: Person, user: User, role: str) -> None:
    """Give somebody another role; a firm keeps an owner."""
    if user.role == "owner" and role != "owner":
        await _require_another_owner(session, person, user)
    user.role = role
    audit.record(session, person, f"made {role}", user.name)


async def remove(session: AsyncSession, person: Person, user: User) -> None:
    """End somebody's account, at once."""
    if user.role == "owner":
        await _require_another_owner(session, person, user)
    audit.record(session, person, "removed", user.name)
    for table in (Session, ApiToken):
        await session.execute(delete(table).where(table.user_id == user.id))
    await session.delete(user)
    await session.flush()


async def _require_another_owner(session: AsyncSession, person: Person, user: User) -> None:
    owners = select(func.count(User.id)).where(User.firm_id == person.firm.id, User.role == "owner", User.id != user.id)
    if not await session.scalar(owners):
        raise Conflict("A firm needs an owner.")


async def invite(session: AsyncSession, person: Person, email: str, role: str) -> str:
    """Invite somebody; returns the secret of the link, which we do not keep."""
    await accounts.require_new(session, email)
    secret = new_secret()
    session.add(
        Invitation(
            firm_id=person.firm.id,
            fingerprint=fingerprint(secret),
            email=email,
            role=role,
            expires_at=now() + INVITATION_LIFE,
        )
    )
    audit.record(session, person, "invited", email)
    return secret


async def invitations(session: AsyncSession, person: Person) -> Sequence[Invitation]:
    """List the open ones."""
    statement = select(Invitation).where(Invitation.firm_id == person.firm.id, Invitation.expires_at > now())
    return (await session.scalars(statement.order_by(Invitation.id))).all()


async def revoke(session: AsyncSession, person: Person, public_id: str) -> None:
    """Take an invitation back."""
    for invitation in await invitations(session, person):
        if invitation.public_id == public_id:
            audit.record(session, person, "revoked the invitation of", invitation.email)
            await session.delete(invitation)
            return
    raise NotFound


async def invitation(session: AsyncSession, secret: str) -> Invitation:
    """Return the invitation behind a link."""
    found = await session.scalar(
        select(Invitation)
        .where(Invitation.fingerprint == fingerprint(secret), Invitation.expires_at > now())
        .options(joinedload(Invitation.firm))
    )
    if found is None:
        raise NotFound("This invitation is not valid any more. Ask for a new one.")
    return found


async def join(session: AsyncSession, passwords: Passwords, secret: str, name: str, password: str) -> str:
    """Accept an invitation; returns the secret of a session."""
    await session.commit()  # hashing takes long, and nobody shall wait for our lock
    password_hash = await passwords.hash(password)
    found = await invitation(session, secret)
    await accounts.require_new(session, found.email)
    user = User(firm=found.firm, email=found.email, name=name, role=found.role, password_hash=password_hash)
    session.add(user)
    await session.delete(found)
    await session.flush()
    audit.record(session, Person(user, found.firm), "joined", found.firm.name)
    return await accounts.open_session(session, user)


async def tokens(session: AsyncSession, person: Person) -> Sequence[ApiToken]:
    """List one's own tokens, the newest first."""
    statement = select(ApiToken).where(ApiToken.user_id == person.user.id).order_by(ApiToken.id.desc())
    return (await session.scalars(statement)).all()


async def create_token(session: AsyncSession, person: Person, name: str) -> str:
    """Make a token; returns its secret, which we do not keep."""
    if len(await tokens(session, person)) >= MOST_TOKENS:
        raise Conflict(f"You can have at most {MOST_TOKENS} tokens. Revoke one first.")
    secret = TOKEN_PREFIX + new_secret()
    session.add(ApiToken(user_id=person.user.id, fingerprint=fingerprint(secret), name=name))
    audit.record(session, person, "created the API token", name)
    return secret


async def revoke_token(session: AsyncSession, person: Person, public_id: str) -> None:
    """End a token, at once."""
    for token in await tokens(session, person):
        if token.public_id == public_id:
            audit.record(session, person, "revoked the API token", token.name)
            await session.delete(token)
            return
    raise NotFound


_WHO = (
    select(User, Firm)
    .join(ApiToken, ApiToken.user_id == User.id)
    .join(Firm, Firm.id == User.firm_id)
    .where(ApiToken.fingerprint == bindparam("secret"))
)


async def who(session: AsyncSession, secret: str) -> Person | None:
    """Return who is behind an API token."""
    row = (await session.execute(_WHO, {"secret": fingerprint(secret)})).one_or_none()
    return None if row is None else Person(*row)
