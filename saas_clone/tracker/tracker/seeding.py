"""``python -m tracker seed FILE``: import organisations in bulk. ``docs/seeding.md`` describes the file."""

import asyncio
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tracker import logs
from tracker.database import Database
from tracker.ids import new_public_id
from tracker.models import (
    Base,
    Comment,
    Label,
    Membership,
    Organisation,
    Project,
    SearchDocument,
    Task,
    TaskLabel,
    User,
    now,
)
from tracker.passwords import Passwords
from tracker.search import fold, text_of
from tracker.settings import Settings
from tracker.tasks import PRIORITIES, STATUSES

CHUNK = 5_000
"""Rows per statement."""
TABLES = (Organisation, User, Membership, Project, Label, Task, SearchDocument, TaskLabel, Comment)
"""In the order in which they refer to each other."""
PUBLIC = (Organisation, User, Project, Label, Task, Comment)

Json = dict[str, Any]
log = logging.getLogger("tracker.seed")


class SeedError(Exception):
    """The file cannot be imported. Nothing was."""


def main(file: str) -> int:
    """Import a file (``-`` is stdin) into the database of the environment; all of it or nothing."""
    logs.configure()
    settings = Settings.from_environment()
    try:
        source = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
        imported = asyncio.run(seed(settings, json.loads(source)))
    except (OSError, ValueError, SeedError) as error:
        log.error("nothing was imported", extra={"fields": {"reason": str(error)}})
        return 1
    log.info("imported", extra={"fields": imported})
    return 0


async def seed(settings: Settings, document: Json) -> dict[str, int]:
    """Import a document in one transaction and return the number of rows per table."""
    database = Database(settings.database_url)
    try:
        async with database.writing() as session:
            rows = Rows(Passwords(settings.argon2))
            await rows.start(session)
            try:
                for organisation in document["organisations"]:
                    rows.add_organisation(organisation)
            except (KeyError, TypeError, ValueError) as error:
                raise SeedError(f"{type(error).__name__}: {error}; see docs/seeding.md") from error
            try:
                counts = {table.__tablename__: await rows.write(session, table) for table in TABLES}
            except IntegrityError as error:
                raise SeedError(f"something is there twice: {error.orig}") from error
            await rows.finish(session)
            return counts
    finally:
        await database.close()


