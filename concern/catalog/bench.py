"""One worker's place in a verification, and what is known before a product is asked: what its change can reach."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

import anyio

from concern.catalog.cells import Cell, Row
from concern.catalog.differences import Difference, difference, files_of
from concern.catalog.heard import Heard
from concern.catalog.plan import SAFE, TESTS
from concern.catalog.reach import Reach, shared
from concern.catalog.tracing import EVERYWHERE
from concern.catalog.trees import Layer, Recipe
from concern.catalog.visible import Tested, TestRoom
from concern.catalog.workshop import Built, Workshop


@dataclass(frozen=True)
class Known:
    """What is known of the good product and of companies of variants."""

    tests: Reach | None
    """Which visible tests a change can reach; None if all are run."""
    checks: Heard | None
    """Which checks a change can reach; None if all are walked."""
    met: Set[tuple[str, Cell]]
    """Products, by title, with what all that they add was found right by in company with others' additions."""
    heard: Set[str] = frozenset()
    """Planted products, by title, of whose change their own check is known to hear: it is not asked again."""


EVERYTHING = Known(None, None, frozenset())
"""Nothing: everything is asked of every product."""


@dataclass
class Bench:
    """A workshop and a room for tests."""

    workshop: Workshop
    tests: TestRoom
    good: str
    """The good product's release."""
    known: Known
    _alone: dict[str, tuple[str, ...] | None] = field(default_factory=dict[str, tuple[str, ...] | None])
    """Tests that one patch can reach, by the patch."""
    _differences: dict[str, Difference | None] = field(default_factory=dict[str, Difference | None])
    """From the good product, by release."""

    async def tested(self, row: Row, built: Built) -> Tested:
        """The visible tests that can fail on this product and not on the good one."""
        chosen = None
        if self.known.tests is not None and row.together:
            alone = [await self._reached_alone(row.recipe, layer) for layer in row.recipe.layers]
            chosen = shared([test for test in self.known.tests.calls if test != EVERYWHERE], alone)
        elif self.known.tests is not None:
            chosen = await self._reached(built)
        nothing = chosen is not None and not chosen
        return Tested(True, "") if nothing else await self.tests.run(built, chosen or ())

    async def untouched(self, row: Row, built: Built, cells: Sequence[Cell]) -> frozenset[Cell]:
        """Those of these cells that are safe here because they are on the good product."""
        if self.known.checks is None or row.flavour or not row.recipe.layers:
            return frozenset()
        own = None if row.title in self.known.heard else row.own_check
        mine = {cell.name: cell for cell in cells if cell.kind == "check" and cell.right & SAFE}
        met = {cell.name for cell in mine.values() if (row.title, cell) in self.known.met}
        found = await self._difference(built)
        return frozenset(mine[name] for name in self.known.checks.untouched(found, mine, own=own, met=met))

    async def _difference(self, built: Built) -> Difference | None:
        if built.release not in self._differences:
            releases = self.workshop.driver.layout.releases

            def find() -> Difference | None:
                return difference(files_of(releases / self.good), files_of(releases / built.release))

            self._differences[built.release] = await anyio.to_thread.run_sync(find)
        return self._differences[built.release]

    async def _reached(self, built: Built) -> tuple[str, ...] | None:
        assert self.known.tests is not None
        good = self.workshop.driver.layout.releases / self.good
        met = (built.recipe.title, TESTS) in self.known.met
        return self.known.tests.tests(good, await self._difference(built), in_company=met)

    async def _reached_alone(self, recipe: Recipe, layer: Layer) -> tuple[str, ...] | None:
        if layer.name not in self._alone:
            one = Recipe(recipe.product, layer.name, (layer,))
            self._alone[layer.name] = await self._reached(await anyio.to_thread.run_sync(self.workshop.build, one))
        return self._alone[layer.name]
