"""Requests that may be repeated: who got no answer sends the same key again, and nothing happens twice."""

import hashlib
import re
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from tracker.actors import Actor
from tracker.automation_models import IdempotencyKey
from tracker.errors import KeyReused, Malformed
from tracker.models import now

KEY_LIFE = timedelta(hours=24)


def request_fingerprint(method: str, path: str, body: bytes) -> str:
    """Return what makes two requests the same."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).hexdigest()


def checked(key: str) -> str:
    """Return a key that can be stored."""
    if not re.fullmatch(r"[!-~]{1,200}", key):
        raise Malformed("Idempotency-Key must be 1 to 200 visible ASCII characters.")
    return key


async def stored_answer(session: AsyncSession, actor: Actor, key: str, request: str) -> IdempotencyKey | None:
    """Find the answer to this request; refuse a key that was used for another one."""
    found = await session.get(IdempotencyKey, (actor.organisation.id, actor.user.id, key))
    if found is None:
        return None
    if found.created_at < now() - KEY_LIFE:
        await session.delete(found)
        await session.flush()
        return None
    if found.request != request:
        raise KeyReused
    return found


def store_answer(
    session: AsyncSession, actor: Actor, key: str, request: str, status: int, etag: str | None, body: str
) -> None:
    """Keep an answer, in the transaction of what it tells of."""
    session.add(
        IdempotencyKey(
            organisation_id=actor.organisation.id,
            user_id=actor.user.id,
            key=key,
            request=request,
            status=status,
            etag=etag,
            body=body,
        )
    )
