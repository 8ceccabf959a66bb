"""`scorer.db`: every message of the reward stream as it goes on the wire, and how far they were published.

Not `bus.outbox`: a signature covers the envelope, so a message's position and time are fixed before the commit.
"""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, select, update

from bus.codec import decode_event, encode_event
from bus.messages.base import Delivered
from bus.outbox import open_database

_metadata = MetaData()
_MESSAGES = Table(
    "messages",
    _metadata,
    Column("seq", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False, doc="The message as JSON, as on the wire."),
)
_PUBLISHED = Table(
    "published",
    _metadata,
    Column("row", Integer, primary_key=True),
    Column("seq", Integer, nullable=False, doc="Messages up to here are stored by the broker."),
)


class Store:
    """The database of one world's reward stream."""

    def __init__(self, path: Path | None) -> None:
        """Open or make it (in memory without a path)."""
        self._engine = open_database(path)
        _metadata.create_all(self._engine)
        with self._engine.begin() as connection:
            if connection.execute(select(_PUBLISHED.c.seq)).first() is None:
                connection.execute(_PUBLISHED.insert().values(row=1, seq=0))
            published = connection.execute(select(_PUBLISHED.c.seq)).scalar_one()
        self._pending = self._after(published)

    def save(self, messages: Iterable[Delivered]) -> None:
        """Commit some messages, to be published afterwards."""
        fresh = list(messages)
        rows = [{"seq": each.envelope.seq, "data": encode_event(each.envelope, each.event)} for each in fresh]
        if rows:
            with self._engine.begin() as connection:
                connection.execute(_MESSAGES.insert(), rows)
            self._pending += fresh

    def messages(self) -> list[Delivered]:
        """The whole stream."""
        return self._after(0)

    def pending(self) -> list[Delivered]:
        """What is committed and not known to be published, in order."""
        return list(self._pending)

    def mark_published(self, seq: int) -> None:
        """Note that the broker has stored everything up to a position."""
        with self._engine.begin() as connection:
            connection.execute(update(_PUBLISHED).values(seq=seq))
        self._pending = [each for each in self._pending if each.envelope.seq > seq]

    def close(self) -> None:
        self._engine.dispose()

    def _after(self, seq: int) -> list[Delivered]:
        wanted = select(_MESSAGES.c.data).where(_MESSAGES.c.seq > seq).order_by(_MESSAGES.c.seq)
        with self._engine.begin() as connection:
            return [decode_event(data) for data in connection.execute(wanted).scalars()]
