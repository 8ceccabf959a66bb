"""The catalog: entries load, go together, plant into the good product and come out again without a trace."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from bus.chance import Chance
from catalog import defects as defects_module
from catalog.choices import load_choices, merged, written
from catalog.defects import (
    Shape,
    compatible,
    draw_defects,
    find_shapes,
    fixes_for,
    load_defects,
    plant,
)
from catalog.patches import apply_patch, hunks, overlap, reverse_patch, touched
from catalog.products import load_product, product_names
from catalog.proofs import acceptance_for, check_for
from catalog.reading import CATALOG, CatalogError
from catalog.requests import Request, draw_order, foundations, load_requests, open_requests
from services.cloud.infra import parse

PRODUCTS = product_names()
DEFECTS = load_defects("tracker")
SHAPES = {
    (product, shape.full_name): shape
    for product in PRODUCTS
    for defect in load_defects(product).values()
    for shape in defect.shapes
}
REQUESTS = load_requests("tracker")
WANTED = {"crash", "performance", "correctness", "security", "leak", "job"}


def copy_of_product(tmp_path: Path, name: str = "tree", product: str = "tracker") -> Path:
    tree = tmp_path / name
    shutil.copytree(load_product(product).tree, tree, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    return tree


def contents(tree: Path) -> dict[str, bytes]:
    return {str(path.relative_to(tree)): path.read_bytes() for path in sorted(tree.rglob("*")) if path.is_file()}


def test_every_kind_that_a_company_inherits_is_there() -> None:
    assert {defect.about.kind for defect in DEFECTS.values()} >= WANTED
    assert sum(len(defect.shapes) > 1 for defect in DEFECTS.values()) >= 5


def test_there_are_defects_for_every_product_and_each_has_a_check() -> None:
    assert {product for product, _ in SHAPES} == set(PRODUCTS) == {"invoicing", "tracker"}
    for product, name in SHAPES:
        check_for(product, name.partition("/")[0])


@pytest.mark.parametrize(("product", "name"), SHAPES)
def test_a_defect_changes_the_product_and_its_fix_undoes_it(product: str, name: str, tmp_path: Path) -> None:
    shape = SHAPES[product, name]
    tree = copy_of_product(tmp_path, product=product)
    good = contents(tree)
    plant(tree, [shape])
    assert contents(tree) != good
    apply_patch(tree, shape.fix, name)
    assert contents(tree) == good


def test_what_is_called_compatible_goes_together_in_any_order_and_any_fix_first(tmp_path: Path) -> None:
    pairs = [
        (product, one, other)
        for (product, _), one in SHAPES.items()
        for (same, _), other in SHAPES.items()
        if same == product and touched(one.plant) & touched(other.plant) and compatible(one, other)
    ]
    Chance(1).python("pairs").shuffle(pairs)
    assert pairs
    trees = {product: copy_of_product(tmp_path, product, product) for product in PRODUCTS}
    for product, first, second in pairs[:30]:
        tree = trees[product]
        good = contents(tree)
        plant(tree, [first, second])
        for shape in (first, second):
            apply_patch(tree, shape.fix, shape.full_name)
        assert contents(tree) == good, f"{first.full_name} and {second.full_name}"


def patch(line: int, old: str = "old", file: str = "a.py") -> str:
    return f"--- a/{file}\n+++ b/{file}\n@@ -{line},3 +{line},3 @@\n one\n-{old}\n+new\n three\n"


def test_patches_overlap_where_one_changes_what_the_other_needs() -> None:
    assert overlap(patch(10), patch(10)) == overlap(patch(10), patch(11)) == "a.py"
    assert overlap(patch(10), patch(13)) is None
    assert overlap(patch(10), patch(10, file="b.py")) is None
    inserted = "--- /dev/null\n+++ b/c.py\n@@ -0,0 +1,2 @@\n+one\n+two\n"
    assert [hunk.file for hunk in hunks(inserted)] == ["c.py"]
    assert reverse_patch(inserted) == "--- a/c.py\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-one\n-two\n"


def test_a_world_gets_a_seeded_subset() -> None:
    drawn = [tuple(shape.full_name for shape in draw_defects("tracker", 6, Chance(seed))) for seed in range(1, 13)]
    assert drawn[0] == tuple(shape.full_name for shape in draw_defects("tracker", 6, Chance(1)))
    assert len(set(drawn)) > 6
    kinds = [[DEFECTS[name.partition("/")[0]].about.kind for name in names] for names in drawn]
    assert all(1 <= each.count("security") <= 3 for each in kinds), "most are met by ordinary users"
    assert all(len(set(names)) == 6 and names == tuple(sorted(names)) for names in drawn)
    shapes = {
        shape.name for seed in range(1, 9) for shape in draw_defects("tracker", 1, Chance(seed), ["comment-cut-short"])
    }
    assert shapes == {shape.name for shape in DEFECTS["comment-cut-short"].shapes}
    one = draw_defects("tracker", 1, Chance(1), ["comment-cut-short/cut-in-the-form"])
    assert [shape.full_name for shape in one] == ["comment-cut-short/cut-in-the-form"]


def test_what_does_not_go_together_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    about = DEFECTS["comment-cut-short"].about
    made = {
        name: defects_module.Defect(name, each, (Shape(name, "s", each, patch(line), ""),))
        for name, line, each in (
            ("one", 1, about),
            ("two", 2, about),
            ("three", 90, about.model_copy(update={"conflicts": ("one", "two")})),
        )
    }
    monkeypatch.setattr(defects_module, "load_defects", lambda product: made)
    assert {shape.defect for seed in range(20) for shape in draw_defects("p", 1, Chance(seed))} == set(made)
    with pytest.raises(CatalogError, match="2 defects are wanted for p; only 1 of its 3 go together"):
        draw_defects("p", 2, Chance(1))
    with pytest.raises(CatalogError, match="two cannot be planted together with one/s"):
        draw_defects("p", 2, Chance(1), ["one", "two"])


def test_fixes_come_with_the_most_severe_first_and_say_what_they_do() -> None:
    fixes = fixes_for("tracker", sorted(name for product, name in SHAPES if product == "tracker"))
    severities = [DEFECTS[fix.defect].about.severity for fix in fixes]
    assert severities == sorted(severities, key=["high", "medium", "low"].index)
    assert all(fix.message and fix.patch.startswith("--- a/") for fix in fixes)


def test_unknown_names_are_told_with_the_choices() -> None:
    with pytest.raises(CatalogError, match="no defect 'nope' for tracker; there are: "):
        draw_defects("tracker", 1, Chance(1), ["nope"])
    with pytest.raises(CatalogError, match="no shape 'nope' for comment-cut-short; there are: cut-in-the-form"):
        find_shapes("tracker", ["comment-cut-short/nope"])
    with pytest.raises(CatalogError, match="no product 'nope'; there are: invoicing, tracker"):
        load_product("nope")
    with pytest.raises(CatalogError, match=r"nope: there is no catalog/tracker/checks/nope.py; write `async def check"):
        check_for("tracker", "nope")
    with pytest.raises(CatalogError, match=r"catalog/tracker/checks/__init__.py: it must define `async def check"):
        check_for("tracker", "__init__")


def test_a_patch_that_does_not_fit_is_named(tmp_path: Path) -> None:
    tree = copy_of_product(tmp_path)
    plant(tree, find_shapes("tracker", ["comment-cut-short"]))
    with pytest.raises(CatalogError, match=r"comment-cut-short/.*: its patch does not apply"):
        plant(tree, find_shapes("tracker", ["comment-cut-short"]))


def test_reversing_twice_is_nothing() -> None:
    for shape in SHAPES.values():
        assert reverse_patch(reverse_patch(shape.plant)) == shape.plant


@pytest.fixture
def own_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalog of one product `p`, copied from the tracker's entries."""
    for name in ("defects/comment-cut-short", "requests/project-note", "requests/find-projects-by-note"):
        shutil.copytree(CATALOG / "tracker" / name, tmp_path / "p" / name)
    for module in ("defects", "requests", "choices", "reading"):
        monkeypatch.setattr(f"catalog.{module}.CATALOG", tmp_path)
    return tmp_path / "p"


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_broken_defects_are_named_with_the_key(own_catalog: Path) -> None:
    file = own_catalog / "defects" / "comment-cut-short" / "defect.toml"
    rewrite(file, "cwe = 222\n", "")
    with pytest.raises(CatalogError, match=r"p/defects/comment-cut-short/defect.toml: .*give `cwe` or `source`"):
        load_defects("p")
    rewrite(file, 'kind = "data_loss"', 'kind = "bug"\ncwe = 1')
    with pytest.raises(CatalogError, match=r"kind: Input should be 'correctness', 'data_loss'"):
        load_defects("p")
    rewrite(file, '"bug"', '"crash"\nconflicts = ["other"]')
    with pytest.raises(CatalogError, match="conflicts with 'other', which is not there"):
        load_defects("p")
    shutil.rmtree(file.parent / "shapes")
    with pytest.raises(CatalogError, match=r"comment-cut-short: no shapes/<shape>.patch"):
        load_defects("p")
    assert load_defects("p", partial=True) == {}


