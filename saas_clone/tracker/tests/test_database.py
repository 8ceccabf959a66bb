"""Migrations, seeding, and instances that share a database."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import anyio
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, column, insert, select, table, text

from tests.browser import PASSWORD, Browser
from tests.databases import Databases
from tracker.automation_models import TaskStateChange
from tracker.database import Database
from tracker.migrating import CONFIG, migrate
from tracker.models import (
    Base,
    Notification,
    SearchDocument,
    User,
    UtcDateTime,
    search_place,
)
from tracker.seeding import SeedError, seed
from tracker.services import Services
from tracker.settings import Settings

pytestmark = pytest.mark.anyio


def upgrade(connection: Connection, revision: str) -> None:
    config = Config(str(CONFIG))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def downgrade(connection: Connection, revision: str) -> None:
    config = Config(str(CONFIG))
    config.attributes["connection"] = connection
    command.downgrade(config, revision)


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return compare_metadata(context, Base.metadata)


def schema(connection: Connection) -> set[str]:
    """Return the statements that made the schema, without differences that mean nothing."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
        return {"".join(sorted(row.sql.replace('"', "").replace(",", " ").split())) for row in rows}
    return {str(tuple(row)) for statement in POSTGRES_SCHEMA for row in connection.execute(text(statement))}


OLD_ORGANISATION = (
    "INSERT INTO organisations (id, public_id, name, plan, seats, created_at)"
    " VALUES (1, 'aaaaaaaaaaaa', 'Old', 'starter', 5, '2026-01-01 00:00:00')"
)
OLD_TASKS = (
    "INSERT INTO projects (id, public_id, organisation_id, name, created_at)"
    " VALUES (1, 'bbbbbbbbbbbb', 1, 'P', '2026-01-01 00:00:00')",
    "INSERT INTO tasks (id, public_id, organisation_id, project_id, title, description, status, priority,"
    " version, created_at, updated_at)"
    " VALUES (1, 'cccccccccccc', 1, 1, 'Ärger 1', '', 'todo', 'normal', 1,"
    " '2026-01-01 00:00:00', '2026-01-01 00:00:00'),"
    " (2, 'dddddddddddd', 1, 1, 'Ärger 2', '', 'done', 'normal', 1,"
    " '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
    "INSERT INTO comments (id, public_id, organisation_id, task_id, body, created_at)"
    " VALUES (1, 'eeeeeeeeeeee', 1, 2, 'HÖR', '2026-01-01 00:00:00')",
)
"""As the first version wrote them, whatever columns the models have today."""
POSTGRES_SCHEMA = (
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
    "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default"
    " FROM information_schema.columns WHERE table_schema = 'public'",
)


@pytest.fixture
def other_address(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a second empty database."""
    url = databases.empty(tmp_path_factory.mktemp("other"))
    yield url
    databases.drop(url)


async def test_migrations_make_the_models(bare: Settings, other_address: str) -> None:
    stepwise = Database(other_address)
    async with stepwise.engine.begin() as connection:
        await connection.run_sync(upgrade, "head")
        assert await connection.run_sync(differences) == []
        made_by_migrations = await connection.run_sync(schema)
    await stepwise.close()
    await migrate(bare.database_url)
    at_once = Database(bare.database_url)
    async with at_once.engine.connect() as connection:
        assert await connection.run_sync(schema) == made_by_migrations
    await at_once.close()
    await migrate(bare.database_url)  # a second time does nothing


async def test_old_tasks_become_findable(bare: Settings) -> None:
    database = Database(bare.database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(upgrade, "0001")
        await connection.execute(text(OLD_ORGANISATION))
        for statement in OLD_TASKS:
            await connection.execute(text(statement))
    await migrate(bare.database_url)
    async with database.session(writes=False) as session:
        found = (await session.scalars(select(SearchDocument).order_by(SearchDocument.place))).all()
        finished = (await session.execute(select(TaskStateChange.task_id, TaskStateChange.after))).all()
    assert [document.text for document in found] == ["ärger 1\n", "ärger 2\n\nhör"]
    assert [document.place for document in found] == [search_place(1, 1), search_place(1, 2)]
    assert [tuple(row) for row in finished] == [(2, "done")]
    async with database.engine.begin() as connection:
        made = await connection.run_sync(schema)
        await connection.run_sync(downgrade, "0003")
        await connection.run_sync(upgrade, "head")
        assert await connection.run_sync(schema) == made
        assert len((await connection.execute(select(SearchDocument.place))).all()) == 2
    await database.close()


async def test_old_notifications_get_ids(bare: Settings) -> None:
    database = Database(bare.database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(upgrade, "0003")
        await connection.execute(text(OLD_ORGANISATION))
        await connection.execute(
            insert(User), [{"id": 1, "email": "a@example.com", "name": "A", "password_hash": ""}]
        )
        rows = [{"organisation_id": 1, "user_id": 1, "kind": "digest", "text": f"{n}"} for n in range(1_001)]
        names = ("organisation_id", "user_id", "kind", "text")
        moment = column("created_at", UtcDateTime())
        old = table("notifications", *(column(name) for name in names), moment)
        await connection.execute(
            insert(old), [{**row, "created_at": datetime(2026, 1, 5, 9, tzinfo=UTC)} for row in rows]
        )
    await migrate(bare.database_url)
    async with database.session(writes=False) as session:
        ids = (await session.scalars(select(Notification.public_id))).all()
    assert len(set(ids)) == 1_001 and all(len(found) == 12 for found in ids)
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
