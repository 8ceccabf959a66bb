"""The demand probe again, beside a noisy neighbour: how much does what it tells differ?

The cloud's probe measures the good product against itself in its sandbox, all kinds of work: on the machine as it is, and with
a neighbour on each core that works in bursts and walks through memory. Compared are the medians of the pairs, before they
fall on the probe's grid.
"""

import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import anyio
import numpy as np

from benchmarks.rows import Row, tell
from catalog.checking import Profile
from catalog.products import load_product
from concern.catalog.profiles import market
from concern.catalog.trees import Recipe
from concern.catalog.workshop import Built, Workshop, workshop
from services.cloud.demand import DemandCache, ProbeRequest
from services.cloud.fleet import Software
from services.cloud.probing import DemandProbe, Session
from services.cloud.process import ProcessDriver

MOST = 10.0
PRODUCT = load_product("tracker")


class Unprofiled:
    """Nobody asks it."""

    async def profile(self, workshop: Workshop, built: Built) -> Profile:
        raise AssertionError(f"{built.release} is measured here")


class Listening(DemandProbe):
    """A probe that keeps its pairs."""

    pairs: dict[str, list[float]]

    async def _pairs(self, count: int, request: ProbeRequest, candidate: Session, reference: Session) -> list[float]:
        found = await super()._pairs(count, request, candidate, reference)
        if count != self._plan.warm_up:
            self.pairs.setdefault(f"{request.method} {request.path}", []).extend(found)
        return found


def _be_noisy() -> None:
    """Bursts of work and of walks through 64 MiB, with pauses of their own length."""
    room = np.zeros(1 << 23)
    order = np.random.default_rng(1).permutation(len(room))
    while True:
        until = time.monotonic() + 0.05
        while time.monotonic() < until:
            room[order[:200_000]] += 1
        time.sleep(0.02)


@contextmanager
def neighbour() -> Generator[None]:
    """One on each core."""
    processes = [multiprocessing.Process(target=_be_noisy, daemon=True) for _ in range(multiprocessing.cpu_count())]
    for each in processes:
        each.start()
    try:
        yield
    finally:
        for each in processes:
            each.terminate()
            each.join()


async def probed(place: Workshop, built: Built, folder: Path, turn: str) -> dict[str, float]:
    """Median ratio by kind of request."""

    @asynccontextmanager
    async def opened() -> AsyncGenerator[ProcessDriver]:
        yield place.driver

    past = market(PRODUCT, folder / f"market-{turn}")
    software = Software(built.release, "", built.infra.app, built.infra.health, built.infra.migrate.command)
    cache = DemandCache(folder / f"{turn}.sqlite")
    probe = Listening(opened, past.plan.model_copy(update={"leak_requests": 1}), software, past.origin, cache)
    probe.pairs = {}
    await probe.profile(software)
    cache.close()
    return {name: statistics.median(pairs) for name, pairs in probe.pairs.items()}


async def measure() -> list[Row]:
    """Both turns, and how far they lie apart."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        async with workshop(PRODUCT, folder / "work", Unprofiled()) as place:
            built = place.build(Recipe(PRODUCT, "the good product"))
            quiet = await probed(place, built, folder, "quiet")
            with neighbour():
                noisy = await probed(place, built, folder, "noisy")
    apart = sorted(abs(noisy[name] / quiet[name] - 1) * 100 for name in quiet)
    return [
        Row("% by which a demand differs beside a noisy neighbour, the worst kind", apart[-1], high=MOST),
        Row("  the median kind", statistics.median(apart)),
        Row("  kinds of requests", len(apart), digits=0),
    ]


if __name__ == "__main__":
    sys.exit(tell("neighbour", anyio.run(measure)))
