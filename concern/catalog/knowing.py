"""What is known before products are asked: what the good one calls for tests and checks, and what additions have met."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import anyio

from bus.chance import Chance
from catalog.products import Product
from catalog.reading import CatalogError
from concern.catalog.bench import Known
from concern.catalog.cells import Cell, KeptResults, Result, Row
from concern.catalog.company import Company, companies, shapes_together
from concern.catalog.heard import Heard, heard_of, hearing
from concern.catalog.plan import SAFE, TESTS
from concern.catalog.reach import Reach, reach_of

SCENES = Chance(20270301)
"""All scenes' people and references; equal for equal cells."""
FEW_TESTED, FEW_CHECKED = 3, 8
"""So many products have been put through all tests, or all checks, before it is found out what each of these calls."""
Asked = Sequence[tuple[Row, Sequence[Cell]]]
"""What is left to find out, after what was found earlier."""
InTurn = Callable[[Asked, Callable[[Row, Result], None]], Awaitable[None]]
"""Finds out all of these cells, and tells of each."""


async def known_of(product: Product, asked: Asked, kept: KeptResults, in_turn: InTurn) -> Known:
    """What can be said before of products with patches: what their changes reach, and what additions have met."""
    patched = [(row, cells) for row, cells in asked if row.recipe.layers and not row.flavour]
    tested = [row for row, cells in patched if TESTS in cells]
    asks = [row for row, cells in patched if any(cell.kind == "check" and cell.right & SAFE for cell in cells)]
    own = {row.title: name for row in asks if (name := row.own_check) is not None}
    known = {row.title for row in asks if row.title in own and kept.noted(hearing(row.recipe, own[row.title]))}
    unknown = {name for title, name in own.items() if title not in known}
    checks = sorted(unknown | {cell.name for _, cells in patched for cell in cells if cell.kind == "check"})
    kinds = {"tests"} if len(tested) >= FEW_TESTED else set[str]()
    kinds |= {"check"} if len(asks) >= FEW_CHECKED else set()
    shared = [(row, [cell for cell in cells if cell.kind in kinds]) for row, cells in patched]
    met: set[tuple[str, Cell]] = set()

    async def keep_company(groups: Sequence[Company]) -> None:
        members = {group.row.title: group.members for group in groups}

        def tell(row: Row, result: Result) -> None:
            met.update((name, result.cell) for name in members[row.title] if result.ok)

        await in_turn([(group.row, group.row.cells) for group in groups], tell)

    async def meanwhile() -> None:
        await keep_company(await anyio.to_thread.run_sync(companies, product, shared))

    tests, heard = await _listened(product, checks if "check" in kinds else None, "tests" in kinds, meanwhile)
    if tests is not None:
        await keep_company(await anyio.to_thread.run_sync(shapes_together, product, tested, tests))
    return Known(tests, heard, met, frozenset(known))


async def _listened(
    product: Product, checks: Sequence[str] | None, tested: bool, meanwhile: Callable[[], Coroutine[Any, Any, None]]
) -> tuple[Reach | None, Heard | None]:
    """What the good product calls for each of its tests, and for these checks, None unasked; other work goes on beside."""
    tests: Reach | None = None
    heard: Heard | None = None
    failed: list[CatalogError] = []

    async def listen_to_tests() -> None:
        nonlocal tests
        try:
            tests = await anyio.to_thread.run_sync(reach_of, product)
        except CatalogError as error:  # told as it is, not in a group
            failed.append(error)

    async def listen_to_checks() -> None:
        nonlocal heard
        if checks is not None:
            heard = await heard_of(product, checks, SCENES, jobs=1)

    async with anyio.create_task_group() as group:
        if tested:
            group.start_soon(listen_to_tests)
        group.start_soon(listen_to_checks)
        group.start_soon(meanwhile)
    if failed:
        raise failed[0]
    return tests, heard
