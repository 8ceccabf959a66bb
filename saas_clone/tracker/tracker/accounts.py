"""Accounts and sessions: sign up, log in, change what is yours."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from tracker import activity, audit
from tracker.actors import Actor
from tracker.database import one_at_a_time
from tracker.errors import Conflict, Forbidden, NotFound, TooManyAttempts
from tracker.ids import fingerprint, new_secret
from tracker.models import (
    LoginFailure,
    Membership,
    Notification,
    Organisation,
    PasswordReset,
    Session,
    User,
    now,
)
from tracker.passwords import Passwords

SESSION_LIFE = timedelta(days=14)
THROTTLE_WINDOW = timedelta(minutes=15)
THROTTLE_FAILURES = 10
"""Wrong passwords for one account from one address within the window, before we stop looking."""
UNREAD_MOST = 100

WRONG_LOGIN = "Email or password is wrong."


@dataclass(frozen=True)
class SignUp:
    """What a new customer tells us."""

    company: str
    name: str
    email: str
    password: str


async def sign_up(session: AsyncSession, passwords: Passwords, form: SignUp) -> str:
    """Create an organisation with its owner, logged in. Returns the secret of the session."""
    password_hash = await passwords.hash(form.password)
    if await session.scalar(select(User.id).where(User.email == form.email)) is not None:
        raise Conflict("There is an account with this email already. Log in instead.")
    user = User(email=form.email, name=form.name, password_hash=password_hash)
    organisation = Organisation(name=form.company)
    session.add_all([user, organisation])
    await session.flush()
    session.add(Membership(organisation_id=organisation.id, user_id=user.id, role="owner"))
    activity.record(session, Actor(user, organisation, "owner"), "started", organisation.name)
    return await open_session(session, user.id, organisation.id)


async def log_in(
    session: AsyncSession, passwords: Passwords, email: str, password: str, address: str
) -> str | None:
    """Return the secret of a new session, or ``None`` when email or password are wrong.

    The caller commits in both cases. An attempt counts as a failure until it has succeeded, so that a burst
    of attempts in parallel cannot outrun the throttle.
    """
    await one_at_a_time(session, f"log in {email} {address}")
    await _throttle(session, email, address)
    session.add(LoginFailure(email=email, address=address))
    user = await session.scalar(select(User).where(User.email == email))
    attempts = await audit.record_account(session, user, "failed-log-in", address) if user else []
    await session.commit()  # nobody waits for our write lock while we hash
    if not await passwords.matches(user.password_hash if user else None, password):
        return None
    assert user is not None
    membership = await session.scalar(
        select(Membership)
        .where(Membership.user_id == user.id)
        .order_by(Membership.created_at, Membership.organisation_id)
        .limit(1)
    )
    if membership is None:
        raise Forbidden("You are not a member of any team. Ask for an invitation.")
    await session.execute(
        delete(LoginFailure).where(LoginFailure.email == email, LoginFailure.address == address)
    )
    for attempt in attempts:
        attempt.kind = "log-in"
    return await open_session(session, user.id, membership.organisation_id)


async def _throttle(session: AsyncSession, email: str, address: str) -> None:
    since = now() - THROTTLE_WINDOW
    failures = (
        select(LoginFailure.at)
        .where(LoginFailure.email == email, LoginFailure.address == address, LoginFailure.at > since)
        .order_by(LoginFailure.at.desc())
        .limit(THROTTLE_FAILURES)
    )
    found = (await session.scalars(failures)).all()
    if len(found) == THROTTLE_FAILURES:
        wait = found[-1] + THROTTLE_WINDOW - now()
        raise TooManyAttempts(
            "Too many failed attempts. Wait some minutes, then try again.", int(wait.total_seconds()) + 1
        )


async def open_session(session: AsyncSession, user_id: int, organisation_id: int) -> str:
    """Log a browser in and return the secret for its cookie."""
    secret = new_secret()
    session.add(
        Session(
            fingerprint=fingerprint(secret),
            user_id=user_id,
            organisation_id=organisation_id,
            expires_at=now() + SESSION_LIFE,
        )
    )
    await session.flush()
    return secret


async def close_session(session: AsyncSession, secret: str) -> None:
    """Log a browser out."""
    await session.execute(delete(Session).where(Session.fingerprint == fingerprint(secret)))


async def who(session: AsyncSession, secret: str) -> Actor | None:
    """Return who is behind a session cookie, in one query; ``None`` when it is not valid (any more)."""
    row = (await session.execute(_WHO, {"secret": fingerprint(secret), "moment": now()})).one_or_none()
    return None if row is None else Actor(*row)


def _who() -> Select[User, Organisation, str, int]:
    unread = (
        select(Notification.id)
        .where(
            Notification.user_id == Session.user_id,
            Notification.organisation_id == Session.organisation_id,
            Notification.read_at.is_(None),
        )
        .correlate(Session)
        .limit(UNREAD_MOST)
        .subquery()
    )
    return (
        select(User, Organisation, Membership.role, select(func.count(unread.c.id)).scalar_subquery())
        .select_from(Session)
        .join(User, User.id == Session.user_id)
        .join(
            Membership,
            (Membership.user_id == Session.user_id) & (Membership.organisation_id == Session.organisation_id),
        )
        .join(Organisation, Organisation.id == Session.organisation_id)
        .where(Session.fingerprint == bindparam("secret"), Session.expires_at > bindparam("moment"))
    )


_WHO = _who()  # built once: every page asks


async def rename(session: AsyncSession, actor: Actor, name: str) -> None:
    """Change the actor's own name."""
    actor.user.name = name
    await session.flush()


