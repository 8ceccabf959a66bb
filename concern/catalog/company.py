"""Variants in company: many requests in one product, for what each of them adds.

A route, a column or a migration is met by every test and every check, and all of them for each variant are most of a
verification's time. So as many variants as go together are put into one product, which must pass them all; alone each is then
asked only for those that call what it changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.builds import BuildingSite, site
from catalog.products import Product
from catalog.requests import Request, Variant, foundations, load_requests
from concern.catalog.cells import Cell, Row
from concern.catalog.trees import Layer, Recipe

FEWEST = 2
"""Fewer are no company: alone a variant is put through all of them."""


@dataclass(frozen=True)
class Company:
    """One product with many variants."""

    row: Row
    members: frozenset[str]
    """`REQUEST/VARIANT` of each whose additions it proves."""


def companies(product: Product, asked: Sequence[tuple[Row, Sequence[Cell]]]) -> list[Company]:
    """So that each variant among these products is in one, if it goes with any other.

    A company is asked for everything that any of its members is: checks and visible tests, since these are no one's own.
    """
    requests = load_requests(product.name)
    wanted = {row.title: cells for row, cells in asked}
    left = [one for request in requests.values() for one in request.variants if wanted.get(one.full_name)]
    found: list[Company] = []
    while left:
        with site(product.name) as stack:
            joined, layers = _joined(stack, left, requests)
        if len(joined) < FEWEST:
            break
        title = f"company {len(found) + 1}, of {len(joined)} variants"
        cells = list(dict.fromkeys(cell for name in joined for cell in wanted[name]))
        found.append(Company(Row(Recipe(product, title, tuple(layers)), cells), frozenset(joined)))
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
