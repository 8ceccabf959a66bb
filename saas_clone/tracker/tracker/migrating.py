"""``python -m tracker migrate``: bring the database to the newest schema."""

import asyncio
import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect

from tracker import logs
from tracker.automation_models import Base  # that of models.py; with this module the metadata has all tables
from tracker.database import Database
from tracker.settings import Settings

CONFIG = Path(__file__).parent.parent / "alembic.ini"
log = logging.getLogger("tracker.migrate")


def main() -> None:
    """Migrate the database of the environment."""
    logs.configure()
    asyncio.run(migrate(Settings.from_environment().database_url))


async def migrate(url: str) -> None:
    """Bring the database at ``url`` to the newest revision, in one transaction."""
    database = Database(url)
    writer = database.engine.execution_options(tracker_writes=True)
    try:
        async with writer.begin() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await database.close()


def _upgrade(connection: Connection) -> None:
    config = Config(str(CONFIG))
    config.attributes["connection"] = connection
    if inspect(connection).get_table_names():
        command.upgrade(config, "head")
    else:
        # Nothing to preserve: the models are the same as all migrations in a row, and a test says so.
        Base.metadata.create_all(connection)
        command.stamp(config, "head")
    log.info("database is up to date")
