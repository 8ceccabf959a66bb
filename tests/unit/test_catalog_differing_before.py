"""Which pages of what was there a journey's addresses lead to."""

from dataclasses import dataclass, field

import pytest

from agents.web.wire import Door, Request, Response
from bus.chance import Chance
from catalog.proofs import accounts_for
from concern.catalog.differing.before import known_paths, of_before, opened
from concern.catalog.differing.walking import MeteredDoor, Patron, added
from concern.catalog.workshop import START

PATHS = [
    "/projects",
    "/projects/p1",
    "/projects/p2/board",
    "/tasks/t1",
    "/projects/new",
    "/projects/p3",
    "/projects/p4",
]
TARGETS = {
    "GET /projects/*/board?all": "/projects/p9/board?all=1",
    "GET /projects": "/projects",
    "GET /projects/*/tasks/*": "/projects/p9/tasks/t9",
    "GET /lists/*": "/lists/l9",
}


def test_the_id_is_exchanged_for_those_that_were_there() -> None:
    assert of_before(TARGETS, PATHS, str) == [
        ("GET /projects/*/board?all [1]", "/projects/p1/board?all=1"),
        ("GET /projects/*/board?all [2]", "/projects/p2/board?all=1"),
        ("GET /projects/*/board?all [3]", "/projects/p3/board?all=1"),
    ]


PAGE = b'<main><a href="/projects">Projects</a> <a href="/projects/p1?tab=2#top">P</a> <a href="https://else.example/x">E</a></main>'


@dataclass
class Pages(Door):
    """Shows one page everywhere, but where something is broken."""

    asked: list[str] = field(default_factory=list[str])

    async def send(self, request: Request) -> Response:
        self.asked.append(request.target)
        broken = request.target.startswith("/projects/p2")
        return Response(500 if broken else 200, {"content-type": "text/html"}, (), PAGE)


def patron(door: Door) -> Patron:
    return Patron.fresh(door, "here.example", accounts_for("tracker"), Chance(1).python("before"), START)


@pytest.mark.anyio
async def test_links_are_followed_one_step_and_pages_that_do_not_open_are_named() -> None:
    inner = Pages()
    door = MeteredDoor(inner=inner)
    assert await known_paths(patron(door)) == ["/projects", "/projects/p1"]
    used, closed = await opened(
        door, patron(door), [("one", "/projects/p1"), ("two", "/projects/p2")], lambda: (len(inner.asked), 7)
    )
    assert (used, closed) == ({"one": (1, 0, len(PAGE))}, ["two"])
    assert door.meter is None


def test_nothing_added_is_nothing() -> None:
    assert added([(1, 2), (3, 4)]) == (4, 6)
    assert added([]) == ()
