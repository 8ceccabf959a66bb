"""What an executed customer knows: its people, and everything it has stored in the product and expects to find."""

from dataclasses import dataclass, field
from random import Random

from agents.users.nonces import tag_of
from agents.users.population.names import Identity, identity
from agents.web.browser import Visitor
from bus.chance import Chance
from bus.simtime import SimTime

MOST_ITEMS = 400
"""Things that a customer remembers; of more, those in the middle of its history are forgotten."""


@dataclass
class Item:
    """One thing that the customer stored, and what must be found of it."""

    kind: str
    nonce: str
    title: str
    place: str = ""
    """Where it lies, by name."""
    target: str = ""
    """Its address in the product, once somebody has seen it."""
    facts: dict[str, str] = field(default_factory=dict[str, str])
    """What it says, by the label that the product shows."""
    said: list[str] = field(default_factory=list[str])
    """References in what people added to it."""
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    born: SimTime = SimTime(0)
    doubtful: bool = False
    """A change of it failed midway: nobody knows what it should say."""


@dataclass
class Colleague:
    """One person of the customer, at a browser."""

    seat: int
    who: Identity
    visitor: Visitor
    token: str | None = None
    """For the product's API."""


@dataclass
class Account:
    """An executed customer."""

    row: int
    customer: str
    company: str
    people: list[Colleague]
    plan: str
    seats: int
    items: list[Item] = field(default_factory=list[Item])
    notes: dict[str, str] = field(default_factory=dict[str, str])
    """Small facts that a journey keeps from one session to the next."""

    @property
    def tag(self) -> str:
        """The half of its references that names it."""
        return tag_of(self.customer)

    def known(self, kind: str) -> list[Item]:
        """What it remembers of one kind and can vouch for, oldest first."""
        return [item for item in self.items if item.kind == kind and not item.doubtful]

    def pick(self, kind: str, chance: Random) -> Item | None:
        """One of these, the old as likely as the new."""
        known = self.known(kind)
        return chance.choice(known) if known else None

    def remember(self, item: Item) -> None:
        """Keep an item in mind."""
        if len(self.items) >= MOST_ITEMS:
            del self.items[MOST_ITEMS // 2]
        self.items.append(item)


def staff(customer: str, company: str, address: str, seats: int, chance: Chance) -> list[Colleague]:
    """The people of a customer that the product knows."""
    people: list[Colleague] = []
    for seat in range(seats):
        who = identity(customer, company, seat, chance)
        people.append(Colleague(seat, who, Visitor(address, who.user_agent, who.language)))
    return people
