"""What a world's customers would have built, out of the product's catalog: what they write, what it is worth to them, and
how they find out whether it is there.
"""

from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field
from datetime import datetime

import numpy as np

from agents.users.accounts import Colleague
from agents.users.journeys import Journey, Visit
from agents.users.population.columns import SEGMENTS, Population
from agents.users.voices.letters import Ask
from agents.users.wants import Wish, Works
from agents.web.api import ApiClient
from agents.web.browser import Browser
from bus.chance import Chance
from bus.messages.base import Event
from bus.messages.users import ContractMet, CustomerChurned, RequestTried
from bus.money import Micros
from bus.simtime import DAY, SimTime
from catalog.checking import Person
from catalog.proofs import acceptance_for, accounts_for
from catalog.requests import drawn

SHARES = (0.3, 0.8)
"""Of a segment, those who care for a request that is worth something to it: drawn between these (assumption; C)."""
LOOKS_AGAIN_DAYS = 3
"""Days after which somebody uses again what has worked, so that a regression is noticed (assumption; C)."""
PEOPLE = 3
"""Seats of a customer that tries things: an owner and at least one more with an account."""


@dataclass(frozen=True)
class Wanted:
    """One request of a world."""

    wish: Wish
    after: tuple[str, ...]
    ask: Ask
    """What customers write, and the subject: their words, and what their people and programs rely on."""
    journey: Journey
    """Succeeds where it works."""
    deadline_days: int | None = None
    """From when it could first be asked for; what works only later is worth nothing."""
    contract_sum: Micros = Micros(0)
    """Paid once when it works, by a customer of the business segment that tries it."""

    @property
    def name(self) -> str:
        """As in the catalog."""
        return self.wish.name


def wanted(
    product: str, wishes: int | tuple[str, ...], chance: Chance, scale: float = 1.0, months: float = 0.0
) -> tuple[Wanted, ...]:
    """The requests of a world (`catalog.requests.drawn`), as its customers see them.

    `scale` is what they are worth, as a multiple of the catalog's figures (`users.wish_scale`); `months` of their value is what
    a customer agrees to pay for those without a contract sum in the catalog (`users.contract_months`).
    """
    draw = chance.python("users", "requests")
    found: list[Wanted] = []
    for name, request in drawn(product, wishes, chance).items():
        about = request.about
        wish = Wish(
            name=name,
            value={segment: Micros(round(scale * about.value.of(segment))) for segment in SEGMENTS},
            share={segment: draw.uniform(*SHARES) for segment in SEGMENTS},
        )
        text = f"{_flowing(about.brief)}\n\nWhat our people and programs would rely on: {_flowing(about.contract)}"
        journey = _journey(product, name, about.title)
        agreed = Micros(round(scale * (about.contract_sum or months * about.value.business)))
        found.append(Wanted(wish, about.after, (text, about.title), journey, about.deadline_days, agreed))
    return tuple(found)


