"""Odd journeys: no pain on the good product, among all the others, and the right pain on products that are broken."""

import shutil
from functools import partial
from pathlib import Path
from random import Random

import pytest
from users_driver import PRODUCTS as TREES
from users_driver import serving, walked

from agents.users.products import product_named
from bus.scenario import Scenario
from catalog.defects import find_shapes, plant
from services.cloud.mail import Relay
from services.cloud.pickup import take

pytestmark = pytest.mark.anyio
ALL = {journey.name: journey for journey in product_named("tracker").journeys}
ODD = (
    "three_tabs",
    "poll",
    "odd_texts",
    "scripts",
    "odd_searches",
    "deep_link",
    "press_twice",
    "take_back",
    "trail",
    "round_trip",
    "month_ends",
    "odd_names",
    "monday_import",
    "delete_project",
    "time_zone",
)
STALE = ("tasks.py", "if task.version != version:", "if False:")
PLAIN = ("fields.py", 'unicodedata.normalize("NFC", text.', "(text.")
IN_PROJECT = "            still_there(Task.project_id),\n        )\n        .options("
BROKEN: list[tuple[str, list[tuple[str, str, str]], set[str]]] = [
    ("three_tabs", [STALE], {"lost_item"}),
    ("poll", [("paging.py", "key < window.after", "key <= window.after")], {"stale_read"}),
    ("poll", [("paging.py", "shown[-1].page_key", "rows[-1].page_key")], {"stale_read"}),
    ("odd_texts", [("fields.py", "if len(value) < least:", "if False:")], {"error"}),
    (
        "odd_texts",
        [("fields.py", "return value\n\n    def email", "return value[:4_000]\n\n    def email")],
        {"failed_save"},
    ),
    (
        "scripts",
        [
            PLAIN,
            ("search.py", "fold(clean(query[:MOST_CHARACTERS]))", "query.casefold()"),
            (
                "search.py",
                'unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())',
                "text.casefold()",
            ),
        ],
        {"lost_item"},
    ),
    ("odd_searches", [("search.py", "for word in words)", "for word in words[:1])")], {"stale_read"}),
    ("odd_searches", [("search.py", ".split()[:MOST_WORDS]", ".split(chr(0))")], {"lost_item"}),
    ("deep_link", [("web/routing.py", "quote(request.path_qs)", "quote(request.path)")], {"error", "stale_read"}),
    ("deep_link", [("web/auth.py", 'target = local_path(visit.typed("next"))', 'target = ""')], {"error"}),
    ("press_twice", [STALE], {"lost_item"}),
    (
        "take_back",
        [
            (
                "comments.py",
                "delete(Comment).where(Comment.id == comment.id)",
                "delete(Comment).where(Comment.task_id == task.id)",
            )
        ],
        {"lost_item"},
    ),
    (
        "take_back",
        [("comments.py", "delete(Comment).where(Comment.id == comment.id)", "delete(Comment).where(Comment.id == 0)")],
        {"failed_save"},
    ),
    (
        "trail",
        [("tasks.py", 'activity.record_task(session, actor, "deleted task", task, gone=True)', "pass")],
        {"stale_read"},
    ),
    (
        "trail",
        [("tasks.py", "delete(Task).where(Task.id == task.id)", "delete(Task).where(Task.id == 0)")],
        {"failed_save"},
    ),
    ("round_trip", [("exports.py", 'return f"\'{text}" if', "return text if")], {"error"}),
    ("round_trip", [("exports.py", "return cell[1:] if", "return cell if")], {"lost_item"}),
    ("month_ends", [("recurrence.py", "monthrange(day.year, day.month)[1])", "28)")], {"error"}),
    (
        "month_ends",
        [("fields.py", "return date.fromisoformat(value)", "return date.fromisoformat(value[:8] + '28')")],
        {"error"},
    ),
    (
        "odd_names",
        [("mentions.py", "text = fold(body)", 'text = body.encode("ascii", "ignore").decode()')],
        {"stale_read"},
    ),
    ("odd_names", [("teams.py", "session.add(user)", "user.name = user.name[:4]; session.add(user)")], {"failed_save"}),
    (
        "monday_import",
        [("imports.py", "_store(session, actor, found.tasks)", "_store(session, actor, found.tasks[:200])")],
        {"failed_save"},
    ),
    ("monday_import", [("imports.py", "Problem(self._row.line,", "Problem(self._row.line - 1,")], {"error"}),
    ("delete_project", [("tasks.py", IN_PROJECT, "        )\n        .options(")], {"failed_save"}),
    ("delete_project", [("search.py", "        .where(still_there(Task.project_id))\n", "")], {"stale_read"}),
    (
        "time_zone",
        [("calendars.py", "moment.astimezone(zone_of(organisation)).date()", "moment.date()")],
        {"stale_read"},
    ),
    ("time_zone", [("reports.py", "Task.due_on < day_of(", "Task.due_on <= day_of(")], {"error"}),
]
"""What is broken, by journey: file, the good code, the bad; and what people feel."""
PLANTED = [
    ("press_twice", "stale-save-overwrites/version-forgiven-in-the-form", "lost_item"),
    ("three_tabs", "stale-save-overwrites/version-only-for-titles", "lost_item"),
    ("odd_searches", "search-ampersand", "error"),
]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def copied(past: Path, folder: Path) -> Path:
    (folder / "app.db").write_bytes((past / "app.db").read_bytes())
    return folder


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_pain_on_the_good_product(scenario: Scenario, past: Path, tmp_path: Path, seed: int) -> None:
    journeys = [*ALL.values(), *(ALL[name] for name in ODD)]
    Random(seed).shuffle(journeys)
    with serving("tracker", copied(past, tmp_path)) as socket:
        relay = Relay(partial(take, tmp_path / "mail"))
        outcomes = await walked(scenario, socket, journeys, relay, hours=2, seed=seed, customers=1)
    assert [(outcome.journey, outcome.failure) for outcome in outcomes if outcome.failure] == []
    assert {outcome.journey for outcome in outcomes} == set(ALL)


async def pains(scenario: Scenario, past: Path, folder: Path, tree: Path, journey: str, hours: int = 2) -> set[str]:
    with serving("tracker", copied(past, folder), tree) as socket:
        relay = Relay(partial(take, folder / "mail"))
        outcomes = await walked(scenario, socket, [ALL[journey]], relay, hours=hours, customers=2)
    return {outcome.failure.kind for outcome in outcomes if outcome.failure}


@pytest.mark.parametrize(("journey", "edits", "kinds"), BROKEN)
async def test_people_notice(
    scenario: Scenario, past: Path, tmp_path: Path, journey: str, edits: list[tuple[str, str, str]], kinds: set[str]
) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(TREES / "tracker", tree)
    for file, good, bad in edits:
        path = tree / "tracker" / file
        assert path.read_text().count(good) == 1, (file, good)
        path.write_text(path.read_text().replace(good, bad))
    felt = await pains(scenario, past, tmp_path, tree, journey)
    assert felt
    assert felt <= kinds


@pytest.mark.parametrize(("journey", "defect", "kind"), PLANTED)
async def test_people_notice_a_planted_defect(
    scenario: Scenario, past: Path, tmp_path: Path, journey: str, defect: str, kind: str
) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(TREES / "tracker", tree)
    plant(tree, find_shapes("tracker", [defect]))
    assert await pains(scenario, past, tmp_path, tree, journey, hours=6) == {kind}


def test_there_are_enough_kinds_of_session() -> None:
    assert len(ALL) >= 40
    assert set(ODD) <= set(ALL)
