"""Events are said once they are committed, in order, and once; messages are consumed once."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, text

from bus.ids import EpisodeId
from bus.messages.base import Delivered, Envelope, Event
from bus.messages.desk import StatusPosted
from bus.outbox import Outbox, open_database
from bus.simtime import SimTime
from bus.transport.protocol import BusError

pytestmark = pytest.mark.anyio

EPISODE = EpisodeId("e_aaaaaaaaaaaa")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def post(name: str) -> StatusPosted:
    return StatusPosted(post=name, state="resolved", title="", body="")


def delivered(message: str) -> Delivered:
    return Delivered(Envelope(id=message, episode=EPISODE, sim_time=SimTime(0), seq=1), post(message))


@dataclass
class FakeSpeaker:
    """Notes what is said; fails at the event with the number `fails_at`."""

    fails_at: int | None = None
    said: list[tuple[Event, str | None]] = field(default_factory=list[tuple[Event, str | None]])
    stored: int = 0

    @property
    def transport(self) -> Any:
        return self

    async def flush(self) -> None:
        self.stored = len(self.said)

    async def say(self, event: Event, *, cause: str | None = None) -> Envelope:
        if len(self.said) + 1 == self.fails_at:
            raise BusError("gone")
        self.said.append((event, cause))
        seq = len(self.said)
        return Envelope(id=f"desk-{seq}", episode=EPISODE, sim_time=SimTime(0), seq=seq)


def made(path: Path | None = None) -> tuple[Any, Outbox]:
    metadata = MetaData()
    engine = open_database(path)
    outbox = Outbox(engine, metadata)
    metadata.create_all(engine)
    return engine, outbox


async def test_events_are_said_in_order_and_once() -> None:
    engine, outbox = made()
    speaker = FakeSpeaker()
    with engine.begin() as connection:
        outbox.put(connection, [(post("a"), "users-1"), (post("b"), None)])
        outbox.put(connection, [])
        outbox.put(connection, [(post("c"), None)])
    assert await outbox.publish_pending(speaker) == 3
    assert await outbox.publish_pending(speaker) == 0
    assert speaker.said == [(post("a"), "users-1"), (post("b"), None), (post("c"), None)]
    assert speaker.stored == 3


async def test_what_is_rolled_back_is_never_said() -> None:
    engine, outbox = made()
    with engine.connect() as connection, connection.begin() as transaction:
        outbox.put(connection, [(post("a"), None)])
        assert outbox.first_time(connection, "users-1")
        transaction.rollback()
    assert await outbox.publish_pending(FakeSpeaker()) == 0
    with engine.begin() as connection:
        assert outbox.first_time(connection, "users-1")


async def test_after_a_failure_and_a_restart_nothing_is_missing(tmp_path: Path) -> None:
    engine, outbox = made(tmp_path / "a.db")
    with engine.begin() as connection:
        outbox.put(connection, [(post("a"), None), (post("b"), None)])
    with pytest.raises(BusError):
        await outbox.publish_pending(FakeSpeaker(fails_at=2))
    with pytest.raises(BusError):
        await outbox.publish_pending(FakeSpeaker(fails_at=1))
    engine.dispose()
    _, again = made(tmp_path / "a.db")
    speaker = FakeSpeaker()
    assert await again.publish_pending(speaker) == 2
    assert [event for event, _ in speaker.said] == [post("a"), post("b")]


def test_a_message_is_consumed_once() -> None:
    engine, outbox = made()
    with engine.begin() as connection:
        assert outbox.first_time(connection, "users-1")
        assert not outbox.first_time(connection, "users-1")
    with engine.begin() as connection:
        heard = [delivered("users-1"), delivered("users-3"), delivered("users-2"), delivered("users-3")]
        assert [each.envelope.id for each in outbox.fresh(connection, heard)] == ["users-3", "users-2"]
        assert outbox.fresh(connection, heard) == []
        assert outbox.fresh(connection, []) == []


def test_many_messages_at_once() -> None:
    engine, outbox = made()
    heard = [delivered(f"users-{number}") for number in range(1_201)]
    with engine.begin() as connection:
        assert outbox.fresh(connection, heard) == heard


def test_the_database_is_written_ahead(tmp_path: Path) -> None:
    engine, _ = made(tmp_path / "a.db")
    with engine.begin() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 1
