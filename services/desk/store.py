"""The desk's record in SQLite: tickets, their messages and public posts, in one transaction with what is said of them."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, Text
from sqlalchemy.dialects.sqlite import insert

from bus.messages.base import Event
from bus.messages.desk import Announced, StatusPosted
from bus.outbox import Outbox, open_database
from services.desk.model import Change, Ticket


class DeskStore:
    """Writes only: the desk lives in memory, and the record is for those who read it afterwards."""

    def __init__(self, path: Path | None) -> None:
        """Open or make the database; in memory without a path."""
        self.engine = open_database(path)
        metadata = MetaData()
        self.outbox = Outbox(self.engine, metadata)
        self.tickets = Table(
            "tickets",
            metadata,
            Column("ticket", String, primary_key=True),
            Column("customer", String, nullable=False),
            Column("topic", String, nullable=False),
            Column("subject", Text, nullable=False),
            Column("state", String, nullable=False),
            Column("reopened", Integer, nullable=False),
            Column("opened_at", Integer, nullable=False),
            Column("updated_at", Integer, nullable=False),
        )
        self.notes = Table(
            "notes",
            metadata,
            Column("ticket", String, primary_key=True),
            Column("position", Integer, primary_key=True),
            Column("author", String, nullable=False),
            Column("at", Integer, nullable=False),
            Column("body", Text, nullable=False),
        )
        self.posts = Table(
            "posts",
            metadata,
            Column("post", String, primary_key=True),
            Column("type", String, nullable=False),
            Column("content", Text, nullable=False),
        )
        metadata.create_all(self.engine)

    def save(self, connection: Connection, change: Change, cause: str | None) -> None:
        """Store a ticket as it is after a change, with what is to be said."""
        row = _row(change.ticket)
        statement = insert(self.tickets).values(row)
        connection.execute(statement.on_conflict_do_update(index_elements=["ticket"], set_=row))
        written = [
            {"ticket": row["ticket"], "position": position, **note.model_dump()}
            for position, note in enumerate(change.ticket.thread)
        ]
        connection.execute(insert(self.notes).on_conflict_do_nothing(), written)
        self.say(connection, change.events, cause)

    def post(self, connection: Connection, post: StatusPosted | Announced, cause: str | None) -> None:
        """Store a public post, which is to be said."""
        row = {"post": post.post, "type": post.type_name(), "content": post.model_dump_json()}
        connection.execute(self.posts.insert().values(row))
        self.say(connection, (post,), cause)

    def say(self, connection: Connection, events: Iterable[Event], cause: str | None) -> None:
        """Put events into the outbox."""
        self.outbox.put(connection, ((event, cause) for event in events))


def _row(ticket: Ticket) -> dict[str, str | int]:
    return {
        "ticket": ticket.ticket,
        "customer": ticket.customer,
        "topic": ticket.topic,
        "subject": ticket.subject,
        "state": ticket.state,
        "reopened": ticket.reopened,
        "opened_at": ticket.opened_at,
        "updated_at": ticket.updated_at,
    }
