"""Removes what has no further use: deleted projects, what has run out, and files of no task."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from tracker import attachments
from tracker.accounts import THROTTLE_WINDOW
from tracker.audit import MEMORY as AUDIT_MEMORY
from tracker.automation_models import IdempotencyKey, ImportFile, WebhookDelivery
from tracker.idempotency import KEY_LIFE
from tracker.imports import FILE_LIFE
from tracker.models import (
    Activity,
    Attachment,
    AuditEvent,
    Invitation,
    LoginFailure,
    PasswordReset,
    Project,
    ResetRequest,
    Session,
    ShareLink,
    Task,
    now,
)
from tracker.removal import removed
from tracker.resets import WINDOW as RESET_WINDOW
from tracker.services import Services
from tracker.webhooks import DELIVERY_MEMORY

LINK_MEMORY = timedelta(days=30)
"""Expired links stay for so long in the lists of those who made them."""
UPLOAD_SECONDS = 24 * 3600
"""A file younger than this may belong to an upload that has not committed yet."""
TASKS = 500
"""Tasks per transaction: nobody waits long for the write lock."""


async def run(services: Services) -> int:
    """Delete, and return how much."""
    moment = now()
    old = (
        delete(Session).where(Session.expires_at < moment),
        delete(Invitation).where(Invitation.expires_at < moment - LINK_MEMORY),
        delete(ShareLink).where(ShareLink.expires_at < moment - LINK_MEMORY),
        delete(PasswordReset).where(PasswordReset.expires_at < moment),
        delete(ResetRequest).where(ResetRequest.at < moment - RESET_WINDOW),
        delete(LoginFailure).where(LoginFailure.at < moment - THROTTLE_WINDOW),
        delete(AuditEvent).where(AuditEvent.at < moment - AUDIT_MEMORY),
        delete(IdempotencyKey).where(IdempotencyKey.created_at < moment - KEY_LIFE),
        delete(ImportFile).where(ImportFile.created_at < moment - FILE_LIFE),
        delete(WebhookDelivery).where(
            WebhookDelivery.state.in_(("delivered", "failed")),
            WebhookDelivery.next_attempt_at < moment - DELIVERY_MEMORY,
        ),
    )
    gone = 0
    for statement in old:
        async with services.database.writing() as session:
            gone += (await session.execute(statement)).rowcount  # type: ignore[attr-defined]
    return gone + await _remove_projects(services) + await _remove_orphans(services)


async def _remove_projects(services: Services) -> int:
    """Delete for good the projects that people have deleted; returns the number of tasks in them."""
    tasks = 0
    while True:
        async with services.database.writing() as session:
            project = await session.scalar(removed().order_by(Project.id).limit(1))
            if project is None:
                return tasks
            tasks += await _remove_some(session, project)
        await services.files.discard(attachments.doomed(session))


async def _remove_some(session: AsyncSession, project_id: int) -> int:
    """Delete some of a project's tasks with all that hangs on them; when none is left, the project."""
    some = select(Task.id).where(Task.project_id == project_id).order_by(Task.id).limit(TASKS)
    keys = (await session.scalars(some)).all()
    if not keys:
        await session.execute(delete(Activity).where(Activity.project_id == project_id))
        await session.execute(delete(Project).where(Project.id == project_id))
        return 0
    files = await session.scalars(select(Attachment.public_id).where(Attachment.task_id.in_(keys)))
    attachments.discard_after_commit(session, files.all())
    await session.execute(delete(Activity).where(Activity.task_id.in_(keys)))
    await session.execute(delete(Task).where(Task.id.in_(keys)))
    return len(keys)


async def _remove_orphans(services: Services) -> int:
    files = await asyncio.to_thread(_old_files, services.files.folder / "attachments")
    removed = 0
    for start in range(0, len(files), 500):
        batch = files[start : start + 500]
        async with services.database.session(writes=False) as session:
            known = set(
                await session.scalars(
                    select(Attachment.public_id).where(Attachment.public_id.in_([x.name for x in batch]))
                )
            )
        for path in batch:
            if path.name not in known:
                await asyncio.to_thread(path.unlink, missing_ok=True)
                removed += 1
    return removed


def _old_files(folder: Path) -> list[Path]:
    before = time.time() - UPLOAD_SECONDS
    return [path for path in sorted(folder.glob("*/*")) if path.stat().st_mtime < before]
