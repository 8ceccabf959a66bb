"""Requests that meet on purpose: in turn through two doors, twice at once, and with a colleague's text."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agents.web.wire import BadAnswer, Door, Request, Response
from concern.catalog.differing.doors import BalancedDoor, CrossedDoor, DoubleDoor
from concern.catalog.differing.stored import times_stored
from services.cloud.process import DATABASE

pytestmark = pytest.mark.anyio
GET, POST = Request("GET", "/a", {}), Request("POST", "/a", {}, b"text=ref0123456789")


@dataclass
class Answering(Door):
    """Answers with these in turn, the last one for ever."""

    statuses: list[int] = field(default_factory=lambda: [200])
    bodies: list[bytes] = field(default_factory=list[bytes])

    async def send(self, request: Request) -> Response:
        self.bodies.append(request.body)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if not status:
            raise BadAnswer("cut off")
        return Response(status, {})


async def test_instances_take_turns_and_what_they_fail_at_is_counted() -> None:
    one, two = Answering(statuses=[200, 503]), Answering(statuses=[404, 0])
    door = BalancedDoor(inner=(one, two))
    assert [(await door.send(GET)).status for _ in range(3)] == [200, 404, 503]
    with pytest.raises(BadAnswer):
        await door.send(GET)
    assert (door.failed, len(one.bodies), len(two.bodies)) == (2, 2, 2)


async def test_what_changes_something_is_sent_twice_and_the_first_answer_counts() -> None:
    inner = Answering(statuses=[303, 0])
    door = DoubleDoor(inner=inner)
    assert (await door.send(POST)).status == 303
    door.on, inner.statuses = True, [201, 0]
    assert (await door.send(POST)).status == 201
    assert inner.bodies == [POST.body] * 3
    inner.statuses = [200]
    await door.send(GET)
    assert len(inner.bodies) == 4


async def test_a_first_answer_that_is_broken_is_not_hidden_by_the_second() -> None:
    door = DoubleDoor(inner=Answering(statuses=[0, 200]), on=True)
    with pytest.raises(BadAnswer):
        await door.send(POST)


async def test_a_colleagues_text_is_accepted_only_if_both_were() -> None:
    inner = Answering(statuses=[303])
    door = CrossedDoor(inner=inner, on=True)
    await door.send(POST)
    mine, theirs = inner.bodies
    assert mine == POST.body
    assert theirs != mine
    assert len(theirs) == len(mine)
    assert door.accepted == {(mine.decode().removeprefix("text="), theirs.decode().removeprefix("text="))}
    inner.statuses = [303, 409]
    await door.send(POST)
    assert len(door.accepted) == 1


def test_texts_are_counted_in_all_tables_and_files_but_not_in_indices_of_words(tmp_path: Path) -> None:
    import sqlite3

    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.executescript(
        "CREATE TABLE a (x TEXT, y BLOB); CREATE VIRTUAL TABLE words USING fts5(x);"
        "INSERT INTO a VALUES ('ref1, ref1', 'ref2'); INSERT INTO words VALUES ('ref1');"
    )
    connection.close()
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "note").write_bytes(b"\xff ref2 ref3")
    assert times_stored(tmp_path, ["ref1", "ref2", "ref3", "ref4"]) == {"ref1": 2, "ref2": 2, "ref3": 1, "ref4": 0}
