"""Many variants in one product, for what each of them adds."""

from catalog.products import load_product
from catalog.requests import load_requests
from concern.catalog.company import companies


def test_all_variants_of_a_product_that_go_together_are_in_two_companies() -> None:
    product = load_product("invoicing")
    every = [one.full_name for request in load_requests("invoicing").values() for one in request.variants]
    found = companies(product, every)
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
    (company,) = companies(product, [later.full_name, other.full_name])
    assert company.members == {later.full_name, other.full_name}
    assert {layer.name for layer in company.row.recipe.layers} > company.members


def test_one_alone_is_no_company() -> None:
    product = load_product("invoicing")
    one = next(one.full_name for each in load_requests("invoicing").values() for one in each.variants)
    assert companies(product, [one]) == []
    assert companies(product, ["the good product", "no/variant"]) == []
