"""The catalog: defects load, go together, plant into the good product and come out again without a trace."""

import shutil
from itertools import permutations
from pathlib import Path

import pytest

from bus.chance import Chance
from catalog.defects import (
    CATALOG,
    CatalogError,
    Defect,
    apply_patch,
    draw_defects,
    fixes_for,
    load_defects,
    plant,
    reverse_patch,
)
from catalog.products import load_product

DEFECTS = load_defects("tracker")
WANTED = {"crash", "performance", "correctness", "security", "leak", "job"}


PRODUCTS = sorted(path.parent.name for path in CATALOG.glob("*/product.toml"))
ALL = [(product, defect) for product in PRODUCTS for defect in load_defects(product).values()]


def copy_of_product(tmp_path: Path, name: str = "tree", product: str = "tracker") -> Path:
    tree = tmp_path / name
    shutil.copytree(load_product(product).tree, tree, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    return tree


def contents(tree: Path) -> dict[str, bytes]:
    return {str(path.relative_to(tree)): path.read_bytes() for path in sorted(tree.rglob("*")) if path.is_file()}


def test_every_kind_that_a_company_inherits_is_there() -> None:
    assert {defect.about.kind for defect in DEFECTS.values()} >= WANTED


def test_there_are_defects_for_every_product_and_each_has_a_cwe_or_a_source() -> None:
    assert {product for product, _ in ALL} == set(PRODUCTS) == {"invoicing", "tracker"}
    for product, defect in ALL:
        assert defect.about.cwe or defect.about.source, f"{product}: {defect.name} has neither a CWE nor a source"


@pytest.mark.parametrize(("product", "defect"), ALL, ids=lambda each: getattr(each, "name", each))
def test_a_defect_changes_the_product_and_its_fix_undoes_it(product: str, defect: Defect, tmp_path: Path) -> None:
    tree = copy_of_product(tmp_path, product=product)
    good = contents(tree)
    plant(tree, [defect])
    assert contents(tree) != good
    apply_patch(tree, defect.fix, defect.name)
    assert contents(tree) == good


@pytest.mark.parametrize("product", PRODUCTS)
def test_any_two_defects_go_together_in_any_order_and_any_fix_first(product: str, tmp_path: Path) -> None:
    for number, (first, second) in enumerate(permutations(load_defects(product).values(), 2)):
        if second.name in first.about.conflicts or first.name in second.about.conflicts:
            continue
        if not _touched(first.plant) & _touched(second.plant):
            continue
        tree = copy_of_product(tmp_path, f"tree{number}", product)
        good = contents(tree)
        plant(tree, [first, second])
        for defect in (first, second):
            apply_patch(tree, defect.fix, defect.name)
        assert contents(tree) == good, f"{first.name} and {second.name}"
        shutil.rmtree(tree)


def _touched(patch: str) -> set[str]:
    return {line[6:].strip() for line in patch.splitlines() if line.startswith("+++ b/")}


def test_a_world_gets_a_seeded_subset() -> None:
    drawn = [tuple(defect.name for defect in draw_defects("tracker", 6, Chance(seed))) for seed in range(1, 13)]
    assert drawn[0] == tuple(defect.name for defect in draw_defects("tracker", 6, Chance(1)))
    assert len(set(drawn)) > 6
    assert all(len(set(names)) == 6 and names == tuple(sorted(names)) for names in drawn)
    assert [d.name for d in draw_defects("tracker", 6, Chance(1), ["comment-cut-short"])] == ["comment-cut-short"]


def test_fixes_come_with_the_most_severe_first_and_say_what_they_do() -> None:
    severities = [DEFECTS[fix.defect].about.severity for fix in fixes_for("tracker", sorted(DEFECTS))]
    assert severities == sorted(severities, key=["high", "medium", "low"].index)
    assert all(fix.message and fix.patch.startswith("--- a/") for fix in fixes_for("tracker", sorted(DEFECTS)))


def test_unknown_names_are_told_with_the_choices() -> None:
    with pytest.raises(CatalogError, match="no defect 'nope' for tracker; there are: comment-cut-short"):
        draw_defects("tracker", 1, Chance(1), ["nope"])
    with pytest.raises(CatalogError, match="no product 'nope'; there are: invoicing, tracker"):
        load_product("nope")


def test_a_patch_that_does_not_fit_is_named(tmp_path: Path) -> None:
    tree = copy_of_product(tmp_path)
    plant(tree, [DEFECTS["comment-cut-short"]])
    with pytest.raises(CatalogError, match="comment-cut-short: its patch does not apply"):
        plant(tree, [DEFECTS["comment-cut-short"]])


def test_reversing_twice_is_nothing() -> None:
    for _, defect in ALL:
        assert reverse_patch(reverse_patch(defect.plant)) == defect.plant
