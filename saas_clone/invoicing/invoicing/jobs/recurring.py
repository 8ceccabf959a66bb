"""Issues and sends the invoices that repeat, on their day in the firm's own time zone."""

from datetime import timedelta

from sqlalchemy import select

from invoicing import dates, schedules
from invoicing.runtime import Runtime
from invoicing.tables import Firm, Schedule

AHEAD = timedelta(days=1)
"""Somewhere it is tomorrow already."""


async def run(runtime: Runtime) -> int:
    """Issue what is due and return how many invoices that were."""
    latest = dates.now().date() + AHEAD
    async with runtime.storage.open(writes=False) as session:
        due = select(Schedule.id).where(Schedule.next_on <= latest).order_by(Schedule.id)
        found = (await session.scalars(due)).all()
    issued = 0
    for schedule_id in found:
        issued += await _run_one(runtime, schedule_id)
    return issued


async def _run_one(runtime: Runtime, schedule_id: int) -> int:
    """One transaction per schedule: nobody waits long, and a failure keeps what was done."""
    async with runtime.storage.writing() as session:
        # Read again, locked: another run of this job may have been here.
        statement = (
            select(Schedule, Firm)
            .join(Firm, Firm.id == Schedule.firm_id)
            .where(Schedule.id == schedule_id)
            .with_for_update(of=Schedule)
        )
        schedule, firm = (await session.execute(statement)).one()
        today = dates.today(firm.time_zone)
        return await schedules.run_due(session, schedule, firm, today, runtime.signer, runtime.settings.public_url)
