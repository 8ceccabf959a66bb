"""Background jobs. The platform's scheduler runs each as a command; two at once do no harm."""

import asyncio
import logging

from tracker import logs
from tracker.jobs import cleanup, digest, recurring, reminders, webhooks
from tracker.services import Services
from tracker.settings import Settings

JOBS = {
    "reminders": reminders.run,
    "digest": digest.run,
    "cleanup": cleanup.run,
    "webhooks": webhooks.run,
    "recurring": recurring.run,
}
log = logging.getLogger("tracker.jobs")


def main(name: str) -> int:
    """Run a job once. A failure is logged with its trace, and gives a non-zero exit status."""
    logs.configure()
    try:
        done = asyncio.run(_run(name))
    except Exception:  # the boundary: the scheduler sees the status, people see the log
        log.exception("job failed", extra={"fields": {"job": name}})
        return 1
    log.info("job finished", extra={"fields": {"job": name, "done": done}})
    return 0


async def _run(name: str) -> int:
    services = Services.start(Settings.from_environment())
    try:
        return await JOBS[name](services)
    finally:
        await services.database.close()
