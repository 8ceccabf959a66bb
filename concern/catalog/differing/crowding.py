"""A variant among many: journeys walked at once through two instances, everything pressed twice, texts that cross.

Each statement is slowed, as one is that goes over a network: what may come between two statements of a request does, and
hardly depends on luck.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import anyio

from agents.web.wire import Door
from catalog.proofs import acceptance_for, accounts_for
from concern.catalog.differing.costs import WALKS
from concern.catalog.differing.counting import counted, slow
from concern.catalog.differing.doors import BalancedDoor, CrossedDoor, DoubleDoor
from concern.catalog.differing.found import Crowd
from concern.catalog.differing.stored import times_stored
from concern.catalog.differing.walking import Patron, failure_of
from concern.catalog.workshop import Built, ServedSite, Workshop

DELAY_MS = 2.0
AT_ONCE = 4
"""Journeys that are walked at the same time."""


@dataclass
class _Crowd:
    site: ServedSite
    door: BalancedDoor
    request: str

    def patron(self, door: Door, name: object) -> Patron:
        accounts, chance = accounts_for(self.site.workshop.product.name), WALKS.python("crowd", self.request, str(name))
        return Patron.fresh(door, self.site.host, accounts, chance, self.site.now)

    async def walk(self, patrons: list[Patron]) -> int:
        """Journeys at once that were not met."""
        accept, failures = acceptance_for(self.site.workshop.product.name, self.request), list[str]()

        async def one(patron: Patron) -> None:
            failures.append(await failure_of(accept, patron))

        async with anyio.create_task_group() as group:
            for patron in patrons:
                group.start_soon(one, patron)
        return sum(failure != "" for failure in failures)

    async def settled(self, doors: Sequence[Door], name: str) -> list[Patron]:
        """New companies, each at a door of its own."""
        patrons = [self.patron(door, f"{name} {number}") for number, door in enumerate(doors)]
        for patron in patrons:
            await patron.settle()
        return patrons


async def crowded(place: Workshop, built: Built, request: str) -> Crowd:
    """What comes of a variant on an empty database. `ProductError` if it does not start."""
    async with place.serving(counted(built)) as site:
        doors = (site.door(), await site.second_door())
        crowd = _Crowd(site, BalancedDoor(inner=doors), request)
        apart = await crowd.settled([crowd.door] * AT_ONCE, "company")
        together = await _colleagues(crowd)
        double = [DoubleDoor(inner=crowd.door) for _ in range(AT_ONCE)]
        crossed = [CrossedDoor(inner=crowd.door) for _ in range(AT_ONCE)]
        once = await crowd.settled([crowd.door], "pressed once")
        twice = await crowd.settled(double, "pressed twice")
        crossing = await crowd.settled(crossed, "crossed")
        for door in (*double, *crossed):
            door.on = True
        slow(site.folder, DELAY_MS)
        unmet = [await crowd.walk(patrons) for patrons in (apart, together, once, twice, crossing)]
        await site.stop()
        pairs = {pair for door in crossed for pair in door.accepted}
        there = times_stored(site.folder, [text for pair in pairs for text in pair])
        lost = sum(not (there[mine] and there[theirs]) for mine, theirs in pairs)
        repeated = [_repeated(site, once[0], patron) for patron in twice]
    return Crowd(
        apart=(unmet[0], AT_ONCE),
        together=(unmet[1], AT_ONCE),
        doubled=(unmet[3], AT_ONCE),
        repeated=(sum(repeated), sum(len(patron.nonces) for patron in twice)),
        lost=(lost, len(pairs)),
        failed=crowd.door.failed,
    )


async def _colleagues(crowd: _Crowd) -> list[Patron]:
    """One company, whose people walk several times."""
    first, *others = (crowd.patron(crowd.door, f"colleague {number}") for number in range(AT_ONCE))
    await first.settle()
    for other in others:
        other.owner, other.member = first.owner, first.member
    return [first, *others]


def _repeated(site: ServedSite, once: Patron, twice: Patron) -> int:
    """Texts, in the order in which they were drawn, that stand more often where everything was pressed twice."""
    stored = times_stored(site.folder, [*once.nonces, *twice.nonces])
    return sum(stored[two] > stored[one] for one, two in zip(once.nonces, twice.nonces, strict=False))
