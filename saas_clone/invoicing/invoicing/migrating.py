"""``python -m invoicing migrate``: bring the database to the newest schema."""

import asyncio
import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect

from invoicing import logs
from invoicing.settings import Settings
from invoicing.storage import Storage
from invoicing.tables import Base

CONFIG = Path(__file__).parent.parent / "alembic.ini"
log = logging.getLogger("invoicing.migrate")


def main() -> None:
    """Migrate the database of the environment."""
    logs.configure()
    asyncio.run(migrate(Settings.from_environment().database_url))


async def migrate(url: str) -> None:
    """Bring the database at ``url`` to the newest revision, in one transaction."""
    storage = Storage(url)
    try:
        async with storage.writer.begin() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await storage.close()


def _upgrade(connection: Connection) -> None:
    config = Config(str(CONFIG))
    config.attributes["connection"] = connection
    if inspect(connection).get_table_names():
        command.upgrade(config, "head")
    else:
        # Empty: the tables as they are now are what all migrations come to, and a test says so.
        Base.metadata.create_all(connection)
        command.stamp(config, "head")
    log.info("database is up to date")
