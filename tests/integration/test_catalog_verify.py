"""A small verification on running products: what is right is kept, what is wrong is told with its evidence."""

from pathlib import Path

import pytest

from catalog.defects import find_shapes, load_defects
from catalog.products import Product, load_product, product_names
from catalog.reading import CATALOG, CatalogError
from concern.catalog import cells, knowing, visible, worlds
from concern.catalog.cells import Cell, Result, Row, write_proved
from concern.catalog.plan import TESTS, plan, sampled
from concern.catalog.reach import Reach
from concern.catalog.renewing import pieces
from concern.catalog.report import matrix, wrong_cells
from concern.catalog.trees import Layer, planted
from concern.catalog.verifying import unproved, verify_rows
from concern.catalog.workshop import Built
from concern.catalog.worlds import repeated, world_rows

pytestmark = pytest.mark.anyio
PRODUCT = load_product("tracker")
NAMES = ("comment-cut-short/cut-when-stored", "project-note")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCERN_CACHE", str(tmp_path / "cache"))


def small_rows() -> list[Row]:
    """One defect and one request, without the visible tests and what needs a profile."""
    rows = plan(PRODUCT, NAMES)
    wanted = {"comment-cut-short", "upload-cut-short", "project-note"}
    for row in rows:
        row.cells = [cell for cell in row.cells if cell.name in wanted]
    return rows


async def verified(rows: list[Row], *, product: Product = PRODUCT, changed: bool = False) -> list[Result]:
    heard: list[Result] = []
    results = await verify_rows(product, rows, jobs=2, changed=changed, told=heard.append)
    assert heard == results
    return results


async def test_one_defect_and_one_request_are_proved_and_kept() -> None:
    rows = small_rows()
    assert [row.title for row in rows[:3]] == [
        "the good product",
        "comment-cut-short/cut-when-stored",
        "comment-cut-short/cut-when-stored, fixed",
    ]
    results = await verified(rows)
    assert wrong_cells(results) == []
    by_row = {(result.row, result.cell.name): result.outcome for result in results}
    assert by_row["comment-cut-short/cut-when-stored", "comment-cut-short"] == "defect"
    assert by_row["comment-cut-short/cut-when-stored, fixed", "comment-cut-short"] == "safe"
    assert by_row["project-note/file", "project-note"] == "met"
    assert by_row["the good product", "project-note"] == "unmet"
    assert by_row["read-only", "comment-cut-short"] == "broken"
    again = await verified(rows, changed=True)
    assert all(result.kept for result in again)
    assert "comment-cut-short/cut-when-stored              " in matrix(again)


async def test_another_product_is_proved_likewise() -> None:
    invoicing = load_product("invoicing")
    wanted = ("foreign-names-in-pickers/items-most-used-first", "reader-token-writes/calls-without-a-body")
    names = {name.partition("/")[0] for name in wanted}
    rows = plan(invoicing, wanted)
    for row in rows:
        row.cells = [cell for cell in row.cells if cell.name in names]
    results = await verified(rows, product=invoicing)
    assert wrong_cells(results) == []
    found = {(result.row, result.cell.name): result.outcome for result in results}
    for name in wanted:
        own = name.partition("/")[0]
        assert [found[name, each] for each in sorted(names)] == [
            "defect" if each == own else "safe" for each in sorted(names)
        ]


async def test_what_is_wrong_is_told_and_never_kept() -> None:
    broken = "--- a/tracker/app.py\n+++ b/tracker/app.py\n@@ -1,3 +1,3 @@\n-{}\n+1 / 0\n \n from collections.abc import AsyncIterator\n"
    first = (PRODUCT.tree / "tracker" / "app.py").read_text().splitlines()[0]
    good = planted(PRODUCT, ())
    expected = Cell("check", "comment-cut-short", frozenset({"defect"}))
    rows = [
        Row(good, [expected]),
        Row(good.on_top("does not start", Layer("ruin", broken.format(first))), [expected]),
        Row(good.on_top("does not apply", Layer("nonsense", broken.format("nonsense"))), [expected]),
    ]
    for changed in (False, True):
        lines = sorted(wrong_cells(await verified(rows, changed=changed)))
        assert len(lines) == 3
        assert (
            "on does not apply: check comment-cut-short is unbuilt, not defect: nonsense: its patch does not"
            in lines[0]
        )
        assert "on does not start: check comment-cut-short is unbuilt, not defect: start: " in lines[1]
        assert lines[2] == "on the good product: check comment-cut-short is safe, not defect: "


def test_everything_is_asked_of_every_product() -> None:
    rows = {row.title: row for row in plan(PRODUCT)}
    defects = load_defects("tracker")
    assert {cell.name for cell in rows["the good product"].cells if cell.kind == "check"} == set(defects)
    for defect in defects.values():
        for shape in defect.shapes:
            right = {cell.name: cell.right for cell in rows[shape.full_name].cells}
            assert right[defect.name] == {"defect"}
            assert all("defect" not in right[name] for name in defects if name != defect.name)


