"""Webhooks: programs of customers that hear of changes.

A delivery is a row, written in the transaction of the change: it is there if and only if the change is. The
job ``webhooks`` sends it, as often as it takes; so a receiver may get an event twice, and tells by its id.
"""

import hashlib
import hmac
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from tracker import activity
from tracker.actors import MANAGERS, Actor
from tracker.automation_models import Webhook, WebhookDelivery
from tracker.errors import Conflict, NotFound
from tracker.ids import new_public_id, new_secret
from tracker.models import Comment, Membership, Notification, Task, now
from tracker.paging import Page, Window, newest_first

EVENTS = ("task.created", "task.changed", "task.finished", "comment.added")
MOST_WEBHOOKS = 20
"""Per organisation."""
MOST_TRIES = 8
FIRST_WAIT = timedelta(minutes=15)
"""After the first failure; each further one doubles it, so the last try comes 32 hours after the first."""
ANSWER_WITHIN = timedelta(hours=2)
"""An attempt without an answer for so long has failed."""
MOST_FAILURES = 40
"""Failed attempts in a row, over all deliveries, that disable a webhook."""
DELIVERY_MEMORY = timedelta(days=30)
SIGNATURE = "Tracker-Signature"


@dataclass(frozen=True)
class Draft:
    """What people choose; the URL is checked."""

    url: str
    events: Collection[str]


async def listed(session: AsyncSession, actor: Actor, window: Window) -> Page[Webhook]:
    """List the webhooks, the newest first."""
    actor.require_manager("see webhooks")
    statement = select(Webhook).where(Webhook.organisation_id == actor.organisation.id)
    return await newest_first(session, statement, Webhook.id, window)


async def get(session: AsyncSession, actor: Actor, public_id: str) -> Webhook:
    """Find a webhook of the actor's organisation."""
    actor.require_manager("see webhooks")
    webhook = await session.scalar(
        select(Webhook).where(
            Webhook.public_id == public_id, Webhook.organisation_id == actor.organisation.id
        )
    )
    if webhook is None:
        raise NotFound
    return webhook


async def create(session: AsyncSession, actor: Actor, draft: Draft) -> Webhook:
    """Register an address. Its secret is to be shown now, and never again."""
    actor.require_manager("add webhooks")
    count = select(func.count(Webhook.id)).where(Webhook.organisation_id == actor.organisation.id)
    if (await session.scalar(count) or 0) >= MOST_WEBHOOKS:
        raise Conflict(f"An organisation can have at most {MOST_WEBHOOKS} webhooks. Delete one first.")
    webhook = Webhook(
        organisation_id=actor.organisation.id,
        url=draft.url,
        events=" ".join(event for event in EVENTS if event in draft.events),
        secret=f"whsec_{new_secret()}",
    )
    session.add(webhook)
    activity.record(session, actor, "added a webhook to", draft.url)
    await session.flush()
    return webhook


async def enable(session: AsyncSession, actor: Actor, webhook: Webhook) -> None:
    """Switch a webhook on again."""
    webhook.disabled_at, webhook.failures = None, 0
    activity.record(session, actor, "enabled the webhook to", webhook.url)
    await session.flush()


async def remove(session: AsyncSession, actor: Actor, webhook: Webhook) -> None:
    """Delete a webhook with its deliveries."""
    activity.record(session, actor, "deleted the webhook to", webhook.url)
    await session.execute(delete(Webhook).where(Webhook.id == webhook.id))


async def deliveries(session: AsyncSession, webhook: Webhook, window: Window) -> Page[WebhookDelivery]:
    """List what was sent or is to be sent, the newest first."""
    statement = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook.id)
    return await newest_first(session, statement, WebhookDelivery.id, window)


async def redeliver(session: AsyncSession, webhook: Webhook, public_id: str) -> WebhookDelivery:
    """Send an event once more, whatever became of it before."""
    delivery = await session.scalar(
        select(WebhookDelivery).where(
            WebhookDelivery.public_id == public_id, WebhookDelivery.webhook_id == webhook.id
        )
    )
    if delivery is None:
        raise NotFound
    if webhook.disabled_at is not None:
        raise Conflict("This webhook is disabled. Enable it first.")
    delivery.state, delivery.tries, delivery.next_attempt_at = "waiting", 0, now()
    await session.flush()
    return delivery


