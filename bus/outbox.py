"""A transactional outbox and inbox for services that keep their record in SQLite.

Commit first, publish afterwards: an event is stored in the transaction of the effect that it tells, and said from there;
the id of a consumed message is stored in the transaction of the effect that it has. So nothing is said that was not
done, and nothing is done twice.

The engine is synchronous on purpose. A stage is one transaction of well under a millisecond, so waiting for it on the
event loop costs less than a hop to SQLite's worker thread, and no other task can see half of an effect.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import anyio
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
)

from bus.messages import EVENTS
from bus.messages.base import Delivered, Envelope, Event
from bus.transport.protocol import Transport


class Speaker(Protocol):
    """What `publish_pending` needs of a `Context`."""

    @property
    def transport(self) -> Transport: ...

    async def say(self, event: Event, *, cause: str | None = None) -> Envelope: ...


def open_database(path: Path | None) -> Engine:
    """An engine on a SQLite file, or in memory without one.

    WAL with synchronous=NORMAL: the file is never corrupted, and a process that dies loses nothing that it committed,
    since the pages are with the operating system. Only a power failure may lose the last commits, and that voids the
    episode anyway, because every service also holds state in memory.
    """
    engine = create_engine(f"sqlite:///{path}" if path else "sqlite://")

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = None  # the driver would otherwise begin transactions by its own rules
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


class Outbox:
    """The tables `outbox` and `processed` in a service's database."""

    def __init__(self, engine: Engine, metadata: MetaData) -> None:
        """Add the tables to the service's own metadata; the service then calls `metadata.create_all(engine)`."""
        self._engine = engine
        self._publishing = anyio.Lock()
        self._events = Table(
            "outbox",
            metadata,
            Column("position", Integer, primary_key=True),
            Column("type", String, nullable=False),
            Column("content", Text, nullable=False),
            Column("cause", String),
            Column("seq", Integer, doc="Position in the family's stream, once it was said.", index=True),
        )
        self._processed = Table("processed", metadata, Column("message", String, primary_key=True))
        self._unsaid = True
        """Whether something may be stored and not yet said: what a dead service left, too."""

    def put(self, connection: Connection, events: Iterable[tuple[Event, str | None]]) -> None:
        """Store events with their causes, to be said after the commit, in this order."""
        rows = [{"type": said.type_name(), "content": said.model_dump_json(), "cause": cause} for said, cause in events]
        if rows:
            connection.execute(self._events.insert(), rows)
            self._unsaid = True

    def first_time(self, connection: Connection, message: str) -> bool:
        """Note a message's id as consumed; False if it was consumed before, so its effect must not be repeated."""
        return _consumed(_driver(connection), message)

    def fresh(self, connection: Connection, messages: Iterable[Delivered]) -> list[Delivered]:
        """Note many events as consumed; returns those that were not consumed before, in their order."""
        driver = _driver(connection)
        return [each for each in messages if _consumed(driver, each.envelope.id)]

    async def publish_pending(self, speaker: Speaker) -> int:
        """Say everything that is stored and not yet said, in order; returns how many events that were.

        They count as said once the transport has stored them. After a failure in between they stay pending, and would
        be said again: at least once, never not at all.
        """
        async with self._publishing:
            if not self._unsaid:
                return 0
            self._unsaid = False
            pending = self._pending()
            if not pending:
                return 0
            said: list[tuple[int, int]] = []
            try:
                for position, kind, content, cause in pending:
                    envelope = await speaker.say(EVENTS[kind].model_validate_json(content), cause=cause)
                    said.append((envelope.seq, position))
                await speaker.transport.flush()
                self._mark(said)
            except BaseException:  # the boundary to the transport: what it has not stored is still to be said
                self._unsaid = True
                raise
        return len(said)

    def _pending(self) -> list[tuple[int, str, str, str | None]]:
        """Position, type, content and cause of what is stored and not yet said, in order."""
        with self._engine.begin() as connection:
            statement = "SELECT position, type, content, cause FROM outbox WHERE seq IS NULL ORDER BY position"
            return _driver(connection).execute(statement).fetchall()

    def _mark(self, said: list[tuple[int, int]]) -> None:
        with self._engine.begin() as connection:
            _driver(connection).executemany("UPDATE outbox SET seq = ? WHERE position = ?", said)


def _driver(connection: Connection) -> sqlite3.Connection:
    """The driver's connection below, in the same transaction: ids come by the dozen, and a statement costs a twentieth there."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _consumed(driver: sqlite3.Connection, message: str) -> bool:
    """Note an id; False if it stood there."""
    return driver.execute("INSERT OR IGNORE INTO processed (message) VALUES (?)", (message,)).rowcount == 1
