"""Variants in company: many requests in one product, for what each of them adds.

A route, a column or a migration is met by every test, and a run of all tests for each variant is most of a verification's
time. So as many variants as go together are put into one product, which must pass all tests; alone each is then asked only
for the tests that call what it changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.builds import BuildingSite, site
from catalog.products import Product
from catalog.requests import Request, Variant, foundations, load_requests
from concern.catalog.cells import Row
from concern.catalog.plan import TESTS
from concern.catalog.trees import Layer, Recipe

FEWEST = 2
"""Fewer are no company: alone a variant is put through all tests."""


@dataclass(frozen=True)
class Company:
    """One product with many variants."""

    row: Row
    members: frozenset[str]
    """`REQUEST/VARIANT` of each whose additions it proves."""


def companies(product: Product, variants: Sequence[str]) -> list[Company]:
    """So that each of these variants (`REQUEST/VARIANT`) is in one, if it goes with any other."""
    requests = load_requests(product.name)
    left = [one for request in requests.values() for one in request.variants if one.full_name in variants]
    found: list[Company] = []
    while left:
        with site(product.name) as stack:
            joined, layers = _joined(stack, left, requests)
        if len(joined) < FEWEST:
            break
        title = f"company {len(found) + 1}, of {len(joined)} variants"
        found.append(Company(Row(Recipe(product, title, tuple(layers)), [TESTS]), frozenset(joined)))
        left = [one for one in left if one.full_name not in joined]
    return found


def _joined(
    stack: BuildingSite, wanted: Sequence[Variant], requests: dict[str, Request]
) -> tuple[list[str], list[Layer]]:
    joined: list[str] = []
    layers: list[Layer] = []
    for variant in wanted:
        below = [one for one in foundations(requests, variant) if stack.made.get(one.request) != one.name]
        for one in (*below, variant):
            patch = stack.put(one) if stack.carries(one) else None
            if patch is None:
                break
            layers.append(Layer(one.full_name, patch))
            joined += [one.full_name] if one in wanted else []
    return joined, layers
