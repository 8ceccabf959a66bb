"""The audit log: what was done about security, by whom and from where. For owners and admins."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from tracker.actors import Actor
from tracker.models import AuditEvent, Membership, User
from tracker.paging import Page, Window, newest_first

KINDS = {
    "log-in": "Logged in",
    "failed-log-in": "Failed to log in",
    "password": "Password changed",
    "reset": "Password reset",
    "email": "Email changed",
    "joined": "Joined the team",
    "role": "Role changed",
    "removed": "Member removed",
    "invited": "Invitation created",
    "revoked": "Invitation revoked",
    "token": "API token created",
    "token-revoked": "API token revoked",
    "share": "Share link created",
    "share-revoked": "Share link revoked",
    "export": "Data exported",
    "plan": "Subscription changed",
}
"""What is recorded, with its words for people."""
MEMORY = timedelta(days=180)
"""Older events are removed by the cleanup job."""


def record(session: AsyncSession, actor: Actor, kind: str, subject: str = "") -> None:
    """Note what an actor did in the present organisation."""
    session.add(
        AuditEvent(
            organisation_id=actor.organisation.id,
            actor_id=actor.user.id,
            kind=kind,
            subject=subject[:200],
            address=actor.address,
        )
    )


async def record_account(
    session: AsyncSession, user: User, kind: str, address: str, subject: str = ""
) -> Sequence[AuditEvent]:
    """Note what was done to somebody's account, in every organisation they are a member of."""
    organisations = await session.scalars(
        select(Membership.organisation_id).where(Membership.user_id == user.id)
    )
    events = [
        AuditEvent(
            organisation_id=organisation, actor_id=user.id, kind=kind, subject=subject[:200], address=address
        )
        for organisation in organisations
    ]
    session.add_all(events)
    return events


async def listed(session: AsyncSession, actor: Actor, kind: str, window: Window) -> Page[AuditEvent]:
    """List the organisation's events, or those of one kind."""
    actor.require_manager("see the audit log")
    statement = (
        select(AuditEvent)
        .where(AuditEvent.organisation_id == actor.organisation.id)
        .options(joinedload(AuditEvent.actor))
    )
    if kind:
        statement = statement.where(AuditEvent.kind == kind)
    return await newest_first(session, statement, AuditEvent.id, window)
