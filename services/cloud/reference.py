"""Setting up the demand probe of a world: its plan, the pinned reference release, and the data that it begins with."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path

from services.cloud import release as releases
from services.cloud.demand import DemandCache, ProbePlan
from services.cloud.fleet import Software
from services.cloud.infra import INFRA_PATH, parse
from services.cloud.layout import Layout
from services.cloud.probing import DemandProbe
from services.cloud.process import ProcessDriver, process_driver
from services.sandbox.spec import Isolation

PLAN_FILE = "probe.json"
REFERENCE_FOLDER = "reference"
CACHE_FILE = "demand.sqlite"
SECRET = "probe-secret-that-signs-nothing-real"  # noqa: S105 (of throw-away instances)


def read_plan(root: Path) -> ProbePlan | None:
    """The world's probe plan, or None. pydantic's ValidationError if it is broken: the world was made wrongly."""
    path = root / PLAN_FILE
    return ProbePlan.model_validate_json(path.read_bytes()) if path.exists() else None


@asynccontextmanager
async def reference_profiler(
    driver: ProcessDriver, plan: ProbePlan, isolation: Isolation, start: datetime
) -> AsyncGenerator[DemandProbe]:
    """A profiler against the release in `<world>/cloud/reference`, over a copy of the data as they are now."""
    layout = driver.layout
    origin = layout.root / "origin"
    if not origin.exists():
        await driver.copy_data_into(origin)
    pinned = releases.from_folder(layout.root / REFERENCE_FOLDER, layout.releases)
    infra = parse((pinned.folder / INFRA_PATH).read_bytes())
    reference = Software(pinned.id, pinned.commit, infra.app, infra.health, infra.migrate.command)
    probe = Layout(layout.root / "probe", layout.workspace, layout.releases)

    def opened() -> AbstractAsyncContextManager[ProcessDriver]:
        return process_driver(probe, isolation, start, SECRET)

    cache = DemandCache(Path(plan.cache) if plan.cache else layout.root / CACHE_FILE)
    try:
        yield DemandProbe(opened, plan, reference, origin, cache)
    finally:
        cache.close()
