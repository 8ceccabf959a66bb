"""Who the attackers of a world are. Pure: drawn from the seed, from the same names and addresses as customers."""

from dataclasses import dataclass

import numpy as np

from agents.users.activity import HOURS
from agents.users.nonces import reference
from agents.users.population.columns import Population
from agents.users.population.names import WEAK_PASSWORDS, Identity, company_name, identity, office_address
from agents.web.browser import Visitor
from bus.chance import Chance
from bus.ids import derive_id
from bus.scenario import Scenario
from bus.simtime import SimTime, calendar

BURST = (18, 30)
"""Passwords that a guesser tries on one account before it goes on to the next, most common first (assumed; C)."""
SPRAYED = (2, 3)
"""Passwords that a sprayer tries on one account: products count ten (assumed; C)."""
FIRST_COMPANY = 100_000
"""Row from which readers' companies are named: no customer is called the same."""


@dataclass
class Guesser:
    """Tries common passwords on known addresses."""

    ident: str
    visitor: Visitor
    sprays: bool = False
    """A few passwords on each account, from anywhere in the list, instead of most of the list."""


@dataclass
class Reader:
    """An ordinary customer that opens other customers' addresses."""

    ident: str
    company: str
    who: Identity
    visitor: Visitor
    nonce: str
    """What its own first item says: to read it is the control of every attempt."""
    own: str | None = None
    """Address of that item, once it has signed up."""


@dataclass(frozen=True, slots=True)
class Target:
    """An account that a guesser tries."""

    customer: str
    email: str
    passwords: tuple[str, ...]


def guessers(scenario: Scenario, chance: Chance) -> list[Guesser]:
    """The guessers and sprayers, each with an address of its own."""
    found: list[Guesser] = []
    named = [("guesser", index) for index in range(scenario.attackers.guessers)]
    named += [("sprayer", index) for index in range(scenario.attackers.sprayers)]
    for kind, index in named:
        ident = derive_id("at", kind, index)
        who = identity(ident, "nobody", 0, chance)
        address = office_address(chance.python("attackers", "office", ident))
        found.append(Guesser(ident, Visitor(address, who.user_agent, who.language), kind == "sprayer"))
    return found


def readers(scenario: Scenario, chance: Chance) -> list[Reader]:
    """The readers, each a small company."""
    found: list[Reader] = []
    for index in range(scenario.attackers.readers):
        ident = derive_id("at", "reader", index)
        company = company_name(FIRST_COMPANY + index, chance)
        who = identity(ident, company, 0, chance)
        address = office_address(chance.python("attackers", "office", ident))
        nonce = reference(ident, chance, "own")
        found.append(Reader(ident, company, who, Visitor(address, who.user_agent, who.language), nonce))
    return found


def attacks(scenario: Scenario, one: "Guesser | Reader", now: SimTime, rng: np.random.Generator) -> int:
    """How many attempts one attacker makes in the hour from `now`: they work when others work, to be one of them.

    A burst of a guesser is many log-ins: it comes a quarter as often as a reader's look. A sprayer's few are no burst.
    """
    hour = calendar(scenario.world.start, now).hour
    daily = scenario.attackers.attempts_per_day / (4 if isinstance(one, Guesser) and not one.sprays else 1)
    return int(rng.poisson(daily / 24 * float(HOURS[hour])))


def next_target(population: Population, chance: Chance, guesser: Guesser, number: int) -> Target:
    """The account that a guesser tries as its `number`-th: addresses of owners and staff, gathered from web sites.

    People with a weak password are over-represented, as in lists of leaked accounts, but with sprayers, who try everybody.
    """
    draw = chance.python("attackers", "target", guesser.ident, number)
    customers = population.customers
    fallback: Target | None = None
    for _ in range(40):
        row = draw.randrange(population.people.customer.size)
        customer = int(population.people.customer[row])
        seats = int(customers.seats[customer])
        seat = draw.randrange(max(1, seats - 1))
        who = identity(customers.ident[customer], customers.name[customer], seat, chance)
        count = draw.randint(*(SPRAYED if guesser.sprays else BURST))
        begin = draw.randrange(len(WEAK_PASSWORDS) - count + 1) if guesser.sprays else 0
        fallback = Target(customers.ident[customer], who.email, WEAK_PASSWORDS[begin : begin + count])
        if guesser.sprays or who.password in WEAK_PASSWORDS:
            return fallback
    assert fallback is not None
    return fallback
