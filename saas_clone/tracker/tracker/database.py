"""The database: one engine, a session per request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, event, func, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

BUSY_TIMEOUT_MS = 5_000
"""How long SQLite waits for another instance's write before it gives up."""


class Database:
    """Hands out sessions that read, and sessions that write.

    A writing session takes SQLite's write lock when it begins. So what it reads stays true until it commits,
    and it can never fail half-way because another instance wrote in between. Postgres lets writers work side
    by side: what must not happen twice at once there takes ``one_at_a_time``.
    """

    def __init__(self, url: str) -> None:
        # A connection that the database closed meanwhile is noticed before it is used (a file closes none).
        self.engine: AsyncEngine = create_async_engine(url, pool_pre_ping=url.startswith("postgresql"))
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        writer = self.engine.execution_options(tracker_writes=True)
        self._readers = async_sessionmaker(self.engine, expire_on_commit=False)
        self._writers = async_sessionmaker(writer, expire_on_commit=False)

    def session(self, *, writes: bool) -> AsyncSession:
        """Open a session; it takes a connection with its first statement. The caller commits and closes."""
        return self._writers() if writes else self._readers()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Yield a session and commit it at the end, for work outside a request: one such work at a time."""
        async with self.session(writes=True) as session:
            await one_at_a_time(session, "work outside requests")
            yield session
            await session.commit()

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


async def one_at_a_time(session: AsyncSession, what: str) -> None:
    """Wait until no other transaction is at ``what``, and keep others waiting until this one ends.

    On SQLite nothing is to be done: a writing session is alone already.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))


def _prepare_sqlite(connection: DBAPIConnection, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("tracker_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
