"""Alembic's entry: migrates over the connection it is handed, or the database of the environment."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from invoicing.settings import Settings
from invoicing.storage import Storage
from invoicing.tables import Base


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,  # SQLite alters few things in place
        user_module_prefix="invoicing.tables.",
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_alone() -> None:
    storage = Storage(Settings.from_environment().database_url)
    async with storage.writer.begin() as connection:
        await connection.run_sync(run)
    await storage.close()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(run_alone())