def test_broken_requests_are_named(own_catalog: Path) -> None:
    first, second = (own_catalog / "requests" / name for name in ("project-note", "find-projects-by-note"))
    rewrite(second / "request.toml", '{ project-note = "file" }', "{}")
    with pytest.raises(
        CatalogError, match="variant all-files-read: `stands_on` must name a variant for each of: project-note"
    ):
        load_requests("p")
    rewrite(second / "request.toml", "stands_on = {}", 'stands_on = { project-note = "stone" }')
    with pytest.raises(CatalogError, match="no variant 'stone' for project-note; there are: column, file"):
        load_requests("p")
    rewrite(second / "request.toml", '"stone"', '"file"')
    (first / "variants" / "file.patch").unlink()
    with pytest.raises(
        CatalogError, match=r"request.toml has the variants \['column', 'file'\], variants/ has \['column'\]"
    ):
        load_requests("p")
    partial = load_requests("p", partial=True)
    assert [one.name for one in partial["find-projects-by-note"].variants] == ["folded-column", "all-notes-read"]
    shutil.rmtree(first)
    with pytest.raises(CatalogError, match="comes after 'project-note', which is not there"):
        load_requests("p")


def request(name: str, *after: str) -> Request:
    about = REQUESTS["project-note"].about.model_copy(update={"after": after})
    return Request(name, about, REQUESTS["project-note"].variants)


