"""Files on tasks: names in the database, bytes in the data folder."""

import asyncio
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from tracker import activity
from tracker.actors import Actor
from tracker.errors import Conflict, NotFound
from tracker.fields import clean
from tracker.ids import new_public_id
from tracker.models import Attachment, Task
from tracker.removal import still_there

MOST_PER_TASK = 50
_DOOMED = "tracker.doomed_files"


class FileStore:
    """The folder of the bytes, shared by all instances. File names are our ids, never a client's words."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, public_id: str) -> Path:
        """Where the bytes of an attachment are; two letters of the id keep folders small."""
        return self.folder / "attachments" / public_id[:2] / public_id

    async def save(self, public_id: str, source: IO[bytes]) -> int:
        """Copy ``source`` into the store and return its size in bytes. Readers see all of it or nothing."""
        return await asyncio.to_thread(self._save, self.path(public_id), source)

    def _save(self, path: Path, source: IO[bytes]) -> int:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as target:
            while chunk := source.read(1 << 16):
                target.write(chunk)
            size = target.tell()
        os.replace(part, path)
        return size

    async def discard(self, public_ids: Iterable[str]) -> None:
        """Delete files, if they are there."""
        for public_id in public_ids:
            await asyncio.to_thread(self.path(public_id).unlink, missing_ok=True)


def safe_name(name: str) -> str:
    """Return a file name without folders and without characters that a file system could trip over."""
    name = clean(name.replace("\\", "/").rsplit("/", 1)[-1])
    name = re.sub(r'[\n\t"<>:|?*]', "_", name).strip(". ")
    return name[-150:] or "file"


async def listed(session: AsyncSession, task: Task) -> Sequence[Attachment]:
    """List the files of a task in the order they came."""
    statement = select(Attachment).where(Attachment.task_id == task.id).order_by(Attachment.id)
    return (await session.scalars(statement)).all()


async def create(
    session: AsyncSession, actor: Actor, store: FileStore, task: Task, name: str, source: IO[bytes]
) -> Attachment:
    """Attach a file. The bytes go first: a row never points at nothing."""
    if len(await listed(session, task)) >= MOST_PER_TASK:
        raise Conflict(f"A task can have at most {MOST_PER_TASK} files.")
    attachment = Attachment(
        public_id=new_public_id(),
        organisation_id=task.organisation_id,
        task_id=task.id,
        uploader_id=actor.user.id,
        file_name=safe_name(name),
        size=0,
    )
    attachment.size = await store.save(attachment.public_id, source)
    session.add(attachment)
    activity.record_task(session, actor, "attached a file to", task)
    await session.flush()
    return attachment


async def get(session: AsyncSession, actor: Actor, public_id: str) -> Attachment:
    """Find a file of the actor's organisation."""
    attachment = await session.scalar(
        select(Attachment)
        .join(Task, Task.id == Attachment.task_id)
        .where(
            Attachment.public_id == public_id,
            Attachment.organisation_id == actor.organisation.id,
            still_there(Task.project_id),
        )
    )
    if attachment is None:
        raise NotFound
    return attachment


async def task_of(session: AsyncSession, attachment: Attachment) -> str:
    """Return the public id of the task that a file belongs to."""
    return (await session.scalars(select(Task.public_id).where(Task.id == attachment.task_id))).one()


async def remove(session: AsyncSession, actor: Actor, attachment: Attachment) -> None:
    """Delete a file."""
    actor.require_author(attachment.uploader_id, "delete a file")
    discard_after_commit(session, [attachment.public_id])
    await session.execute(delete(Attachment).where(Attachment.id == attachment.id))


def discard_after_commit(session: AsyncSession, public_ids: Iterable[str]) -> None:
    """Remember files to delete once the rows are gone for good: a rolled-back deletion must keep them."""
    session.info.setdefault(_DOOMED, []).extend(public_ids)


def doomed(session: AsyncSession) -> list[str]:
    """Return the files that the committed session wants deleted."""
    return session.info.pop(_DOOMED, [])
