"""What a planted product costs to serve: the cloud's demand probe against the good product, over a small market's past."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from agents.users.history import probe_plan
from bus.chance import Chance
from catalog.checking import Profile
from catalog.checking.verdict import ControlFailed
from catalog.products import Product
from concern.catalog.trees import Recipe
from concern.catalog.workshop import Built, Workshop
from concern.history import cache_directory, history_database
from services.cloud.demand import DemandCache, ProbePlan
from services.cloud.fleet import Software
from services.cloud.probing import DemandProbe
from services.cloud.process import DATABASE, ProcessDriver
from services.world.loading import load_scenario

SEED = 1
MARKET = {"users": {"customers": 24, "panel": 12, "history_tasks": 6_000}}
"""Small: a list of tasks is full, and the database is copied in a moment."""


@dataclass
class Market:
    """A past, and how the market's users work: the same for all products that are compared."""

    plan: ProbePlan
    origin: Path
    """Folder with the database."""


def market(product: Product, folder: Path) -> Market:
    """The past of a small market, in a new folder."""
    scenario = load_scenario("short", overrides={**MARKET, "world": {"product": product.name}})
    chance = Chance(SEED)
    folder.mkdir(parents=True)
    (folder / DATABASE).write_bytes(history_database(product, scenario, chance).read_bytes())
    return Market(ProbePlan.model_validate(probe_plan(scenario, chance)), folder)


class MeasuredProfiles:
    """Measures in the sandbox of a workshop; results are kept by content, in a file of their own or in that of all."""

    def __init__(
        self, product: Product, folder: Path, kept: Path | None = None, reference: Built | None = None
    ) -> None:
        self._market = market(product, folder)
        self._cache = DemandCache(kept or cache_directory() / "catalog-demand.sqlite")
        self._reference = reference
        """Built when it is first needed, if it is the good product."""

    async def profile(self, workshop: Workshop, built: Built) -> Profile:
        """Against the good product. `ControlFailed` if it cannot be measured."""
        if self._reference is None:
            self._reference = workshop.build(Recipe(workshop.product, "the good product"))

        def opened() -> AbstractAsyncContextManager[ProcessDriver]:
            return _same(workshop.driver)

        reference = _software(self._reference)
        probe = DemandProbe(opened, self._market.plan, reference, self._market.origin, self._cache)
        found = await probe.profile(_software(built))
        if not found.ratio:
            raise ControlFailed("the product could not do the work by which its cost is measured")
        return Profile(found.ratio, max(found.leak_bytes.values()))

    def close(self) -> None:
        """Close the cache."""
        self._cache.close()


@asynccontextmanager
async def _same(driver: ProcessDriver) -> AsyncGenerator[ProcessDriver]:
    yield driver


def _software(built: Built) -> Software:
    return Software(built.release, "", built.infra.app, built.infra.health, built.infra.migrate.command)