@dataclass
class Rows:
    """Rows to insert. Their keys are given out here, so that they can refer to each other."""

    passwords: Passwords
    tables: dict[type[Base], list[Json]] = field(default_factory=lambda: {table: [] for table in TABLES})
    keys: dict[type[Base], int] = field(default_factory=dict[type[Base], int])
    users: dict[str, int] = field(default_factory=dict[str, int])
    """Keys by e-mail: a person may be in several organisations."""

    async def start(self, session: AsyncSession) -> None:
        """Find the first free keys, and the people who are there already."""
        for table in PUBLIC:
            self.keys[table] = await session.scalar(select(func.max(table.id))) or 0
        self.users = {row.email: row.id for row in await session.execute(select(User.email, User.id))}

    async def write(self, session: AsyncSession, table: type[Base]) -> int:
        """Insert the rows of one table."""
        rows = self.tables[table]
        target = table.__table__
        assert isinstance(target, Table)
        for start in range(0, len(rows), CHUNK):
            await session.execute(insert(target), rows[start : start + CHUNK])
        return len(rows)

    async def finish(self, session: AsyncSession) -> None:
        """Tell Postgres after which keys to go on, and to look at what is there now. SQLite needs neither."""
        if session.get_bind().dialect.name != "postgresql":
            return
        for table in PUBLIC:
            sequence = func.pg_get_serial_sequence(table.__tablename__, "id")
            await session.execute(
                select(func.setval(sequence, max(self.keys[table], 1), self.keys[table] > 0))
            )
        await session.execute(text("ANALYZE"))

    def add_organisation(self, given: Json) -> None:
        """Add an organisation with everything in it."""
        created = _moment(given, None)
        organisation = self._add(
            Organisation,
            name=given["name"],
            plan=given.get("plan", "starter"),
            seats=given.get("seats", max(5, len(given.get("users", [])))),
            cancelled_at=None,
            created_at=created,
        )
        people = [self._add_user(user, organisation, created) for user in given.get("users", [])]
        labels: dict[str, int] = {}
        for project in given.get("projects", []):
            self._add_project(project, organisation, people, labels, created)

    def _add_user(self, given: Json, organisation: int, created: datetime) -> int:
        email = given["email"].casefold()
        moment = _moment(given, created)
        if email not in self.users:
            password_hash = given.get("password_hash") or self.passwords.hash_now(given["password"])
            self.users[email] = self._add(
                User, email=email, name=given["name"], password_hash=password_hash, created_at=moment
            )
        user = self.users[email]
        self.tables[Membership].append(
            {
                "organisation_id": organisation,
                "user_id": user,
                "role": given.get("role", "member"),
                "created_at": moment,
            }
        )
        return user

    def _add_project(
        self, given: Json, organisation: int, people: list[int], labels: dict[str, int], created: datetime
    ) -> None:
        created = _moment(given, created)
        project = self._add(
            Project,
            organisation_id=organisation,
            name=given["name"],
            archived_at=created if given.get("archived") else None,
            created_at=created,
        )
        place = {"organisation_id": organisation, "project_id": project}
        for task in given.get("tasks", []):
            self._add_task(task, place, people, labels, created)
        for task in _bulk(given.get("bulk_tasks"), people, created):
            self._add_task_row({**place, **task})

    def _add_task(
        self, given: Json, place: dict[str, int], people: list[int], labels: dict[str, int], created: datetime
    ) -> None:
        moment = _moment(given, created)
        remarks = given.get("comments", [])
        due_on = given.get("due_on")
        assignee = given.get("assignee_email")
        task = self._add_task_row(
            {
                **place,
                "title": given["title"],
                "description": given.get("description", ""),
                "status": given.get("status", "todo"),
                "priority": given.get("priority", "normal"),
                "assignee_id": self.users[assignee.casefold()] if assignee else None,
                "creator_id": people[0] if people else None,
                "due_on": date.fromisoformat(due_on) if due_on else None,
                "created_at": moment,
            },
            *(remark["body"] for remark in remarks),
        )
        for remark in remarks:
            self._add(
                Comment,
                organisation_id=place["organisation_id"],
                task_id=task,
                author_id=self.users[remark["author_email"].casefold()],
                body=remark["body"],
                created_at=_moment(remark, moment),
            )
        names = (self._label(name, place["organisation_id"], labels) for name in given.get("labels", []))
        self.tables[TaskLabel] += ({"label_id": label, "task_id": task} for label in dict.fromkeys(names))

    def _label(self, name: str, organisation: int, labels: dict[str, int]) -> int:
        folded = fold(name)
        if folded not in labels:
            labels[folded] = self._add(
                Label, organisation_id=organisation, name=name, folded_name=folded, colour="grey"
            )
        return labels[folded]

    def _add_task_row(self, values: Json, *remarks: str) -> int:
        if values["status"] not in STATUSES or values["priority"] not in PRIORITIES:
            raise ValueError(f"status or priority of task {values['title']!r} is unknown")
        task = self._add(Task, **values, version=1, updated_at=values["created_at"])
        self.tables[SearchDocument].append(
            {
                "task_id": task,
                "organisation_id": values["organisation_id"],
                "text": text_of(values["title"], values["description"], *remarks),
            }
        )
        return task

    def _add(self, table: type[Base], **values: Any) -> int:
        self.keys[table] += 1
        values["id"] = self.keys[table]
        values["public_id"] = new_public_id()
        self.tables[table].append(values)
        return values["id"]


def _bulk(given: Json | None, people: list[int], created: datetime) -> Iterator[Json]:
    """Make up plain tasks for a load test: every third is done, people take turns."""
    if given is None:
        return
    for number in range(1, int(given["count"]) + 1):
        person = people[number % len(people)] if people else None
        yield {
            "title": f"{given['title_prefix']} {number}",
            "description": "",
            "status": STATUSES[number % len(STATUSES)],
            "priority": "normal",
            "assignee_id": person,
            "creator_id": person,
            "due_on": None,
            "created_at": created,
        }


def _moment(given: Json, default: datetime | None) -> datetime:
    text = given.get("created_at")
    if not text:
        return default or now()
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"created_at {text!r} has no time zone")
    return moment