def test_requests_are_asked_for_in_permitted_orders_only() -> None:
    made = {one.name: one for one in (request("a"), request("b", "a"), request("c", "a"), request("d", "b", "c"))}
    assert open_requests(made, ["a"]) == ["b", "c"]
    orders = {draw_order(made, Chance(seed)) for seed in range(20)}
    assert orders == {("a", "b", "c", "d"), ("a", "c", "b", "d")}


@pytest.mark.parametrize("product", PRODUCTS)
def test_variants_stand_on_each_other_and_apply(product: str, tmp_path: Path) -> None:
    requests = load_requests(product)
    assert requests
    for one in requests.values():
        acceptance_for(product, one.name)
        for variant in one.variants:
            tree = copy_of_product(tmp_path, variant.full_name.replace("/", "-"), product)
            for layer in (*foundations(requests, variant), variant):
                apply_patch(tree, layer.patch, layer.full_name)


def test_every_option_of_a_choice_is_an_infra_file_that_the_cloud_reads() -> None:
    own = (load_product("tracker").tree / "deploy" / "infra.toml").read_text()
    choices = load_choices("tracker")
    assert len(choices) >= 8
    for choice in choices.values():
        read = [parse(option.infra(own).encode()) for option in choice.options]
        assert any(one != other for one in read for other in read), f"{choice.name}: its options do not differ"
        assert all(one.app == parse(own.encode()).app for one in read)


def test_options_change_their_keys_and_leave_the_rest() -> None:
    own: dict[str, Any] = {"a": {"x": 1, "y": "é"}, "job": [{"name": "one", "every": "1h"}, {"name": "two"}]}
    result = merged(own, {"a": {"x": 2}, "job": [{"name": "one", "every": "2h"}, {"name": "three"}]})
    assert written(result) == (
        '[a]\nx = 2\ny = "é"\n\n[[job]]\nname = "one"\nevery = "2h"\n\n[[job]]\nname = "two"\n\n[[job]]\nname = "three"\n'
    )
    with pytest.raises(CatalogError, match="cannot be written"):
        written({"a": None})
