"""Choosing a new password by mail."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tracker import audit, letters, mail
from tracker.errors import NotFound, TooManyAttempts
from tracker.ids import fingerprint, new_secret
from tracker.models import PasswordReset, ResetRequest, Session, User, now
from tracker.passwords import Passwords

LIFE = timedelta(hours=1)
WINDOW = timedelta(hours=1)
MOST_FOR_EMAIL = 5
MOST_FROM_ADDRESS = 20
"""Requests within the window, for one account and from one network address."""


async def ask(session: AsyncSession, email: str, address: str) -> None:
    """Send a link to whoever has an account with this email.

    For anybody else all is done as well, but that the letter is thrown away: neither the answer nor the time
    that it takes tells who has an account.
    """
    since = ResetRequest.at > now() - WINDOW
    await _throttle(session, since, ResetRequest.address == address, MOST_FROM_ADDRESS)
    await _throttle(session, since, ResetRequest.email == email, MOST_FOR_EMAIL)
    session.add(ResetRequest(email=email, address=address))
    user = await session.scalar(select(User).where(User.email == email))
    secret = new_secret()
    session.add(
        PasswordReset(
            fingerprint=fingerprint(secret),
            user_id=None if user is None else user.id,
            expires_at=now() + LIFE,
        )
    )
    letter = letters.password_reset(email, user.name if user else "nobody", secret, LIFE.seconds // 60)
    mail.send_after_commit(session, replace(letter, decoy=user is None))


async def _throttle(
    session: AsyncSession, since: ColumnElement[bool], of: ColumnElement[bool], most: int
) -> None:
    statement = select(func.count(ResetRequest.id), func.min(ResetRequest.at)).where(since, of)
    count, first = (await session.execute(statement)).one()
    if count >= most:
        wait = first + WINDOW - now()
        raise TooManyAttempts(
            "Too many requests for a new password. Look into your mailbox, or wait an hour.",
            max(1, int(wait.total_seconds()) + 1),
        )


async def get(session: AsyncSession, secret: str) -> User:
    """Find the person whose link this is, if it can still be used."""
    found = await session.scalar(
        select(User)
        .join(PasswordReset, PasswordReset.user_id == User.id)
        .where(PasswordReset.fingerprint == fingerprint(secret), PasswordReset.expires_at > now())
    )
    if found is None:
        raise NotFound("This link is not valid any more. Ask for a new one.")
    return found


async def finish(
    session: AsyncSession, passwords: Passwords, secret: str, new_password: str, address: str
) -> None:
    """Set the new password. The links and all sessions of the person end."""
    await get(session, secret)
    await session.commit()  # nobody waits for our write lock while we hash
    password_hash = await passwords.hash(new_password)
    user = await get(session, secret)  # again: another browser may have used the link meanwhile
    user.password_hash = password_hash
    for table in (PasswordReset, Session):
        await session.execute(delete(table).where(table.user_id == user.id))
    await audit.record_account(session, user, "reset", address)
    mail.send_after_commit(session, letters.password_changed(user))
    await session.flush()
