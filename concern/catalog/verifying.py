"""Going through the rows of a verification: each product is built, started, and everything that is asked of it found out."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from time import perf_counter

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from agents.web.failure import JourneyFailed
from catalog.checking import Scene
from catalog.checking.protocols import Site
from catalog.checking.verdict import judged
from catalog.products import Product
from catalog.proofs import acceptance_for, accounts_for, check_for
from catalog.reading import CatalogError
from concern.catalog.bench import EVERYTHING, Bench, Known
from concern.catalog.cells import Cell, KeptResults, Result, Row
from concern.catalog.heard import hearing
from concern.catalog.hostile import FLAVOURS, HostileSite
from concern.catalog.knowing import SCENES, Asked, known_of
from concern.catalog.profiles import MeasuredProfiles
from concern.catalog.trees import planted
from concern.catalog.visible import room_for_tests
from concern.catalog.workshop import Built, workshop
from concern.history import cache_directory
from services.cloud.errors import ProductError
from services.sandbox.spec import Isolation

KEPT = "catalog-cells.sqlite"


async def verify_rows(
    product: Product,
    rows: Sequence[Row],
    *,
    jobs: int,
    changed: bool,
    told: Callable[[Result], None],
    everything: bool = False,
) -> list[Result]:
    """Find out all cells, `jobs` products at a time; `changed` takes what was right earlier. `told` hears of each.

    `everything` asks each product for checks and visible tests that no change of it can reach, too.
    """
    kept = KeptResults(cache_directory() / KEPT, product.name)
    results: list[Result] = []

    def tell(row: Row, result: Result) -> None:
        if not result.kept:
            kept.put(row, result)
        results.append(result)
        told(result)

    async def in_turn(some: Asked, tell: Callable[[Row, Result], None]) -> None:
        await _work_through(product, some, EVERYTHING, jobs, tell)

    try:
        asked: list[tuple[Row, list[Cell]]] = []
        for row in rows:
            known = [kept.get(row, cell) for cell in row.cells] if changed else []
            for result in known:
                if result is not None:
                    tell(row, result)
            found = {result.cell for result in known if result is not None}
            rest = [cell for cell in row.cells if cell not in found]
            asked += [(row, rest)] if rest else []
        known_before = EVERYTHING if everything else await known_of(product, asked, kept, in_turn)
        await _work_through(product, asked, known_before, jobs, tell)
    finally:
        kept.close()
    return results


def unproved(product: Product, rows: Sequence[Row]) -> list[Row]:
    """Rows with a cell that was not found right earlier."""
    kept = KeptResults(cache_directory() / KEPT, product.name)
    try:
        return [row for row in rows if not all(kept.get(row, cell) for cell in row.cells)]
    finally:
        kept.close()


def heard_changes(product: Product, rows: Sequence[Row], results: Sequence[Result]) -> dict[str, str]:
    """Of whose change their own check is known to hear: marks by the title of planted products.

    Known if something was left out there just now, since nothing is before that is found out; or from earlier.
    """
    kept = KeptResults(cache_directory() / KEPT, product.name)
    try:
        left_out = {result.row for result in results if not result.reached}
        marks = {row.title: hearing(row.recipe, own) for row in rows if (own := row.own_check) is not None}
        return {title: mark for title, mark in marks.items() if title in left_out or kept.noted(mark)}
    finally:
        kept.close()


async def _work_through(
    product: Product, asked: Asked, known: Known, jobs: int, tell: Callable[[Row, Result], None]
) -> None:
    send, receive = anyio.create_memory_object_stream[tuple[Row, Sequence[Cell]]](len(asked) + 1)
    for each in asked:
        send.send_nowait(each)
    send.close()
    async with anyio.create_task_group() as group, receive:
        for _ in range(min(jobs, len(asked))):
            group.start_soon(_work, product, known, receive.clone(), tell)


async def _work(
    product: Product,
    known: Known,
    rows: MemoryObjectReceiveStream[tuple[Row, Sequence[Cell]]],
    tell: Callable[[Row, Result], None],
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="catalog-"))
    profiles = MeasuredProfiles(product, folder / "market")
    try:
        async with AsyncExitStack() as stack, rows:
            place = await stack.enter_async_context(workshop(product, folder / "work", profiles))
            room = await stack.enter_async_context(
                room_for_tests(place.driver.layout, folder / "tests", Isolation.FULL)
            )
            good = place.build(planted(product, ()))
            bench = Bench(place, room, good.release, known)
            async for row, cells in rows:
                await _row(bench, row, cells, tell)
    finally:
        profiles.close()
        shutil.rmtree(folder, ignore_errors=True)


async def _row(bench: Bench, row: Row, cells: Sequence[Cell], tell: Callable[[Row, Result], None]) -> None:
    try:
        built = await anyio.to_thread.run_sync(bench.workshop.build, row.recipe)  # others walk meanwhile
        untouched = await bench.untouched(row, built, cells)
        for cell in untouched:
            tell(row, Result(row.title, cell, "safe", "nothing that it calls has changed", reached=False))
        walked = [
            cell
            for cell in cells
            if cell.kind != "tests" and cell not in untouched and not _undone(bench, built, row, cell, tell)
        ]
        if walked:
            async with bench.workshop.serving(built) as served:
                site = HostileSite(served, FLAVOURS[row.flavour]) if row.flavour else served
                for cell in walked:
                    begun = Result(row.title, cell, "started", "")
                    tell(row, begun if cell.kind == "start" else await _walked(row, cell, site))
        for cell in cells:
            if cell.kind == "tests":
                started = perf_counter()
                tested = await bench.tested(row, built)
                outcome = "passed" if tested.passed else "failed"
                tell(row, Result(row.title, cell, outcome, tested.detail, perf_counter() - started))
    except (ProductError, CatalogError) as error:
        for cell in cells:
            tell(row, Result(row.title, cell, "unbuilt", str(error)[:600]))


def _undone(bench: Bench, built: Built, row: Row, cell: Cell, tell: Callable[[Row, Result], None]) -> bool:
    """A fix that leads back to the good product, file for file, needs no walk: its check is proved there."""
    same = cell.kind == "fix" and built.release == bench.good
    if same:
        tell(row, Result(row.title, cell, "safe", "it is the good product again"))
    return same


async def _walked(row: Row, cell: Cell, site: Site) -> Result:
    product = row.recipe.product.name
    scene = Scene.fresh(site, accounts_for(product), SCENES.python(cell.kind, cell.name))
    started = perf_counter()
    try:
        if cell.kind == "acceptance":
            outcome, evidence = await _accepted(product, cell.name, scene)
        else:
            verdict = await judged(check_for(product, cell.name), scene)
            outcome, evidence = verdict.outcome, verdict.evidence
    except (CatalogError, ProductError):
        raise
    except Exception as error:  # the boundary: a mistake in a check is a wrong cell, not the end of the run
        outcome, evidence = "mistaken", f"{type(error).__name__}: {error}"
    return Result(row.title, cell, outcome, evidence, perf_counter() - started)


async def _accepted(product: str, name: str, scene: Scene) -> tuple[str, str]:
    try:
        await acceptance_for(product, name)(scene)
    except JourneyFailed as error:
        return "unmet", str(error)
    return "met", ""
