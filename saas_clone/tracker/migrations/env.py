"""Alembic's entry: migrates over the connection it is handed, or the one of TRACKER_DATABASE_URL."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from tracker.automation_models import Base  # that of models.py; with this module the metadata has all tables
from tracker.database import Database
from tracker.settings import Settings


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,  # SQLite cannot alter most things in place
        user_module_prefix="tracker.models.",
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_own_database() -> None:
    database = Database(Settings.from_environment().database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(migrate)
    await database.close()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    migrate(handed_over)
else:
    asyncio.run(migrate_own_database())
