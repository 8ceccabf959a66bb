"""The database: an engine, and sessions that read or write."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from invoicing.sealing import SealedSession

BUSY_MS = 5_000
"""How long SQLite waits for another instance's write."""


class Storage:
    """Opens sessions.

    A writing session holds SQLite's write lock from its first statement, so a number that it draws or a balance that it
    reads is still true when it commits. On Postgres the rows that matter are read ``FOR UPDATE``.
    """

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = create_async_engine(url)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine.sync_engine, "connect", _on_connect)
            event.listen(self.engine.sync_engine, "begin", _on_begin)
        self.writer = self.engine.execution_options(invoicing_writes=True)
        self._reading = _sessions(self.engine)
        self._writing = _sessions(self.writer)

    def open(self, *, writes: bool) -> AsyncSession:
        """Open a session; whoever opens it commits and closes it."""
        return self._writing() if writes else self._reading()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Yield a session outside a request, and commit it at the end."""
        async with self.open(writes=True) as session:
            yield session
            await session.commit()

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def _sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(engine, sync_session_class=SealedSession, expire_on_commit=False)


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # BEGIN is said below
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", f"busy_timeout = {BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("invoicing_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
