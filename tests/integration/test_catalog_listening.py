"""What a running product calls for a check, heard while the check walks."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bus.chance import Chance
from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.defects import find_shapes
from catalog.products import Product, load_product
from concern.catalog import cells, heard, knowing
from concern.catalog.cells import Cell, Result, Row, write_proved
from concern.catalog.heard import Heard, heard_of
from concern.catalog.knowing import SCENES
from concern.catalog.plan import QUIET
from concern.catalog.report import effort, matrix
from concern.catalog.trees import planted
from concern.catalog.verifying import heard_changes, verify_rows

pytestmark = pytest.mark.anyio
TRACKER = load_product("tracker")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCERN_CACHE", str(tmp_path / "cache"))


async def test_pages_templates_and_jobs_are_heard_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("comment-cut-short", "reminders-stop-early")
    found = await heard_of(TRACKER, names, SCENES, jobs=2)
    comments, reminders = (found.calls[name] or frozenset[str]() for name in names)
    assert "tracker/comments.py:create" in comments
    assert "tracker/templates/task.html" in comments
    assert any(name.startswith("tracker/jobs/") for name in reminders)
    assert not any(name.startswith("tracker/jobs/") for name in comments)
    monkeypatch.setattr(heard, "judged", None)  # nobody walks again
    assert await heard_of(TRACKER, names, SCENES, jobs=2) == found


@pytest.mark.parametrize("ends", [defect("it is there"), "a control that fails"])
async def test_of_a_check_that_is_not_safe_nothing_is_known(
    monkeypatch: pytest.MonkeyPatch, ends: Verdict | str
) -> None:
    async def check(scene: Scene) -> Verdict:
        await scene.enter(scene.owner)
        control(isinstance(ends, Verdict), str(ends))
        return ends if isinstance(ends, Verdict) else safe()

    def check_for(product: str, name: str) -> object:
        assert (product, name) == ("tracker", "comment-cut-short")
        return check

    monkeypatch.setattr(heard, "check_for", check_for)
    found = await heard_of(TRACKER, ["comment-cut-short"], SCENES, jobs=1)
    assert found.calls == {"comment-cut-short": None}


async def test_a_check_that_nothing_touches_is_not_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowing, "FEW_CHECKED", 1)
    (shape,) = find_shapes("tracker", ["comment-cut-short/cut-when-stored"])
    own = Cell("check", "comment-cut-short", frozenset({"defect"}))
    others = [Cell("check", name, QUIET) for name in ("login-leads-elsewhere", "comments-without-limit")]
    row = Row(planted(TRACKER, (shape,)), [own, *others])

    async def verified(*, everything: bool) -> list[Result]:
        return await verify_rows(TRACKER, [row], jobs=1, changed=False, told=lambda result: None, everything=everything)

    results = await verified(everything=False)
    assert {result.cell.name: (result.outcome, result.reached) for result in results} == {
        "comment-cut-short": ("defect", True),
        "login-leads-elsewhere": ("safe", False),
        "comments-without-limit": ("safe", True),
    }
    assert "1 x check: nothing that it calls has changed" in effort(results)
    assert matrix(results).count("~") == 2  # one cell, and what the sign means
    assert all(result.reached for result in await verified(everything=True))


async def test_an_own_check_that_is_known_to_hear_of_its_defect_is_not_listened_to_for_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(knowing, "FEW_CHECKED", 1)
    monkeypatch.setattr(cells, "proved_file", tmp_path.joinpath)
    (shape,) = find_shapes("tracker", ["comment-cut-short/cut-when-stored"])
    own = Cell("check", "comment-cut-short", frozenset({"defect"}))
    whole = Row(planted(TRACKER, (shape,)), [own, Cell("check", "login-leads-elsewhere", QUIET)])
    other = Row(whole.recipe, [own, Cell("check", "comments-without-limit", QUIET)])

    async def verified(row: Row) -> list[Result]:
        return await verify_rows(TRACKER, [row], jobs=1, changed=True, told=lambda result: None)

    assert heard_changes(TRACKER, [whole], []) == {}
    found = await verified(whole)
    notes = heard_changes(TRACKER, [whole], found)
    assert list(notes) == [whole.title]
    write_proved("tracker", [whole], notes)
    assert heard_changes(TRACKER, [whole], []) == notes  # from the file
    listened: list[str] = []

    async def heard_less(product: Product, checks: Sequence[str], seed: Chance, *, jobs: int) -> Heard:
        listened.extend(checks)
        return await heard_of(product, checks, seed, jobs=jobs)

    monkeypatch.setattr(knowing, "heard_of", heard_less)
    assert [result.outcome for result in await verified(other)] == ["defect", "safe"]
    assert listened == ["comments-without-limit"]
