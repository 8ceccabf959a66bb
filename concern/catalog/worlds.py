"""Seeded worlds: what each of them plants is drawn as for an episode, built, started, and put through the visible tests.

Each defect has passed them alone, which is found out first. In company with others only such a test can end otherwise that
more than one of them reaches (which tests call what is known of the good product: a patch that newly calls what another
one changes is not seen).
"""

from collections.abc import Callable, Sequence

from bus.chance import Chance
from catalog.defects import draw_defects
from catalog.products import Product
from catalog.reading import CatalogError
from concern.catalog.cells import Cell, Result, Row
from concern.catalog.plan import TESTS
from concern.catalog.trees import Recipe, planted
from concern.catalog.verifying import verify_rows

STARTS = Cell("start", "", frozenset({"started"}))
DIFFERENT = 50
"""So many first seeds must all plant another set."""


def world_rows(product: Product, count: int, defects: int) -> list[Row]:
    """One row for each seed from 1."""
    rows: list[Row] = []
    for seed in range(1, count + 1):
        recipe = planted(product, draw_defects(product.name, defects, Chance(seed)))
        rows.append(Row(recipe.on_top(f"seed {seed}: {recipe.title}"), [STARTS, TESTS], together=True))
    return rows


def repeated(rows: Sequence[Row]) -> list[str]:
    """Worlds among the first ones that plant what an earlier one does."""
    seen: dict[str, str] = {}
    said: list[str] = []
    for row in rows[:DIFFERENT]:
        other = seen.setdefault(row.recipe.digest, row.title)
        if other != row.title:
            said.append(f"{row.title} is the same as {other}")
    return said


async def verify_worlds(
    product: Product, rows: Sequence[Row], *, jobs: int, told: Callable[[Result], None]
) -> list[Result]:
    """Find out whether each of them starts and passes; what was right earlier is taken.

    `CatalogError` if none are asked for, or if a defect fails visible tests alone already.
    """
    if not rows:
        raise CatalogError("no worlds were asked for")
    layers = {layer.name: layer for row in rows for layer in row.recipe.layers}
    alone = [Row(Recipe(product, name, (layer,)), [TESTS]) for name, layer in sorted(layers.items())]
    found = await verify_rows(product, alone, jobs=jobs, changed=True, told=lambda result: None)
    if failed := [result.row for result in found if not result.ok]:
        raise CatalogError(
            f"alone already these fail visible tests: {', '.join(failed)}; see `concern catalog verify --only`"
        )
    return await verify_rows(product, rows, jobs=jobs, changed=True, told=told)
