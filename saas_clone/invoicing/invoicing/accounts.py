"""Accounts and sessions: sign up, log in, change what is yours."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from invoicing import audit
from invoicing.dates import now
from invoicing.people import Person
from invoicing.refusals import Conflict, Forbidden, TooManyAttempts
from invoicing.security import Passwords, fingerprint, new_secret
from invoicing.tables import Firm, LoginFailure, Session, User

SESSION_LIFE = timedelta(days=14)
THROTTLE_WINDOW = timedelta(minutes=15)
THROTTLE_FAILURES = 10
"""Failed attempts on one account from one address within the window: then we stop looking."""
WRONG_LOGIN = "Email or password is wrong."


@dataclass(frozen=True)
class SignUp:
    """What a new customer tells us."""

    firm: str
    name: str
    email: str
    password: str


async def sign_up(session: AsyncSession, passwords: Passwords, form: SignUp) -> str:
    """Create a firm and its owner, logged in; returns the session's secret."""
    password_hash = await passwords.hash(form.password)
    await require_new(session, form.email)
    firm = Firm(name=form.firm)
    user = User(firm=firm, email=form.email, name=form.name, role="owner", password_hash=password_hash)
    session.add_all([firm, user])
    await session.flush()
    audit.record(session, Person(user, firm), "opened the books of", firm.name)
    return await open_session(session, user)


async def require_new(session: AsyncSession, email: str) -> None:
    """Refuse an address that names an account already: an account belongs to one firm."""
    if await session.scalar(select(User.id).where(User.email == email)) is not None:
        raise Conflict("There is an account with this email already. Log in, or use another address.")


async def log_in(session: AsyncSession, passwords: Passwords, email: str, password: str, address: str) -> str | None:
    """Return the secret of a new session, or ``None`` when email or password are wrong.

    An attempt counts as failed until it has succeeded, so a burst in parallel cannot outrun the throttle.
    """
    await _throttle(session, email, address)
    session.add(LoginFailure(email=email, address=address))
    user = await session.scalar(select(User).where(User.email == email))
    await session.commit()  # nobody waits for our lock while we hash
    if not await passwords.matches(user.password_hash if user else None, password):
        return None
    assert user is not None
    await session.execute(delete(LoginFailure).where(LoginFailure.email == email, LoginFailure.address == address))
    return await open_session(session, user)


async def _throttle(session: AsyncSession, email: str, address: str) -> None:
    recent = (
        select(LoginFailure.at)
        .where(
            LoginFailure.email == email,
            LoginFailure.address == address,
            LoginFailure.at > now() - THROTTLE_WINDOW,
        )
        .order_by(LoginFailure.at.desc())
        .limit(THROTTLE_FAILURES)
    )
    found = (await session.scalars(recent)).all()
    if len(found) == THROTTLE_FAILURES:
        wait = found[-1] + THROTTLE_WINDOW - now()
        raise TooManyAttempts("Too many failed attempts. Try again later.", int(wait.total_seconds()) + 1)


async def open_session(session: AsyncSession, user: User) -> str:
    """Log a browser in; returns the secret for its cookie."""
    secret = new_secret()
    session.add(Session(fingerprint=fingerprint(secret), user_id=user.id, expires_at=now() + SESSION_LIFE))
    await session.flush()
    return secret


async def close_session(session: AsyncSession, secret: str) -> None:
    """Log a browser out."""
    await session.execute(delete(Session).where(Session.fingerprint == fingerprint(secret)))


_WHO = (  # built once: every page asks
    select(User, Firm)
    .join(Session, Session.user_id == User.id)
    .join(Firm, Firm.id == User.firm_id)
    .where(Session.fingerprint == bindparam("secret"), Session.expires_at > bindparam("moment"))
)


async def who(session: AsyncSession, secret: str) -> Person | None:
    """Return who is behind a session's cookie."""
    row = (await session.execute(_WHO, {"secret": fingerprint(secret), "moment": now()})).one_or_none()
    return None if row is None else Person(*row)


async def rename(session: AsyncSession, person: Person, name: str) -> None:
    """Change one's own name."""
    person.user.name = name
    await session.flush()


async def change_password(session: AsyncSession, passwords: Passwords, person: Person, old: str, new: str) -> str:
    """Change the password and log out everywhere; returns the secret of this browser's new session."""
    await session.commit()  # as in log_in
    if not await passwords.matches(person.user.password_hash, old):
        raise Forbidden("The current password is wrong.")
    person.user.password_hash = await passwords.hash(new)
    await session.execute(delete(Session).where(Session.user_id == person.user.id))
    return await open_session(session, person.user)
