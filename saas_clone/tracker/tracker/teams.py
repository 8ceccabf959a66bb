"""Members of an organisation, and invitations."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from tracker import accounts, activity, audit, billing, letters, mail
from tracker.actors import Actor
from tracker.errors import Conflict, Forbidden, NotFound
from tracker.ids import fingerprint, new_secret
from tracker.models import ApiToken, Invitation, Membership, Organisation, Session, Task, User, now
from tracker.paging import Page, Window, newest_first
from tracker.passwords import Passwords

INVITATION_LIFE = timedelta(days=7)
MOST_INVITATIONS = 100
"""Open at one time, per organisation."""


async def members(session: AsyncSession, actor: Actor, window: Window) -> Page[Membership]:
    """List the members, those with the newest accounts first."""
    statement = (
        select(Membership)
        .where(Membership.organisation_id == actor.organisation.id)
        .options(joinedload(Membership.user))
    )
    return await newest_first(session, statement, Membership.user_id, window)


async def names(session: AsyncSession, actor: Actor) -> Sequence[User]:
    """List all members by name, for a select. An organisation has at most ``billing.MOST_SEATS``."""
    statement = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organisation_id == actor.organisation.id)
        .order_by(User.name, User.id)
    )
    return (await session.scalars(statement)).all()


async def get(session: AsyncSession, actor: Actor, public_id: str) -> Membership:
    """Find a member of the actor's organisation by the user's public id."""
    membership = await session.scalar(
        select(Membership)
        .join(User, User.id == Membership.user_id)
        .where(User.public_id == public_id, Membership.organisation_id == actor.organisation.id)
        .options(joinedload(Membership.user))
    )
    if membership is None:
        raise NotFound
    return membership


async def change_role(session: AsyncSession, actor: Actor, membership: Membership, role: str) -> None:
    """Give a member another role. Only owners make or unmake owners, and one always stays."""
    actor.require_manager("change roles")
    if "owner" in (role, membership.role) and actor.role != "owner":
        raise Forbidden("Only owners can change who is an owner.")
    if membership.role == "owner" and role != "owner":
        await _require_another_owner(session, actor, membership)
    membership.role = role
    activity.record(session, actor, f"made {role}:", membership.user.name)
    audit.record(session, actor, "role", f"{membership.user.email} is {role} now")
    await session.flush()


async def remove(session: AsyncSession, actor: Actor, membership: Membership) -> None:
    """Remove a member: sessions and tokens end now, open tasks lose their assignee, words stay."""
    if membership.user_id != actor.user.id:
        actor.require_manager("remove members")
    if membership.role == "owner":
        if actor.role != "owner":
            raise Forbidden("Only owners can remove an owner.")
        await _require_another_owner(session, actor, membership)
    here = actor.organisation.id
    gone = membership.user_id
    for table in (Session, ApiToken):
        await session.execute(delete(table).where(table.user_id == gone, table.organisation_id == here))
    await session.execute(
        update(Task)
        .where(Task.assignee_id == gone, Task.organisation_id == here)
        .values(assignee_id=None, version=Task.version + 1)
    )
    activity.record(session, actor, "removed member", membership.user.name)
    audit.record(session, actor, "removed", membership.user.email)
    await session.delete(membership)
    await session.flush()


async def _require_another_owner(session: AsyncSession, actor: Actor, membership: Membership) -> None:
    await _lock(session, actor.organisation.id)
    other = await session.scalar(
        select(Membership.user_id).where(
            Membership.organisation_id == actor.organisation.id,
            Membership.role == "owner",
            Membership.user_id != membership.user_id,
        )
    )
    if other is None:
        raise Conflict("A team needs an owner. Make somebody else an owner first.")


async def invitations(session: AsyncSession, actor: Actor) -> Sequence[Invitation]:
    """List the open invitations, the newest first."""
    statement = (
        select(Invitation)
        .where(
            Invitation.organisation_id == actor.organisation.id,
            Invitation.accepted_at.is_(None),
            Invitation.expires_at > now(),
        )
        .order_by(Invitation.id.desc())
        .limit(MOST_INVITATIONS)
    )
    return (await session.scalars(statement)).all()


async def invite(session: AsyncSession, actor: Actor, email: str, role: str) -> str:
    """Invite somebody by mail and return the secret of the link, which we do not keep."""
    actor.require_manager("invite people")
    if role == "owner" and actor.role != "owner":
        raise Forbidden("Only owners can invite an owner.")
    member = await session.scalar(
        select(Membership.user_id)
        .join(User, User.id == Membership.user_id)
        .where(User.email == email, Membership.organisation_id == actor.organisation.id)
    )
    if member is not None:
        raise Conflict(f"{email} is a member already.")
    if len(await invitations(session, actor)) >= MOST_INVITATIONS:
        raise Conflict(f"There are {MOST_INVITATIONS} open invitations. Revoke some first.")
    secret = new_secret()
    session.add(
        Invitation(
            organisation_id=actor.organisation.id,
            fingerprint=fingerprint(secret),
            email=email,
            role=role,
            expires_at=now() + INVITATION_LIFE,
        )
    )
    activity.record(session, actor, "invited", email)
    audit.record(session, actor, "invited", f"{email} as {role}")
    mail.send_after_commit(
        session, letters.invitation(email, actor.user, actor.organisation, secret, INVITATION_LIFE.days)
    )
    await session.flush()
    return secret


async def revoke(session: AsyncSession, actor: Actor, public_id: str) -> None:
    """Make a link invalid."""
    actor.require_manager("revoke invitations")
    found = await session.scalar(
        select(Invitation).where(
            Invitation.public_id == public_id, Invitation.organisation_id == actor.organisation.id
        )
    )
    if found is not None:
        audit.record(session, actor, "revoked", found.email)
        await session.delete(found)


async def invitation(session: AsyncSession, secret: str) -> Invitation:
    """Find an invitation that can still be accepted."""
    found = await session.scalar(
        select(Invitation)
        .where(
            Invitation.fingerprint == fingerprint(secret),
            Invitation.accepted_at.is_(None),
            Invitation.expires_at > now(),
        )
        .options(joinedload(Invitation.organisation))
    )
    if found is None:
        raise NotFound("This invitation is not valid any more. Ask for a new one.")
    return found


async def has_account(session: AsyncSession, email: str) -> bool:
    """Tell whether an invited person needs no new account."""
    return await session.scalar(select(User.id).where(User.email == email)) is not None


async def join(
    session: AsyncSession, passwords: Passwords, secret: str, name: str, password: str, address: str
) -> str:
    """Accept an invitation, logged in. Returns the secret of the session.

    Somebody who has an account shows its password; anybody else gets an account with this name and password.
    """
    email = (await invitation(session, secret)).email
    user = await session.scalar(select(User).where(User.email == email))
    await session.commit()  # as in accounts.log_in
    if user is None:
        user = User(email=email, name=name, password_hash=await passwords.hash(password))
    elif not await passwords.matches(user.password_hash, password):
        raise Forbidden("This is not the password of your account.")
    # We hold the lock again: look once more, for another browser may have used the link meanwhile.
    accepted = await invitation(session, secret)
    await _lock(session, accepted.organisation_id)
    await session.refresh(accepted.organisation, ["seats"])
    if await billing.count_members(session, accepted.organisation_id) >= accepted.organisation.seats:
        raise Conflict("All seats of this team are taken. Ask its owner to add one.")
    if user.id is None:
        if await has_account(session, email):
            raise Conflict("An account with this email was made just now. Open the link again.")
        session.add(user)
    accepted.accepted_at = now()
    await session.flush()
    await session.merge(
        Membership(organisation_id=accepted.organisation_id, user_id=user.id, role=accepted.role)
    )
    actor = Actor(user, accepted.organisation, accepted.role, address=address)
    activity.record(session, actor, "joined", accepted.organisation.name)
    audit.record(session, actor, "joined", email)
    return await accounts.open_session(session, user.id, accepted.organisation_id)


async def _lock(session: AsyncSession, organisation_id: int) -> None:
    """Let one request at a time count members (SQLite has one writer anyway; Postgres locks the row)."""
    await session.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())
