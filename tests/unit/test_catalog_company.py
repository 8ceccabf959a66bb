"""Many variants in one product, for what each of them adds."""

from collections.abc import Sequence

from catalog.products import Product, load_product
from catalog.requests import load_requests
from concern.catalog.cells import Cell
from concern.catalog.company import Company, companies, shapes_together
from concern.catalog.plan import SAFE, TESTS, plan
from concern.catalog.reach import Reach

FIRST = ("note-on-a-client/column", "owed-by-client/summed-by-database")


def of(product: Product, names: Sequence[str], cells: Sequence[Cell] = (TESTS,)) -> list[Company]:
    return companies(product, [(row, cells) for row in plan(product) if row.title in names])


def test_all_variants_of_a_product_that_go_together_are_in_two_companies() -> None:
    product = load_product("invoicing")
    every = [one.full_name for request in load_requests("invoicing").values() for one in request.variants]
    found = of(product, every)
    assert sorted(name for each in found for name in each.members) == sorted(every)
    assert len(found) == 2  # no product has two variants of one request
    for each in found:
        requests = [name.partition("/")[0] for name in each.members]
        assert len(set(requests)) == len(requests)
        assert len(each.row.recipe.layers) >= len(requests)


def test_a_company_brings_what_its_members_stand_on_and_takes_nobody_else_in() -> None:
    product, requests = load_product("invoicing"), load_requests("invoicing")
    later = next(one for each in requests.values() for one in each.variants if one.about.stands_on)
    other = next(
        one
        for each in requests.values()
        for one in each.variants
        if each.about.arc != requests[later.request].about.arc
    )
    (company,) = of(product, [later.full_name, other.full_name])
    assert company.members == {later.full_name, other.full_name}
    assert {layer.name for layer in company.row.recipe.layers} > company.members


def test_one_alone_is_no_company() -> None:
    product = load_product("invoicing")
    one = next(one.full_name for each in load_requests("invoicing").values() for one in each.variants)
    assert of(product, [one]) == []
    assert of(product, ["the good product", "number-gap-after-refusal/number-first"]) == []


def test_a_company_is_asked_for_the_checks_and_tests_of_its_members() -> None:
    product = load_product("invoicing")
    mine = [row for row in plan(product) if row.title in FIRST]
    first, second = Cell("check", "first", SAFE), Cell("check", "second", SAFE)
    (company,) = companies(product, [(mine[0], [first]), (mine[1], [first, second])])
    assert company.row.cells == [first, second]
    assert companies(product, [(row, []) for row in mine]) == []


def test_shapes_that_add_something_are_put_together_for_the_tests() -> None:
    product = load_product("tracker")
    reach = Reach({"": frozenset(), "tests/test_tasks.py::one": frozenset({"tracker/comments.py:create"})})
    adds = ("member-list-tells-hashes/whole-row-by-api", "sister-sites-send-forms/same-site-will-do")
    heard = "comment-cut-short/cut-when-stored"

    def together(*names: str) -> list[Company]:
        return shapes_together(product, [row for row in plan(product) if row.title in names], reach)

    (company,) = together(*adds, heard, "the good product")
    assert company.members == set(adds)
    assert [layer.name for layer in company.row.recipe.layers] == list(adds)
    assert company.row.cells == [TESTS]
    assert together(adds[0], heard) == []
    unheard = ("profile-edit-changes-more/every-field-of-the-person", "profile-edit-changes-more/person-and-membership")
    assert together(*unheard) == []  # they change the same lines
    (company,) = together(*adds, *unheard)
    assert company.members == {*adds, unheard[0]}
