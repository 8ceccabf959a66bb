"""All variants of a product's requests are measured, request by request; what was measured before is taken."""

import hashlib
import itertools
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from catalog.checking import Profile
from catalog.checking.verdict import ControlFailed
from catalog.products import Product
from catalog.proofs import source_digest
from catalog.requests import Request, load_requests
from concern.catalog.differing.costs import ROUNDS, Counted, Cpu, counted_walks, cpu_walks
from concern.catalog.differing.counting import countable
from concern.catalog.differing.crowding import crowded
from concern.catalog.differing.found import Crowd, Found, FoundAll, KeptFindings, method_digest
from concern.catalog.differing.past import Company, Past, grown_past
from concern.catalog.differing.shares import together, unlike
from concern.catalog.plan import variant_recipe
from concern.catalog.workshop import Built, Workshop, workshop
from concern.history import cache_directory
from services.cloud.errors import ProductError

KEPT = "catalog-differing.sqlite"


async def measured(
    product: Product, names: Sequence[str], *, jobs: int, told: Callable[[str], None]
) -> dict[str, FoundAll]:
    """What was found of these requests, `jobs` at a time; `told` hears of each. `ProductError` names what does not work."""
    requests = load_requests(product.name)
    past = await anyio.to_thread.run_sync(grown_past, product)
    kept = KeptFindings(cache_directory() / KEPT)
    found: dict[str, FoundAll] = {}

    def tell(name: str, one: FoundAll) -> None:
        found[name] = one
        told(name)

    send, receive = anyio.create_memory_object_stream[str](len(names) + 1)
    try:
        for name in names:
            known = kept.get(_key(product, requests, name))
            if known is not None:
                tell(name, known)
            else:
                send.send_nowait(name)
        send.close()
        left = receive.statistics().current_buffer_used
        async with anyio.create_task_group() as group, receive:
            for _ in range(min(jobs, left)):
                group.start_soon(_work, product, requests, past, receive.clone(), kept, tell)
    finally:
        kept.close()
    return {name: found[name] for name in names}


async def _work(
    product: Product,
    requests: Mapping[str, Request],
    past: Past,
    names: MemoryObjectReceiveStream[str],
    kept: KeptFindings,
    tell: Callable[[str, FoundAll], None],
) -> None:
    with tempfile.TemporaryDirectory(prefix="catalog-") as folder, names:
        async with workshop(product, Path(folder) / "work", Unprofiled()) as place:
            async for name in names:
                found = await _request(place, requests, past, requests[name], Path(folder))
                tell(name, kept.put(_key(product, requests, name), found))


class Unprofiled:
    """No profile is asked for here."""

    async def profile(self, workshop: Workshop, built: Built) -> Profile:
        raise ControlFailed("nobody measures profiles here")


async def _request(
    place: Workshop, requests: Mapping[str, Request], past: Past, request: Request, folder: Path
) -> FoundAll:
    builts: dict[str, Built] = {}
    data: dict[str, Path] = {}
    for variant in request.variants:
        recipe = variant_recipe(place.product, variant, requests)
        builts[variant.name] = place.build(countable(recipe))
        data[variant.name] = folder / f"{variant.name}.db"
        await place.migrate(builts[variant.name], data[variant.name], past.database)
    companies = past.companies[:ROUNDS]
    counted = await _counted(place, builts, data, request.name, companies[0])
    if any(one.failure for one in counted.values()):
        companies = ()
        counted = await _counted(place, builts, data, request.name, None)
    for name, one in counted.items():
        if one.failure:
            raise ProductError("health", f"{request.name}/{name} does not meet its own request: {one.failure}")
    closed = {name for one in counted.values() for name in one.closed}
    deployed = {name: place.deployed(built) for name, built in builts.items()}
    cpu = await cpu_walks(place, deployed, data, request.name, companies, closed)
    crowds = await _crowds(place, builts, request.name)
    for file in data.values():
        file.unlink()
    variants = {name: _found(counted[name], cpu[name], crowds[name]) for name in builts}
    return FoundAll(things=companies[0].things if companies else 0, variants=variants)


async def _counted(
    place: Workshop, builts: Mapping[str, Built], data: Mapping[str, Path], request: str, company: Company | None
) -> dict[str, Counted]:
    return {name: await counted_walks(place, built, data[name], request, company) for name, built in builts.items()}


async def _crowds(place: Workshop, builts: Mapping[str, Built], request: str) -> dict[str, Crowd]:
    """Where variants fare differently, a second crowd must bear it out."""
    crowds = {name: await crowded(place, built, request) for name, built in builts.items()}
    if any(any(unlike(*pair)) for pair in itertools.combinations(crowds.values(), 2)):
        crowds = {name: together(crowds[name], await crowded(place, built, request)) for name, built in builts.items()}
    return crowds


def _found(counted: Counted, cpu: Cpu, crowd: Crowd) -> Found:
    return Found(
        first=counted.first,
        later=counted.later,
        before=counted.before,
        closed=tuple(counted.closed),
        cpu=tuple(cpu.first),
        later_cpu=tuple(cpu.later),
        before_cpu=tuple(cpu.before),
        crowd=crowd,
    )


def _key(product: Product, requests: Mapping[str, Request], name: str) -> str:
    """Equal if the variants, the journey and the way to measure are."""
    digests = [variant_recipe(product, variant, requests).digest for variant in requests[name].variants]
    made_of = "/".join([name, *digests, source_digest(product.name, "acceptance", name), method_digest()])
    return hashlib.sha256(made_of.encode()).hexdigest()
