"""Makes the tasks that recur, on their days. A day has one task, however often this runs."""

from tracker import mail, recurring
from tracker.calendars import LARGEST_OFFSET
from tracker.models import now
from tracker.services import Services

BATCH = 50
"""Recurring tasks per transaction: nobody waits long for the write lock."""


async def run(services: Services) -> int:
    """Make what is due and return the number of tasks."""
    moment = now()
    made = after = 0
    while True:
        async with services.database.writing() as session:
            batch = await recurring.due(session, (moment + LARGEST_OFFSET).date(), after, BATCH)
            for found in batch:
                made += await recurring.make_due(session, found, moment)
        await services.mail.hand_over(mail.outgoing(session))
        if not batch:
            return made
        after = batch[-1].id
