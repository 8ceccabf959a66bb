"""Plans, seats and what they cost. The payment platform reads these columns and writes the invoices."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tracker import activity, audit, letters, mail, mail_preferences
from tracker.actors import MANAGERS, Actor
from tracker.errors import Conflict
from tracker.models import Invoice, Membership, User, now

PRICES = {"starter": 800, "team": 1_200, "business": 2_000}
"""Cents per seat and month."""
MOST_SEATS = 500
INVOICES_SHOWN = 24


@dataclass(frozen=True)
class Bill:
    """What an organisation has subscribed to. Money is in cents."""

    plan: str
    seats: int
    members: int
    price_per_seat: int

    @property
    def monthly_total(self) -> int:
        """Cents per month."""
        return self.seats * self.price_per_seat


async def bill(session: AsyncSession, actor: Actor) -> Bill:
    """Return the present subscription."""
    organisation = actor.organisation
    members = await count_members(session, organisation.id)
    return Bill(organisation.plan, organisation.seats, members, PRICES[organisation.plan])


async def count_members(session: AsyncSession, organisation_id: int) -> int:
    """Count the seats in use."""
    statement = select(func.count()).where(Membership.organisation_id == organisation_id)
    return await session.scalar(statement) or 0


async def invoices(session: AsyncSession, actor: Actor) -> Sequence[Invoice]:
    """List the latest invoices."""
    statement = (
        select(Invoice)
        .where(Invoice.organisation_id == actor.organisation.id)
        .order_by(Invoice.id.desc())
        .limit(INVOICES_SHOWN)
    )
    return (await session.scalars(statement)).all()


async def change_plan(session: AsyncSession, actor: Actor, plan: str, seats: int) -> None:
    """Change plan and seats; there must be a seat for every member, also for one who joins just now."""
    await session.refresh(actor.organisation, with_for_update=True)
    members = await count_members(session, actor.organisation.id)
    if seats < members:
        raise Conflict(f"You have {members} members. Remove some before you reduce the seats to {seats}.")
    actor.organisation.plan = plan
    actor.organisation.seats = seats
    activity.record(session, actor, "changed the plan to", f"{plan}, {seats} seats")
    await _tell_managers(session, actor, f"plan {plan}, {seats} seats")


async def cancel(session: AsyncSession, actor: Actor) -> None:
    """End the subscription. Nothing is deleted."""
    if actor.organisation.cancelled_at is None:
        actor.organisation.cancelled_at = now()
        activity.record(session, actor, "cancelled", "the subscription")
        await _tell_managers(session, actor, "cancelled")


async def resume(session: AsyncSession, actor: Actor) -> None:
    """Take back a cancellation."""
    if actor.organisation.cancelled_at is not None:
        actor.organisation.cancelled_at = None
        activity.record(session, actor, "resumed", "the subscription")
        await _tell_managers(session, actor, "active again")


async def _tell_managers(session: AsyncSession, actor: Actor, state: str) -> None:
    audit.record(session, actor, "plan", state)
    managers = await session.scalars(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == actor.organisation.id,
            Membership.role.in_(MANAGERS),
            mail_preferences.wants("billing"),
        )
        .order_by(User.id)
    )
    told = [letters.plan_changed(user, actor.user, actor.organisation, state) for user in managers]
    mail.send_after_commit(session, *told)
    await session.flush()
