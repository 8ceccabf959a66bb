"""Removes what is of no further use: old sessions, links, failures and audit events, and files of no task."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, select

from tracker.accounts import THROTTLE_WINDOW
from tracker.audit import MEMORY as AUDIT_MEMORY
from tracker.models import (
    Attachment,
    AuditEvent,
    Invitation,
    LoginFailure,
    PasswordReset,
    ResetRequest,
    Session,
    ShareLink,
    now,
)
from tracker.resets import WINDOW as RESET_WINDOW
from tracker.services import Services

LINK_MEMORY = timedelta(days=30)
"""Expired links stay for so long in the lists of those who made them."""
UPLOAD_SECONDS = 24 * 3600
"""A file younger than this may belong to an upload that has not committed yet."""


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
    )
    removed = 0
    for statement in old:
        async with services.database.writing() as session:
            removed += (await session.execute(statement)).rowcount  # type: ignore[attr-defined]
    return removed + await _remove_orphans(services)


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