def test_a_sample_is_drawn_by_its_seed_and_in_order() -> None:
    rows = plan(PRODUCT)
    titles = [row.title for row in sampled(rows, 5, 2)]
    assert titles == [row.title for row in rows if row.title in titles]
    assert titles == [row.title for row in sampled(rows, 5, 2)] != [row.title for row in sampled(rows, 5, 3)]
    assert sampled(rows[:3], 5, 2) == rows[:3]


async def test_what_the_source_says_is_proved_is_not_proved_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def elsewhere(product: str) -> Path:
        return tmp_path / product

    monkeypatch.setattr(cells, "proved_file", elsewhere)
    rows = small_rows()
    assert unproved(PRODUCT, rows) == rows
    write_proved("tracker", rows[1:], {})
    assert unproved(PRODUCT, rows) == rows[:1]
    assert all(result.kept and result.ok for result in await verified(rows[1:], changed=True))
    rows[1].cells[0] = Cell("check", "upload-cut-short", frozenset({"defect"}))
    assert unproved(PRODUCT, rows) == rows[:2]  # something else would be right now


def test_the_first_worlds_differ() -> None:
    rows = world_rows(PRODUCT, 50, 6)
    assert repeated(rows) == []
    assert repeated([rows[0], Row(rows[0].recipe.on_top("again"))]) == [f"again is the same as {rows[0].title}"]


@pytest.mark.parametrize("everything", [False, True])
async def test_everything_of_a_planted_product_can_be_asked_for(
    monkeypatch: pytest.MonkeyPatch, everything: bool
) -> None:
    asked: list[tuple[str, ...]] = []

    async def run(room: visible.TestRoom, built: Built, tests: tuple[str, ...] = ()) -> visible.Tested:
        asked.append(tests)
        return visible.Tested(True, "")

    def reach_of(product: Product) -> Reach:
        assert not everything
        return Reach({"": frozenset(), "tests/test_tasks.py::one": frozenset({"tracker/comments.py:create"})})

    monkeypatch.setattr(visible.TestRoom, "run", run)
    monkeypatch.setattr(knowing, "reach_of", reach_of)
    monkeypatch.setattr(knowing, "FEW_TESTED", 1)
    shapes = find_shapes("tracker", ["comment-cut-short/cut-when-stored"])
    row = Row(planted(PRODUCT, shapes), [TESTS])
    await verify_rows(PRODUCT, [row], jobs=1, changed=False, told=print, everything=everything)
    assert asked == [() if everything else ("tests/test_tasks.py::one",)]


@pytest.mark.parametrize("fails", ["", "comment-cut-short/cut-when-stored"])
async def test_worlds_are_gone_through_after_each_of_their_defects_alone(
    monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    asked: list[list[str]] = []

    async def found(product: Product, rows: list[Row], *, jobs: int, changed: bool, told: object) -> list[Result]:
        asked.append([row.title for row in rows])
        assert (product, jobs, changed) == (PRODUCT, 2, True)
        assert told is not None
        return [Result(row.title, TESTS, "failed" if row.title == fails else "passed", "") for row in rows]

    monkeypatch.setattr(worlds, "verify_rows", found)
    shapes = find_shapes("tracker", ["comment-cut-short/cut-when-stored", "upload-cut-short/one-block-only"])
    row = Row(planted(PRODUCT, shapes).on_top("seed 1"), [TESTS], together=True)
    if fails:
        with pytest.raises(CatalogError, match=f"visible tests: {fails}; see"):
            await worlds.verify_worlds(PRODUCT, [row], jobs=2, told=print)
    else:
        await worlds.verify_worlds(PRODUCT, [row], jobs=2, told=print)
    alone = ["comment-cut-short/cut-when-stored", "upload-cut-short/one-block-only"]
    assert asked == [alone] + ([] if fails else [["seed 1"]])


@pytest.mark.parametrize("product", product_names())
def test_every_patch_file_is_known_to_the_renewal(product: str) -> None:
    assert {piece.file for piece in pieces(product)} == set((CATALOG / product).rglob("*.patch"))


async def test_a_good_product_whose_tests_fail_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def reach_of(product: Product) -> Reach:
        raise CatalogError(f"{product.name}: the good product's tests fail")

    monkeypatch.setattr(knowing, "reach_of", reach_of)
    monkeypatch.setattr(knowing, "FEW_TESTED", 1)
    shapes = find_shapes("tracker", ["comment-cut-short/cut-when-stored"])
    with pytest.raises(CatalogError, match="tracker: the good product's tests fail"):
        await verify_rows(PRODUCT, [Row(planted(PRODUCT, shapes), [TESTS])], jobs=1, changed=False, told=print)
