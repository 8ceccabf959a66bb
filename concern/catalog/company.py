"""Products in company: many variants, or shapes of defects, in one product, for what each of them adds.

A route, a column or a migration is met by every test and every check, and all of them for each variant are most of a
verification's time. So as many variants as go together are put into one product, which must pass them all; alone each is then
asked only for those that call what it changed. Shapes that add something are put together likewise, for the tests.
"""

import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.builds import BuildingSite, site
from catalog.patches import apply_patch
from catalog.products import Product
from catalog.reading import CatalogError
from catalog.requests import Request, Variant, foundations, load_requests
from concern.catalog.cells import Cell, Row
from concern.catalog.differences import difference, files_of
from concern.catalog.plan import TESTS
from concern.catalog.reach import Reach
from concern.catalog.trees import Layer, Recipe

FEWEST = 2
"""Fewer are no company: alone a product is put through all of them."""
ROUNDS = 3
"""Ways to put variants together that are tried: in their order, then with those first that found no place the last time."""


@dataclass(frozen=True)
class Company:
    """One product with many variants, or shapes."""

    row: Row
    members: frozenset[str]
    """Title of each whose additions it proves."""


def companies(product: Product, asked: Sequence[tuple[Row, Sequence[Cell]]]) -> list[Company]:
    """So that each variant among these products is in one, if it goes with any other.

    A company is asked for everything that any of its members is: checks and visible tests, since these are no one's own.
    """
    requests = load_requests(product.name)
    wanted = {row.title: cells for row, cells in asked}
    left = [one for request in requests.values() for one in request.variants if wanted.get(one.full_name)]
    fewest = _packed(product, left, requests)
    order = fewest
    for _ in range(ROUNDS - 1):
        last_first = [name for joined, _ in reversed(order) for name in joined]
        order = _packed(product, sorted(left, key=lambda one: last_first.index(one.full_name)), requests)
        fewest = min(fewest, order, key=len)
    found: list[Company] = []
    for joined, layers in fewest:
        if len(joined) >= FEWEST:
            title = f"company {len(found) + 1}, of {len(joined)} variants"
            cells = list(dict.fromkeys(cell for name in joined for cell in wanted[name]))
            found.append(Company(Row(Recipe(product, title, tuple(layers)), cells), frozenset(joined)))
    return found


def _packed(
    product: Product, order: Sequence[Variant], requests: Mapping[str, Request]
) -> list[tuple[list[str], list[Layer]]]:
    """All of these, each with as many of those after it as go with it and have no place yet."""
    packed: list[tuple[list[str], list[Layer]]] = []
    left = list(order)
    while left:
        with site(product.name) as stack:
            joined, layers = _joined(stack, left, requests)
        joined = joined or [left[0].full_name]  # what it stands on does not go together as it is
        packed.append((joined, layers))
        left = [one for one in left if one.full_name not in joined]
    return packed


def _joined(
    stack: BuildingSite, wanted: Sequence[Variant], requests: Mapping[str, Request]
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


def shapes_together(product: Product, rows: Sequence[Row], reach: Reach) -> list[Company]:
    """Of these products with one shape each those in company, for the visible tests, that would alone be put through all."""
    left = [row for row in rows if row.own_check is not None]
    found: list[Company] = []
    with tempfile.TemporaryDirectory(prefix="catalog-") as folder:
        good = Path(folder) / "good"
        Recipe(product, "the good product").make(good)
        left = [row for row in left if _adds(row, good, Path(folder), reach)]
        while left:
            tree = Path(folder) / f"company-{len(found)}-{len(left)}"
            Recipe(product, "the good product").make(tree)
            joined = [row for row in left if _goes_in(row, tree)]
            if len(joined) >= FEWEST:
                title = f"company {len(found) + 1}, of {len(joined)} shapes"
                layers = tuple(layer for row in joined for layer in row.recipe.layers)
                members = frozenset(row.title for row in joined)
                found.append(Company(Row(Recipe(product, title, layers), [TESTS]), members))
            left = _without(left, joined or left[:1])
    return found


def _adds(row: Row, good: Path, folder: Path, reach: Reach) -> bool:
    """Whether only company keeps this product from being put through all tests."""
    tree = folder / f"alone-{row.recipe.digest}"
    row.recipe.make(tree)
    change = difference(files_of(good), files_of(tree))
    return reach.tests(good, change) is None and reach.tests(good, change, in_company=True) is not None


def _goes_in(row: Row, tree: Path) -> bool:
    try:
        for layer in row.recipe.layers:
            apply_patch(tree, layer.patch, layer.name)
    except CatalogError:
        return False
    return True


def _without(rows: Sequence[Row], some: Collection[Row]) -> list[Row]:
    return [row for row in rows if all(row is not one for one in some)]
