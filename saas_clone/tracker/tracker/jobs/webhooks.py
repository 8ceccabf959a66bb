"""Delivers what webhooks are to hear: takes note of the platform's answers, then hands over what is due."""

from sqlalchemy.ext.asyncio import AsyncSession

from tracker import __version__, webhooks
from tracker.automation_models import WebhookDelivery
from tracker.egress import Request
from tracker.models import now
from tracker.services import Services
from tracker.webhook_addresses import problem_with

BATCH = 100
"""Deliveries per transaction: nobody waits long for the write lock."""


async def run(services: Services) -> int:
    """Do both, and return the number of deliveries that were answered or sent."""
    return await _take_answers(services) + await _send_due(services)


async def _take_answers(services: Services) -> int:
    noted = after = 0
    while True:
        async with services.database.writing() as session:
            batch = await webhooks.sent_after(session, after, BATCH)
            ended = [one for one in batch if await _take_answer(services, session, one)]
            names = [_name(one) for one in ended]
        for name in names:
            await services.egress.forget(name)
        noted += len(ended)
        if not batch:
            return noted
        after = batch[-1].id


async def _take_answer(services: Services, session: AsyncSession, delivery: WebhookDelivery) -> bool:
    """Tell whether an attempt is over: it was answered, or we have waited long enough."""
    moment = now()
    status = await services.egress.answer(_name(delivery))
    if status is None and delivery.next_attempt_at > moment:
        return False
    if webhooks.answered(delivery, status, moment):
        await webhooks.tell_managers(session, delivery.webhook)
    return True


async def _send_due(services: Services) -> int:
    moved = 0
    while True:
        async with services.database.writing() as session:
            moving = await _send_some(services, session)
        if not moving:
            return moved
        moved += moving


async def _send_some(services: Services, session: AsyncSession) -> int:
    moment = now()
    batch = await webhooks.due(session, moment, BATCH)
    for delivery in batch:
        webhook = delivery.webhook
        # We looked at the address when it was registered; what we refuse may have grown since.
        if webhook.disabled_at is not None or problem_with(webhook.url) is not None:
            webhooks.give_up(delivery, moment)
            continue
        webhooks.sent(delivery, moment)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"tracker/{__version__}",
            "Tracker-Event": delivery.event,
            "Tracker-Delivery": delivery.public_id,
            webhooks.SIGNATURE: webhooks.signature(webhook.secret, delivery.body, moment),
        }
        # Before the commit: if we end in between, the same file is written again.
        await services.egress.send(Request(_name(delivery), webhook.url, "POST", headers, delivery.body))
    return len(batch)


def _name(delivery: WebhookDelivery) -> str:
    """Each attempt has files of its own."""
    return f"{delivery.public_id}-{delivery.attempts}"
