"""Seeded worlds: what each of them plants is drawn as for an episode, built, started, and put through the visible tests."""

from collections.abc import Callable, Sequence

from bus.chance import Chance
from catalog.defects import draw_defects
from catalog.products import Product
from catalog.reading import CatalogError
from concern.catalog.cells import Cell, Result, Row
from concern.catalog.plan import TESTS
from concern.catalog.trees import planted
from concern.catalog.verifying import verify_rows

STARTS = Cell("start", "", frozenset({"started"}))
DIFFERENT = 50
"""So many first seeds must all plant another set."""


def world_rows(product: Product, count: int, defects: int) -> list[Row]:
    """One row for each seed from 1."""
    rows: list[Row] = []
    for seed in range(1, count + 1):
        recipe = planted(product, draw_defects(product.name, defects, Chance(seed)))
        rows.append(Row(recipe.on_top(f"seed {seed}: {recipe.title}"), [STARTS, TESTS]))
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
    """Find out whether each of them starts and passes; what was right earlier is taken."""
    if not rows:
        raise CatalogError("no worlds were asked for")
    return await verify_rows(product, rows, jobs=jobs, changed=True, told=told)
