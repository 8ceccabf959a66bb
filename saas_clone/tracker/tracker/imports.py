"""Import of tasks from CSV: a file is looked at first, and imported whole or not at all."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from tracker import activity, labels, projects, teams
from tracker.actors import Actor
from tracker.automation_models import ImportedTask, ImportFile, TaskStateChange
from tracker.csv_files import Row, Table, read_table
from tracker.errors import Conflict, Invalid, NotFound
from tracker.exports import original_text
from tracker.fields import Fields, clean
from tracker.ids import new_public_id
from tracker.models import Label, SearchDocument, Task, TaskLabel, now
from tracker.removal import still_there
from tracker.search import fold, text_of
from tracker.task_input import MOST_DESCRIPTION, MOST_TITLE
from tracker.tasks import PRIORITIES, STATUSES

FILE_LIFE = timedelta(hours=24)
MOST_BYTES = 4 * 1024 * 1024
MOST_WAITING = 5
"""Files of one person that were looked at and not imported."""
MOST_PROBLEMS = 100
MOST_LABELS_PER_ROW = 20
SHOWN_ROWS = 10
CHUNK = 500

_STATUS_WORDS = {"to do": "todo", "open": "todo", "new": "todo", "in progress": "doing", "closed": "done"}
_ORDINARY = {"status": "todo", "priority": "normal"}


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell: the line of the file, the column as the file calls it, and what to do."""

    line: int
    column: str
    text: str


@dataclass(frozen=True)
class NewTask:
    """A row that is right."""

    external_id: str
    project_id: int
    values: Mapping[str, Any]
    labels: Sequence[str]


@dataclass
class Preview:
    """What an import would do."""

    table: Table
    tasks: list[NewTask] = field(default_factory=list[NewTask])
    known: int = 0
    """Rows that are here already."""
    problems: list[Problem] = field(default_factory=list[Problem])


@dataclass(frozen=True)
class Surroundings:
    """What rows may name: by folded name or address, the key of each."""

    projects: Mapping[str, int]
    members: Mapping[str, int]
    default_project: int | None
    taken: frozenset[str]
    """Names by which tasks are known here."""


async def keep(
    session: AsyncSession, actor: Actor, project_id: int | None, name: str, text: str
) -> ImportFile:
    """Keep a file until its author has seen what it would do."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise Invalid({"file": f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Split it."})
    own = select(ImportFile.id).where(
        ImportFile.user_id == actor.user.id, ImportFile.organisation_id == actor.organisation.id
    )
    old = (await session.scalars(own.order_by(ImportFile.id.desc()).offset(MOST_WAITING - 1))).all()
    await session.execute(delete(ImportFile).where(ImportFile.id.in_(old)))
    kept = ImportFile(
        organisation_id=actor.organisation.id,
        user_id=actor.user.id,
        project_id=project_id,
        name=name[:200],
        content=text,
    )
    session.add(kept)
    await session.flush()
    return kept


async def get(session: AsyncSession, actor: Actor, public_id: str) -> ImportFile:
    """Find one of the actor's own files."""
    found = await session.scalar(
        select(ImportFile).where(
            ImportFile.public_id == public_id,
            ImportFile.user_id == actor.user.id,
            ImportFile.organisation_id == actor.organisation.id,
            ImportFile.created_at > now() - FILE_LIFE,
        )
    )
    if found is None:
        raise NotFound("This file was imported already, or is too old. Choose it again.")
    return found


async def preview(session: AsyncSession, actor: Actor, file: ImportFile) -> Preview:
    """Check every row of a file. Raises ``Invalid`` for a file that cannot be read at all."""
    seen = Preview(read_table(file.content))
    around = await _surroundings(session, actor, file, seen.table)
    names: set[str] = set()
    for row in seen.table.rows:
        reader = _RowReader(row, seen.table.headings, around)
        made = reader.read()
        seen.problems += reader.problems
        if made.external_id and made.external_id in names:
            column = seen.table.headings.get("external_id") or seen.table.headings["id"]
            seen.problems.append(Problem(row.line, column, "is on another line of this file, too"))
        names.add(made.external_id)
        if made.external_id in around.taken:
            seen.known += 1
        else:
            seen.tasks.append(made)
    return seen


async def run(session: AsyncSession, actor: Actor, file: ImportFile) -> tuple[int, int]:
    """Import a file that has no mistakes; returns how many tasks are new, and how many were here already."""
    found = await preview(session, actor, file)
    if found.problems:
        raise Conflict("Something has changed since the preview, and the file has mistakes now. Look again.")
    await _store(session, actor, found.tasks)
    activity.record(session, actor, "imported", f"{len(found.tasks)} tasks from {file.name}")
    await session.delete(file)
    await session.flush()
    return len(found.tasks), found.known


async def _surroundings(session: AsyncSession, actor: Actor, file: ImportFile, table: Table) -> Surroundings:
    people = await teams.names(session, actor)
    namesakes = Counter(fold(user.name) for user in people)
    members = {fold(user.name): user.id for user in people if namesakes[fold(user.name)] == 1}
    members.update({user.email: user.id for user in people})
    active = await projects.active(session, actor)
    wanted = sorted({_external_id(row) for row in table.rows} - {""})
    taken: set[str] = set()
    here = actor.organisation.id
    for start in range(0, len(wanted), CHUNK):
        some = wanted[start : start + CHUNK]
        imported = select(ImportedTask.external_id).where(
            ImportedTask.organisation_id == here, ImportedTask.external_id.in_(some)
        )
        own = select(Task.public_id).where(
            Task.organisation_id == here, Task.public_id.in_(some), still_there(Task.project_id)
        )
        taken.update(await session.scalars(imported))
        taken.update(await session.scalars(own))
    return Surroundings(
        projects={fold(project.name): project.id for project in active},
        members=members,
        default_project=next((each.id for each in active if each.id == file.project_id), None),
        taken=frozenset(taken),
    )