async def change_email(
    session: AsyncSession, passwords: Passwords, actor: Actor, email: str, password: str
) -> None:
    """Change the address that names the account; takes the present password."""
    await _require_password(session, passwords, actor, password)
    if await session.scalar(select(User.id).where(User.email == email, User.id != actor.user.id)) is not None:
        raise Conflict("There is an account with this email already.")
    await audit.record_account(session, actor.user, "email", actor.address, email)
    await _void_resets(session, actor)
    actor.user.email = email
    await session.flush()


async def change_password(
    session: AsyncSession, passwords: Passwords, actor: Actor, password: str, new_password: str
) -> str:
    """Change the password and log out everywhere; returns the secret of a new session for this browser."""
    await _require_password(session, passwords, actor, password)
    actor.user.password_hash = await passwords.hash(new_password)
    await audit.record_account(session, actor.user, "password", actor.address)
    await _void_resets(session, actor)
    await session.execute(delete(Session).where(Session.user_id == actor.user.id))
    return await open_session(session, actor.user.id, actor.organisation.id)


async def _void_resets(session: AsyncSession, actor: Actor) -> None:
    """End the links to a new password: they may lie in a mailbox that is not the actor's any more."""
    await session.execute(delete(PasswordReset).where(PasswordReset.user_id == actor.user.id))


async def _require_password(session: AsyncSession, passwords: Passwords, actor: Actor, password: str) -> None:
    await session.commit()  # as in log_in
    if not await passwords.matches(actor.user.password_hash, password):
        raise Forbidden("The current password is wrong.")


async def teams_of(session: AsyncSession, actor: Actor) -> list[Organisation]:
    """List the organisations that the actor is a member of."""
    memberships = await session.scalars(
        select(Membership)
        .where(Membership.user_id == actor.user.id)
        .options(joinedload(Membership.organisation))
        .order_by(Membership.organisation_id)
    )
    return [membership.organisation for membership in memberships]


async def switch_team(session: AsyncSession, actor: Actor, public_id: str | None) -> str:
    """Open a session in another of the actor's organisations and return its secret."""
    for organisation in await teams_of(session, actor):
        if organisation.public_id == public_id:
            return await open_session(session, actor.user.id, organisation.id)
    raise NotFound
