"""An acceptance journey walked by a company, and what each address cost on the way."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from agents.web.api import ApiClient
from agents.web.browser import Browser
from agents.web.failure import JourneyFailed
from agents.web.wire import Door, Request, Response
from catalog.checking.people import Person, company, somebody
from catalog.checking.protocols import Accounts
from catalog.proofs import Accept
from concern.catalog.differing.past import Company

Sums = tuple[int, ...]
"""Several counts, or nanoseconds, added up; which they are is the meter's affair."""


def added(sums: Iterable[Sums]) -> Sums:
    """Each count over all of them."""
    return tuple(map(sum, zip(*sums, strict=True)))


Meter = Callable[[], Sums]
"""What a product has used so far."""


@dataclass
class MeteredDoor(Door):
    """Notes what was used between two answers, and at last the bytes of the answer, by the address that was asked for."""

    inner: Door = field(default_factory=Door)
    scrub: Callable[[str], str] = str
    """Takes what the product drew by chance out of an address."""
    meter: Meter | None = None
    """None: nothing is noted."""
    used: dict[str, Sums] = field(default_factory=dict[str, Sums])
    targets: dict[str, str] = field(default_factory=dict[str, str])
    """The last page that was opened at each address."""
    _last: Sums = ()
    _bytes: int = 0

    def begin(self, meter: Meter) -> None:
        """Note from now on."""
        self.meter, self.used, self.targets, self._last = meter, {}, {}, (*meter(), self._bytes)

    def end(self) -> Mapping[str, Sums]:
        """Note no more; what was noted."""
        self.meter = None
        return self.used

    async def send(self, request: Request) -> Response:
        answer = await self.inner.send(request)
        if self.meter is not None:
            self._bytes += len(answer.body)
            now, name = (*self.meter(), self._bytes), address(request, self.scrub)
            before = self.used.get(name, (0,) * len(now))
            spent = (late - early for late, early in zip(now, self._last, strict=True))
            self.used[name] = tuple(one + more for one, more in zip(before, spent, strict=True))
            self._last = now
            if request.method == "GET" and answer.status == 200:
                self.targets[name] = request.target
        return answer


def address(request: Request, scrub: Callable[[str], str] = str) -> str:
    """Method and path, without what names one thing among many."""
    path, _, query = request.target.partition("?")
    words = starred(path, scrub)
    names = sorted({pair.partition("=")[0] for pair in query.split("&") if pair})
    return f"{request.method} {'/'.join(words)}" + (f"?{'&'.join(names)}" if names else "")


def starred(path: str, scrub: Callable[[str], str]) -> list[str]:
    """The words of a path, with a star for each that names one thing among many."""
    return ["*" if re.search(r"[\d…]", word) else word for word in scrub(path).split("/")]


@dataclass
class Patron:
    """A company at a product, as `catalog.checking.Customer`: its owner and a member with the least role."""

    door: Door
    host: str
    accounts: Accounts
    chance: Random
    now: datetime
    name: str
    owner: Person
    member: Person
    there: bool
    """The owner has an account already."""
    nonces: list[str] = field(default_factory=list[str])
    """All that were drawn."""

    @classmethod
    def fresh(cls, door: Door, host: str, accounts: Accounts, chance: Random, now: datetime) -> "Patron":
        """New people of a new company."""
        name, domain = company(chance)
        return cls(
            door, host, accounts, chance, now, name, somebody(chance, domain), somebody(chance, domain), there=False
        )

    @classmethod
    def of(cls, past: Company, door: Door, host: str, accounts: Accounts, chance: Random, now: datetime) -> "Patron":
        """The owner of a company with a past, and somebody who will join."""
        _, domain = company(chance)
        return cls(door, host, accounts, chance, now, past.name, past.owner(), somebody(chance, domain), there=True)

    async def settle(self) -> None:
        """Log the owner in, or sign up; let the member join."""
        mine = self._tab(self.owner)
        if self.there:
            await self.accounts.enter(mine, self.owner)
        else:
            await self.accounts.found(mine, self.name, self.owner)
        await self.accounts.join(mine, self._tab(self.member), self.member)

    def nonce(self) -> str:
        self.nonces.append(f"ref{self.chance.getrandbits(40):010x}")
        return self.nonces[-1]

    async def enter(self, person: Person) -> Browser:
        tab = self._tab(person)
        await self.accounts.enter(tab, person)
        return tab

    async def program(self, person: Person) -> ApiClient:
        token = await self.accounts.token(self._tab(person), "sync")
        return ApiClient(self.door, person.visitor, self.host, token)

    def _tab(self, person: Person) -> Browser:
        return Browser(self.door, person.visitor, self.host)


async def failure_of(accept: Accept, patron: Patron) -> str:
    """How the journey ended: empty if the request was met."""
    try:
        await accept(patron)
    except JourneyFailed as error:
        return str(error)
    return ""