@dataclass
class Trials:
    """Who tries which request when, in one shard. Every shard has heard the same, so all agree whose turn it is."""

    wanted: Sequence[Wanted]
    works: Works
    world: InitVar[Population]
    """All customers, also those of other shards."""
    chance: Chance
    _turns: dict[str, list[str]] = field(init=False)
    _business: set[str] = field(init=False)
    _released: int = 0
    """Releases so far that were not there at the start."""
    _tried: dict[str, tuple[int, SimTime]] = field(default_factory=dict[str, tuple[int, SimTime]])
    """By request: releases at the last look, and when it was."""
    _since: dict[str, SimTime] = field(default_factory=dict[str, SimTime])
    """By request: when it could first be asked for."""
    _paid: set[str] = field(default_factory=set[str])
    _gone: set[str] = field(default_factory=set[str])

    def __post_init__(self, world: Population) -> None:
        able = np.flatnonzero(world.customers.panel & (world.customers.seats >= PEOPLE)).tolist()
        code = SEGMENTS.index("business")
        self._business = {world.customers.ident[row] for row in able if world.customers.segment[row] == code}
        self._turns = {one.name: self._candidates(world, able, place) for place, one in enumerate(self.wanted)}

    def released(self, at: SimTime) -> None:
        """There is something new to look at."""
        self._released += at > 0

    def learn(self, event: Event, now: SimTime) -> None:
        """Take in what was said in the last hour."""
        if isinstance(event, CustomerChurned):
            self._gone.add(event.customer)
        elif isinstance(event, RequestTried):
            self.works.tell(event.request, event.works)
            self._tried[event.request] = (self._released, now)
        elif isinstance(event, ContractMet):
            self._paid.add(event.request)

    def pass_time(self, now: SimTime) -> None:
        """Notice what can be asked for by now, and what comes too late."""
        for place, one in enumerate(self.wanted):
            if self._founded(one):
                since = self._since.setdefault(one.name, now)
                in_time = one.deadline_days is None or now - since <= one.deadline_days * DAY
                self.works.late[place] |= not (in_time or self.works.now[place])

    def agreed(self, one: Wanted, customer: str) -> Micros:
        """What a customer for whom it works now pays for it."""
        late = self.works.late[self.wanted.index(one)]
        owes = customer in self._business and not late and one.name not in self._paid
        return one.contract_sum if owes else Micros(0)

    def askable(self, wants: Sequence[float]) -> list[Ask]:
        """What somebody with these wants may ask for: it is not there, and what it builds on is."""
        return [
            one.ask
            for place, one in enumerate(self.wanted)
            if wants[place] > 0 and not (self.works.now[place] or self.works.late[place]) and self._founded(one)
        ]

    def due(self, now: SimTime) -> list[tuple[Wanted, str]]:
        """Requests that are looked at now, and by which customer: after each release, and what works every few days."""
        found: list[tuple[Wanted, str]] = []
        for place, one in enumerate(self.wanted):
            releases, at = self._tried.get(one.name, (0, SimTime(0)))
            again = bool(self.works.now[place]) and now - at >= LOOKS_AGAIN_DAYS * DAY
            if (self._released > releases or again) and self._founded(one):
                turn = next((customer for customer in self._turns[one.name] if customer not in self._gone), None)
                if turn is not None:
                    found.append((one, turn))
        return found

    def _founded(self, one: Wanted) -> bool:
        working = {each.name for each, works in zip(self.wanted, self.works.now, strict=True) if works}
        return working.issuperset(one.after)

    def _candidates(self, world: Population, able: Sequence[int], place: int) -> list[str]:
        """Customers that try a request, in a seeded order: executed ones that want it and are more than one person.
        Where one of them has promised money for it, those who could have come first.
        """
        names = [world.customers.ident[row] for row in able if world.customers.wants[row, place] > 0]
        self.chance.python("users", "tries", self.wanted[place].name).shuffle(names)
        if self.wanted[place].contract_sum:
            names.sort(key=lambda name: name not in self._business)
        return names


def _flowing(text: str) -> str:
    """Without the lines of the file that it stands in; paragraphs stay."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n"))


def _journey(product: str, name: str, title: str) -> Journey:
    accept = acceptance_for(product, name)

    async def walk(visit: Visit) -> None:
        await accept(_Walking(visit, product))

    return Journey(name=f"try {name}", theme="requests", weights={}, work={}, walk=walk, words=f"use {title.lower()}")


@dataclass
class _Walking:
    """A customer of the running world, as an acceptance journey knows it."""

    visit: Visit
    product: str
    owner: Person = field(init=False)
    member: Person = field(init=False)

    def __post_init__(self) -> None:
        self.owner, self.member = (_person(each) for each in self._pair())

    @property
    def now(self) -> datetime:
        return self.visit.now

    def nonce(self) -> str:
        return self.visit.nonce()

    async def enter(self, person: Person) -> Browser:
        tab = self.visit.browser(self._colleague(person))
        await accounts_for(self.product).enter(tab, person)
        return tab

    async def program(self, person: Person) -> ApiClient:
        colleague = self._colleague(person)
        if colleague.token is None:
            colleague.token = await accounts_for(self.product).token(self.visit.browser(colleague), "sync")
        return ApiClient(self.visit.door, colleague.visitor, self.visit.host, colleague.token)

    def _pair(self) -> list[Colleague]:
        return self.visit.account.people[:2]

    def _colleague(self, person: Person) -> Colleague:
        return next(each for each in self._pair() if each.who.email == person.email)


def _person(colleague: Colleague) -> Person:
    who = colleague.who
    return Person(who.name, who.email, who.password, colleague.visitor)
