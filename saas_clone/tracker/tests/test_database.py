"""Migrations, seeding, and instances that share a database."""

import json
from pathlib import Path

import anyio
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, select, text, update

from tests.browser import PASSWORD, Browser
from tracker.automation_models import TaskStateChange
from tracker.database import Database
from tracker.migrating import CONFIG, migrate
from tracker.models import Base, Comment, Project, SearchDocument, Task
from tracker.seeding import SeedError, seed
from tracker.services import Services
from tracker.settings import Settings

pytestmark = pytest.mark.anyio


def upgrade(connection: Connection, revision: str) -> None:
    config = Config(str(CONFIG))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return compare_metadata(context, Base.metadata)


def schema(connection: Connection) -> set[str]:
    """Return the statements that made the schema, without differences that mean nothing."""
    rows = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
    return {"".join(sorted(row.sql.replace('"', "").replace(",", " ").split())) for row in rows}


async def test_migrations_make_the_models(tmp_path: Path, settings: Settings) -> None:
    stepwise = Database(f"sqlite+aiosqlite:///{tmp_path}/stepwise.db")
    async with stepwise.engine.begin() as connection:
        await connection.run_sync(upgrade, "head")
        assert await connection.run_sync(differences) == []
        made_by_migrations = await connection.run_sync(schema)
    await stepwise.close()
    await migrate(settings.database_url)
    at_once = Database(settings.database_url)
    async with at_once.engine.connect() as connection:
        assert await connection.run_sync(schema) == made_by_migrations
    await at_once.close()
    await migrate(settings.database_url)  # a second time does nothing


async def test_old_tasks_become_findable(settings: Settings) -> None:
    database = Database(settings.database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(upgrade, "0001")
        columns = "(id, public_id, name, plan, seats, created_at)"
        values = "(1, 'aaaaaaaaaaaa', 'Old', 'starter', 5, '2026-01-01 00:00:00')"
        await connection.execute(text(f"INSERT INTO organisations {columns} VALUES {values}"))
        await connection.execute(insert(Project), [{"id": 1, "organisation_id": 1, "name": "P"}])
        common = {"organisation_id": 1, "project_id": 1}
        await connection.execute(insert(Task), [{**common, "id": n, "title": f"Ärger {n}"} for n in (1, 2)])
        await connection.execute(update(Task).where(Task.id == 2).values(status="done"))
        await connection.execute(insert(Comment), [{"organisation_id": 1, "task_id": 2, "body": "HÖR"}])
    await migrate(settings.database_url)
    async with database.session(writes=False) as session:
        texts = (await session.scalars(select(SearchDocument.text).order_by(SearchDocument.task_id))).all()
        finished = (await session.execute(select(TaskStateChange.task_id, TaskStateChange.after))).all()
    assert texts == ["ärger 1\n", "ärger 2\n\nhör"]
    assert [tuple(row) for row in finished] == [(2, "done")]
    await database.close()


SEED = {
    "organisations": [
        {
            "name": "Seeded",
            "plan": "team",
            "created_at": "2026-01-05T09:00:00+00:00",
            "users": [
                {"name": "Sam", "email": "Sam@example.com", "password": PASSWORD, "role": "owner"},
                {"name": "Tom", "email": "tom@example.com", "password": PASSWORD},
            ],
            "projects": [
                {
                    "name": "Cards",
                    "tasks": [
                        {
                            "title": "First card",
                            "description": "Ünlike others",
                            "assignee_email": "tom@example.com",
                            "due_on": "2026-02-01",
                            "labels": ["red", "RED"],
                            "comments": [{"author_email": "tom@example.com", "body": "Hello"}],
                        }
                    ],
                    "bulk_tasks": {"count": 30, "title_prefix": "Card"},
                }
            ],
        }
    ]
}


async def test_seeded_people_work_as_usual(settings: Settings, visitor: Browser) -> None:
    counts = await seed(settings, json.loads(json.dumps(SEED)))
    assert counts["tasks"] == 31 and counts["labels"] == 1
    await visitor.open("/login")
    await visitor.submit("Log in", Email="sam@example.com", Password=PASSWORD)
    await visitor.click("Cards")
    assert "Card 30" in visitor.page.links
    await visitor.submit("Search", Search="ünlike HELLO")
    page = await visitor.click("First card")
    assert "Hello" in page.body and "<dd>Tom</dd>" in page.body
    await visitor.make_task("A new one")


async def test_a_wrong_file_changes_nothing(settings: Settings) -> None:
    await migrate(settings.database_url)
    wrong = {"organisations": [{"name": "Fine"}, {"title": "No name"}]}
    with pytest.raises(SeedError, match="name"):
        await seed(settings, wrong)
    assert (await seed(settings, {"organisations": []}))["organisations"] == 0


async def test_comments_in_one_instant_all_count(ada: Browser, services: Services) -> None:
    task = await ada.make_task()

    async def comment(number: int) -> None:
        url = ada.server.make_url(f"{task}/comments")
        headers = {"Origin": ada.origin}
        data = {"body": f"remark{number}"}
        async with ada.http.post(url, data=data, headers=headers, allow_redirects=False) as response:
            assert response.status == 303

    async with anyio.create_task_group() as group:
        for number in range(8):
            group.start_soon(comment, number)
    async with services.database.session(writes=False) as session:
        document = (await session.scalars(select(SearchDocument.text))).one()
    assert all(f"remark{number}" in document for number in range(8))