async def announce(
    session: AsyncSession, actor: Actor, event: str, task: Task, comment: Comment | None = None
) -> None:
    """Write a delivery for each webhook that wants to hear of this."""
    wanting = [webhook for webhook in await _enabled(session, task) if event in webhook.events.split()]
    for webhook in wanting:
        delivery = WebhookDelivery(public_id=new_public_id(), webhook_id=webhook.id, event=event, body="")
        delivery.body = json.dumps(_body(delivery.public_id, event, actor, task, comment))
        session.add(delivery)


async def _enabled(session: AsyncSession, task: Task) -> Sequence[Webhook]:
    statement = select(Webhook).where(
        Webhook.organisation_id == task.organisation_id, Webhook.disabled_at.is_(None)
    )
    return (await session.scalars(statement)).all()


def _body(public_id: str, event: str, actor: Actor, task: Task, comment: Comment | None) -> dict[str, object]:
    body: dict[str, object] = {
        "id": public_id,
        "event": event,
        "at": now().isoformat(),
        "actor": {"id": actor.user.public_id, "name": actor.user.name},
        "task": {
            "id": task.public_id,
            "title": task.title,
            "description": task.description,
            "status": task.status,
            "priority": task.priority,
            "due_on": task.due_on.isoformat() if task.due_on else None,
            "version": task.version,
        },
    }
    if comment is not None:
        body["comment"] = {"id": comment.public_id, "body": comment.body}
    return body


def signature(secret: str, body: str, moment: datetime) -> str:
    """Return the value of the header ``Tracker-Signature``: the moment, and a MAC over it and the body."""
    seconds = int(moment.timestamp())
    mac = hmac.new(secret.encode(), f"{seconds}.{body}".encode(), hashlib.sha256)
    return f"t={seconds},v1={mac.hexdigest()}"


async def due(session: AsyncSession, moment: datetime, most: int) -> Sequence[WebhookDelivery]:
    """Find deliveries whose time has come."""
    statement = (
        select(WebhookDelivery)
        .where(WebhookDelivery.state == "waiting", WebhookDelivery.next_attempt_at <= moment)
        .options(joinedload(WebhookDelivery.webhook))
        .order_by(WebhookDelivery.next_attempt_at, WebhookDelivery.id)
        .limit(most)
    )
    return (await session.scalars(statement)).all()


async def sent_after(session: AsyncSession, after: int, most: int) -> Sequence[WebhookDelivery]:
    """Find deliveries that were sent and not answered, by key."""
    statement = (
        select(WebhookDelivery)
        .where(WebhookDelivery.state == "sent", WebhookDelivery.id > after)
        .options(joinedload(WebhookDelivery.webhook))
        .order_by(WebhookDelivery.id)
        .limit(most)
    )
    return (await session.scalars(statement)).all()


def sent(delivery: WebhookDelivery, moment: datetime) -> None:
    """Note an attempt."""
    delivery.state = "sent"
    delivery.attempts += 1
    delivery.tries += 1
    delivery.next_attempt_at = moment + ANSWER_WITHIN


def give_up(delivery: WebhookDelivery, moment: datetime) -> None:
    """Note that a delivery will not be sent."""
    delivery.state, delivery.next_attempt_at = "failed", moment


def answered(delivery: WebhookDelivery, status: int | None, moment: datetime) -> bool:
    """Note how an attempt ended (``None``: no answer), and tell whether that disabled the webhook."""
    delivery.answer = status
    delivery.next_attempt_at = moment
    webhook = delivery.webhook
    if status is not None and 200 <= status < 300:
        delivery.state = "delivered"
        webhook.failures = 0
        return False
    webhook.failures += 1
    disabled = webhook.failures >= MOST_FAILURES and webhook.disabled_at is None
    if disabled:
        webhook.disabled_at = moment
    if delivery.tries >= MOST_TRIES or webhook.disabled_at is not None:
        delivery.state = "failed"
    else:
        delivery.state = "waiting"
        delivery.next_attempt_at = moment + FIRST_WAIT * 2 ** (delivery.tries - 1)
    return disabled


async def tell_managers(session: AsyncSession, webhook: Webhook) -> None:
    """Notify owners and admins that a webhook was disabled."""
    managers = await session.scalars(
        select(Membership.user_id).where(
            Membership.organisation_id == webhook.organisation_id, Membership.role.in_(MANAGERS)
        )
    )
    for user_id in managers:
        session.add(
            Notification(
                organisation_id=webhook.organisation_id,
                user_id=user_id,
                kind="webhook",
                text=f"A webhook was disabled after {webhook.failures} failures: {webhook.url[:200]}",
            )
        )
