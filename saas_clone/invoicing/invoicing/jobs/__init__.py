"""Background jobs. The platform runs each as a command; two at once, or one twice, do no harm."""

import asyncio
import logging

from invoicing import logs
from invoicing.jobs import nightly, recurring, reminders
from invoicing.runtime import Runtime
from invoicing.settings import Settings

JOBS = {"recurring": recurring.run, "reminders": reminders.run, "nightly": nightly.run}
log = logging.getLogger("invoicing.jobs")


def main(name: str) -> int:
    """Run a job once; a failure is logged with its trace and ends with 1."""
    logs.configure()
    try:
        done = asyncio.run(_run(name))
    except Exception:  # the boundary: the scheduler sees the status, people see the log
        log.exception("job failed", extra=logs.fields(job=name))
        return 1
    log.info("job finished", extra=logs.fields(job=name, done=done))
    return 0


async def _run(name: str) -> int:
    runtime = Runtime.start(Settings.from_environment())
    try:
        return await JOBS[name](runtime)
    finally:
        await runtime.storage.close()
