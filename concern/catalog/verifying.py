"""Going through the rows of a verification: each product is built, started, and everything that is asked of it found out."""

import shutil
import tempfile
from collections.abc import Callable, Sequence, Set
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from agents.web.failure import JourneyFailed
from bus.chance import Chance
from catalog.checking import Scene
from catalog.checking.protocols import Site
from catalog.checking.verdict import judged
from catalog.products import Product
from catalog.proofs import acceptance_for, accounts_for, check_for
from catalog.reading import CatalogError
from concern.catalog.cells import Cell, KeptResults, Result, Row
from concern.catalog.company import companies
from concern.catalog.hostile import FLAVOURS, HostileSite
from concern.catalog.profiles import MeasuredProfiles
from concern.catalog.reach import Reach, reach_of, shared
from concern.catalog.tracing import EVERYWHERE
from concern.catalog.trees import Layer, Recipe, planted
from concern.catalog.visible import Tested, TestRoom, room_for_tests
from concern.catalog.workshop import Built, Workshop, workshop
from concern.history import cache_directory
from services.cloud.errors import ProductError
from services.sandbox.spec import Isolation

KEPT = "catalog-cells.sqlite"
SCENES = Chance(20270301)
"""All scenes' people and references; equal for equal cells."""


@dataclass
class Bench:
    """One worker's place: a workshop and a room for tests."""

    workshop: Workshop
    tests: TestRoom
    good: str
    """The good product's release."""
    reach: Reach | None
    """Which tests a change can reach; None if all are run."""
    in_company: Set[str]
    """Products whose additions have passed all tests together with others'."""
    _alone: dict[str, tuple[str, ...] | None] = field(default_factory=dict[str, tuple[str, ...] | None])
    """Tests that one patch can reach, by the patch."""

    async def tested(self, row: Row, built: Built) -> Tested:
        """The visible tests that can fail on this product and not on the good one."""
        chosen = None
        if self.reach is not None and row.together:
            alone = [await self._reached_alone(row.recipe, layer) for layer in row.recipe.layers]
            chosen = shared([test for test in self.reach.calls if test != EVERYWHERE], alone)
        elif self.reach is not None:
            chosen = self._reached(built)
        nothing = chosen is not None and not chosen
        return Tested(True, "") if nothing else await self.tests.run(built, chosen or ())

    def _reached(self, built: Built) -> tuple[str, ...] | None:
        assert self.reach is not None
        releases = self.workshop.driver.layout.releases
        met = built.recipe.title in self.in_company
        return self.reach.tests(releases / self.good, releases / built.release, in_company=met)

    async def _reached_alone(self, recipe: Recipe, layer: Layer) -> tuple[str, ...] | None:
        if layer.name not in self._alone:
            one = Recipe(recipe.product, layer.name, (layer,))
            self._alone[layer.name] = self._reached(await anyio.to_thread.run_sync(self.workshop.build, one))
        return self._alone[layer.name]


@dataclass
class Asked:
    """What is left to find out, after what was found earlier."""

    rows: list[tuple[Row, list[Cell]]]

    @property
    def tested(self) -> list[str]:
        """Products with patches that have to be tested."""
        return [
            row.title for row, cells in self.rows if row.recipe.layers and any(one.kind == "tests" for one in cells)
        ]


async def verify_rows(
    product: Product,
    rows: Sequence[Row],
    *,
    jobs: int,
    changed: bool,
    told: Callable[[Result], None],
    all_tests: bool = False,
) -> list[Result]:
    """Find out all cells, `jobs` products at a time; `changed` takes what was right earlier. `told` hears of each.

    `all_tests` runs the visible tests on each product that no change of it can reach, too.
    """
    kept = KeptResults(cache_directory() / KEPT, product.name)
    results: list[Result] = []

    def tell(row: Row, result: Result) -> None:
        if not result.kept:
            kept.put(row, result)
        results.append(result)
        told(result)

    try:
        asked = Asked([])
        for row in rows:
            known = [kept.get(row, cell) for cell in row.cells] if changed else []
            for result in known:
                if result is not None:
                    tell(row, result)
            found = {result.cell for result in known if result is not None}
            rest = [cell for cell in row.cells if cell not in found]
            asked.rows += [(row, rest)] if rest else []
        tested = asked.tested
        reach = await anyio.to_thread.run_sync(reach_of, product) if tested and not all_tests else None
        met = await _in_company(product, tested, reach, jobs) if reach is not None else frozenset[str]()
        await _work_through(product, asked, reach, met, jobs, tell)
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


async def _in_company(product: Product, titles: Sequence[str], reach: Reach, jobs: int) -> Set[str]:
    """Which of these products need not go through all tests: variants whose company has."""
    groups = await anyio.to_thread.run_sync(companies, product, titles)
    passed: set[str] = set()

    def tell(row: Row, result: Result) -> None:
        passed.update({row.title} if result.ok else set())

    rows = Asked([(group.row, group.row.cells) for group in groups])
    await _work_through(product, rows, reach, frozenset(), jobs, tell)
    return {name for group in groups if group.row.title in passed for name in group.members}


async def _work_through(
    product: Product, asked: Asked, reach: Reach | None, met: Set[str], jobs: int, tell: Callable[[Row, Result], None]
) -> None:
    send, receive = anyio.create_memory_object_stream[tuple[Row, list[Cell]]](len(asked.rows) + 1)
    for each in asked.rows:
        send.send_nowait(each)
    send.close()
    async with anyio.create_task_group() as group, receive:
        for _ in range(min(jobs, len(asked.rows))):
            group.start_soon(_work, product, reach, met, receive.clone(), tell)


async def _work(
    product: Product,
    reach: Reach | None,
    met: Set[str],
    rows: MemoryObjectReceiveStream[tuple[Row, list[Cell]]],
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
            bench = Bench(place, room, good.release, reach, met)
            async for row, cells in rows:
                await _row(bench, row, cells, tell)
    finally:
        profiles.close()
        shutil.rmtree(folder, ignore_errors=True)


async def _row(bench: Bench, row: Row, cells: Sequence[Cell], tell: Callable[[Row, Result], None]) -> None:
    try:
        built = bench.workshop.build(row.recipe)
        walked = [cell for cell in cells if cell.kind != "tests" and not _undone(bench, built, row, cell, tell)]
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