def _external_id(row: Row) -> str:
    return clean(row.cells.get("external_id", "")) or clean(row.cells.get("id", ""))


class _RowReader:
    """Reads one row and gathers what is wrong with it."""

    def __init__(self, row: Row, headings: Mapping[str, str], around: Surroundings) -> None:
        self._row = row
        self._headings = headings
        self._around = around
        self._fields = Fields({name: self._cell(name) for name in row.cells})
        self.problems: list[Problem] = []

    def _cell(self, name: str) -> str:
        cell = original_text(self._row.cells.get(name, "").strip())
        if name in _ORDINARY:
            folded = " ".join(cell.casefold().split())
            return _STATUS_WORDS.get(folded, folded) if name == "status" else folded
        return cell

    def read(self) -> NewTask:
        """Return the task; what is wrong is in ``problems``."""
        fields = self._fields
        values = {
            "title": fields.text("title", "Title", most=MOST_TITLE),
            "description": fields.text("description", "Text", most=MOST_DESCRIPTION, least=0, lines=True),
            "status": fields.choice("status", "Status", STATUSES, "todo"),
            "priority": fields.choice("priority", "Priority", PRIORITIES, "normal"),
            "due_on": fields.day("due_on", "Due date"),
            "assignee_id": self._assignee(),
        }
        project = self._project()
        names = self._labels()
        external_id = _external_id(self._row)
        if len(external_id) > 200:
            fields.reject("external_id", "can have at most 200 characters")
        for name, text in fields.problems.items():
            self.problems.append(Problem(self._row.line, self._headings.get(name, name.title()), text))
        return NewTask(external_id, project, values, names)

    def _assignee(self) -> int | None:
        named = clean(self._cell("assignee"))
        if not named:
            return None
        key = self._around.members.get(fold(named))
        if key is None:
            self._fields.reject(
                "assignee", "must be the e-mail of a member, or a name that only one has, or empty"
            )
        return key

    def _project(self) -> int:
        named = clean(self._cell("project"))
        key = self._around.projects.get(fold(named)) if named else self._around.default_project
        if key is None:
            wrong = "must name an active project" if named else "is empty, and no project was chosen"
            self._fields.reject("project", wrong)
        return key or 0

    def _labels(self) -> list[str]:
        cell = self._cell("labels").replace(",", ";")
        names = list(dict.fromkeys(" ".join(clean(part).split()) for part in cell.split(";")))
        names = [name for name in names if name]
        if len(names) > MOST_LABELS_PER_ROW or any(len(name) > 50 for name in names):
            self._fields.reject("labels", "can have 20 labels of 50 characters")
        return names


async def _store(session: AsyncSession, actor: Actor, made: Sequence[NewTask]) -> None:
    keys = await _label_keys(session, actor, made)
    moment, here = now(), actor.organisation.id
    common = {
        "organisation_id": here,
        "creator_id": actor.user.id,
        "version": 1,
        "created_at": moment,
        "updated_at": moment,
    }
    for start in range(0, len(made), CHUNK):
        some = {new_public_id(): each for each in made[start : start + CHUNK]}
        rows = [
            {**common, **each.values, "public_id": name, "project_id": each.project_id}
            for name, each in some.items()
        ]
        await session.execute(insert(Task.__table__), rows)  # type: ignore[arg-type]
        found = await session.execute(select(Task.public_id, Task.id).where(Task.public_id.in_(some)))
        stored = [(key, some[name]) for name, key in found]
        await _store_around(session, here, stored, keys)


async def _store_around(
    session: AsyncSession, here: int, stored: Sequence[tuple[int, NewTask]], keys: Mapping[str, int]
) -> None:
    """Store what belongs to new tasks: how to find them, their state, their names elsewhere, their labels."""
    searched = [
        {
            "task_id": key,
            "organisation_id": here,
            "text": text_of(each.values["title"], each.values["description"]),
        }
        for key, each in stored
    ]
    states = [
        {"task_id": key, "organisation_id": here, "after": each.values["status"]} for key, each in stored
    ]
    named = [
        {"task_id": key, "organisation_id": here, "external_id": each.external_id}
        for key, each in stored
        if each.external_id
    ]
    labelled = [
        {"task_id": key, "label_id": label}
        for key, each in stored
        for label in dict.fromkeys(keys[fold(name)] for name in each.labels)
    ]
    tables = (SearchDocument, TaskStateChange, ImportedTask, TaskLabel)
    for table, rows in zip(tables, (searched, states, named, labelled), strict=True):
        if rows:
            await session.execute(insert(table), rows)


async def _label_keys(session: AsyncSession, actor: Actor, made: Sequence[NewTask]) -> dict[str, int]:
    """Return the labels that the rows name, by folded name; those that are new are made."""
    keys = {label.folded_name: label.id for label in await labels.listed(session, actor)}
    for each in made:
        for name in each.labels:
            if fold(name) not in keys:
                label: Label = await labels.create(session, actor, name, "grey")
                keys[label.folded_name] = label.id
    return keys
