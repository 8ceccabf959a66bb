"""The catalog: defects load, go together, plant into the good product and come out again without a trace."""

import shutil
from itertools import permutations
from pathlib import Path

import pytest

from bus.chance import Chance
from catalog.defects import CatalogError, apply_patch, draw_defects, fixes_for, load_defects, plant, reverse_patch
from catalog.products import load_product

DEFECTS = load_defects("tracker")
WANTED = {"crash", "performance", "correctness", "security", "leak", "job"}


def copy_of_product(tmp_path: Path, name: str = "tree") -> Path:
    tree = tmp_path / name
    shutil.copytree(load_product("tracker").tree, tree, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    return tree


def contents(tree: Path) -> dict[str, bytes]:
    return {str(path.relative_to(tree)): path.read_bytes() for path in sorted(tree.rglob("*")) if path.is_file()}


def test_every_kind_that_a_company_inherits_is_there() -> None:
    assert {defect.about.kind for defect in DEFECTS.values()} >= WANTED
    for defect in DEFECTS.values():
        assert defect.about.cwe or defect.about.source, f"{defect.name} has neither a CWE nor a source"


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_changes_the_product_and_its_fix_undoes_it(name: str, tmp_path: Path) -> None:
    tree = copy_of_product(tmp_path)
    good = contents(tree)
    plant(tree, [DEFECTS[name]])
    assert contents(tree) != good
    apply_patch(tree, DEFECTS[name].fix, name)
    assert contents(tree) == good


def test_any_two_defects_go_together_in_any_order_and_any_fix_first(tmp_path: Path) -> None:
    for number, (first, second) in enumerate(permutations(DEFECTS.values(), 2)):
        if second.name in first.about.conflicts or first.name in second.about.conflicts:
            continue
        if not _touched(first.plant) & _touched(second.plant):
            continue
        tree = copy_of_product(tmp_path, f"tree{number}")
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
    with pytest.raises(CatalogError, match="no product 'nope'; there are: tracker"):
        load_product("nope")


def test_a_patch_that_does_not_fit_is_named(tmp_path: Path) -> None:
    tree = copy_of_product(tmp_path)
    plant(tree, [DEFECTS["comment-cut-short"]])
    with pytest.raises(CatalogError, match="comment-cut-short: its patch does not apply"):
        plant(tree, [DEFECTS["comment-cut-short"]])


def test_reversing_twice_is_nothing() -> None:
    for defect in DEFECTS.values():
        assert reverse_patch(reverse_patch(defect.plant)) == defect.plant
