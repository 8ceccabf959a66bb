"""What the journey of a request costs on each of its variants, with a company's past in the database."""

import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from agents.users.products import product_named
from bus.chance import Chance
from catalog.proofs import acceptance_for, accounts_for
from concern.catalog.differing.before import known_paths, of_before, opened
from concern.catalog.differing.counting import counted, counts
from concern.catalog.differing.found import Used
from concern.catalog.differing.past import Company
from concern.catalog.differing.walking import Meter, MeteredDoor, Patron, Sums, failure_of
from concern.catalog.workshop import Built, ServedSite, Workshop

WALKS = Chance(20270301)
ROUNDS = 5
"""Companies that walk for the first time."""
EARLIER = 6
"""Walks of one company before its later ones are measured."""
LATER = 5
"""Of its later ones that are."""
OLD = 3
"""Rounds through pages of what was there."""


@dataclass
class Stage:
    """One variant, served, with a door that notes."""

    site: ServedSite
    door: MeteredDoor
    request: str

    async def patron(self, past: Company | None, name: object) -> Patron:
        """A company that has got in: one of the past, or a new one; equal names, equal people and texts."""
        self.door.meter = None
        accounts, chance = accounts_for(self.site.workshop.product.name), WALKS.python("walk", self.request, str(name))
        given = (self.door, self.site.host, accounts, chance, self.site.now)
        patron = Patron.fresh(*given) if past is None else Patron.of(past, *given)
        await patron.settle()
        return patron

    async def walk(self, patron: Patron, meter: Meter) -> tuple[Mapping[str, Sums], str]:
        """What one journey used, by address, and how it failed."""
        accept = acceptance_for(self.site.workshop.product.name, self.request)
        self.door.begin(meter)
        failure = await failure_of(accept, patron)
        return self.door.end(), failure


async def staged(stack: AsyncExitStack, place: Workshop, built: Built, data: Path | None, request: str) -> Stage:
    """Serve a variant."""
    site = await stack.enter_async_context(place.serving(built, data))
    scrub = product_named(place.product.name).scrub
    return Stage(site, MeteredDoor(inner=site.door(), scrub=scrub), request)


@dataclass
class Counted:
    """What the journey of one variant asks of the database, by address."""

    first: Used
    later: Used
    before: Used
    closed: list[str]
    """Pages of what was there that could not be opened."""
    failure: str
    """How the first walk failed; empty if it was met."""


async def counted_walks(place: Workshop, built: Built, data: Path, request: str, company: Company | None) -> Counted:
    """Counts of the first walk, of a later one, and of its pages of what was there. `ProductError`."""
    async with AsyncExitStack() as stack:
        stage = await staged(stack, place, counted(built), data, request)

        def meter() -> Sums:
            return counts(stage.site.folder)

        await stage.walk(await stage.patron(None, "warm-up"), meter)
        patron = await stage.patron(company, "first")
        paths = await known_paths(patron)
        first, failure = await stage.walk(patron, meter)
        old = of_before(stage.door.targets, paths, stage.door.scrub)
        later = [await stage.walk(patron, meter) for _ in range(EARLIER)][-1][0]
        before, closed = await opened(stage.door, patron, old if company else (), meter)
    return Counted(first, later, before, closed, failure)


@dataclass
class Cpu:
    """CPU of the journey of one variant in rounds, ns by address."""

    first: list[Used] = field(default_factory=list[Used])
    later: list[Used] = field(default_factory=list[Used])
    before: list[Used] = field(default_factory=list[Used])


async def cpu_walks(
    place: Workshop,
    builts: Mapping[str, Built],
    data: Mapping[str, Path],
    request: str,
    companies: Sequence[Company],
    closed: Collection[str],
) -> dict[str, Cpu]:
    """By variant: they walk in turn, on one processor. `companies` of the past, or new ones if there are none.

    `closed`: pages of what was there that are left out.
    """
    found = {name: Cpu() for name in builts}
    async with AsyncExitStack() as stack:
        stages = {name: await staged(stack, place, built, data[name], request) for name, built in builts.items()}
        for stage in stages.values():
            stage.site.pin(min(os.sched_getaffinity(0)))
            for number in range(2):
                await stage.walk(await stage.patron(None, f"warm-up {number}"), _cpu(stage))
        for number in range(1, ROUNDS):
            patrons = await _settled(stages, companies[number] if companies else None, number)
            await _round(stages, patrons, number, found)
        patrons = await _settled(stages, companies[0] if companies else None, 0)
        paths = {name: await known_paths(patron) for name, patron in patrons.items()}
        await _round(stages, patrons, 0, found)
        everything = {name: of_before(one.door.targets, paths[name], one.door.scrub) for name, one in stages.items()}
        old = {name: [page for page in pages if page[0] not in closed] for name, pages in everything.items()}
        for number in range(EARLIER + LATER):
            for name in _turn(stages, number):
                used, _ = await stages[name].walk(patrons[name], _cpu(stages[name]))
                if number >= EARLIER:
                    found[name].later.append(used)
        for number in range(OLD if companies else 0):
            for name in _turn(stages, number):
                stage = stages[name]
                used, _ = await opened(stage.door, patrons[name], old[name], _cpu(stage))
                found[name].before.append(used)
    return found


async def _settled(stages: Mapping[str, Stage], company: Company | None, number: int) -> dict[str, Patron]:
    return {name: await stage.patron(company, f"round {number}") for name, stage in stages.items()}


async def _round(
    stages: Mapping[str, Stage], patrons: Mapping[str, Patron], number: int, found: Mapping[str, Cpu]
) -> None:
    for name in _turn(stages, number):
        used, _ = await stages[name].walk(patrons[name], _cpu(stages[name]))
        found[name].first.append(used)


def _turn(stages: Mapping[str, Stage], number: int) -> list[str]:
    return list(stages) if number % 2 == 0 else list(stages)[::-1]


def _cpu(stage: Stage) -> Meter:
    return lambda: (stage.site.cpu_ns(),)
