"""The population as columns: one row a customer, one row a person.

Columns rather than objects, so that a million people cost some ten milliseconds a tick (MEASURED.md 2.3). Customers
are never deleted: who has left is not `alive`.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from agents.users.constants import PAIN_KINDS
from agents.users.population.cohorts import UserAgent
from bus.messages.users import Segment

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

SEGMENTS: tuple[Segment, ...] = ("solo", "team", "business")
"""Order of the segment codes."""


REFERENCE_VALUE = 14_000_000
"""Micro-dollars a month that a working seat is worth to those for whom the amounts of pain are meant."""


@dataclass
class Customers:
    """One row a customer."""

    ident: list[str]
    name: list[str]
    address: list[str]
    """Network address of the customer's office."""
    agent: Ints
    """Index of its user agent."""
    segment: Ints
    """Index in `SEGMENTS`."""
    plan: list[str]
    seats: Ints
    zone: Ints
    """Hours ahead of UTC."""
    weekend: Floats
    """Activity at the weekend against a working day."""
    api_habit: Floats
    """How much it works through the API, 0 to 1."""
    stakes: Floats
    """What is at stake for one of its people against a solo customer's: its segment's seat value over `REFERENCE_VALUE`."""
    price_sensitivity: Floats
    patience: Floats
    """Pain as a share of a month's price that makes it leave at once."""
    impatience: Floats
    """Its weight of pain against the average, by its user agent."""
    churn_weight: Floats
    """Its ordinary hazard against its segment's; the mean over a segment is 1."""
    quality: Floats
    """Success of its own sessions, an average over about 30 days, 0 to 1."""
    pain: Longs
    """Micro-dollars, customers x `PAIN_KINDS`."""
    tenure_days: Floats
    """At the start of the episode, or 0 for those who join later."""
    paid_from: Longs
    """Start of a paid month, in simulated milliseconds; negative for inherited customers."""
    price: Longs
    """Micro-dollars a month that it pays now."""
    wallet: Longs
    income: Longs
    decides_at: Ints
    """Hour of the day (UTC) at which it makes up its mind."""
    alive: Flags
    panel: Flags

    def __len__(self) -> int:
        return len(self.ident)


@dataclass
class People:
    """One row a seat."""

    customer: Ints
    rate: Floats
    """Sessions on a working day, gamma-distributed around the scenario's mean."""


Columns = TypeVar("Columns", Customers, People)


@dataclass
class Population:
    """Everybody in one world."""

    agents: tuple[UserAgent, ...]
    customers: Customers
    people: People
    reputation: float = 1.0
    """What the market thinks of the company, 0 to 1."""

    def add(self, customers: Customers, people: People) -> None:
        """Append customers with their people, whose `customer` counts on from the present rows."""
        self.customers = joined(self.customers, customers)
        self.people = joined(self.people, people)

    def satisfaction(self, rows: NDArray[np.intp] | None = None) -> Floats:
        """0 to 1 of each customer (of `rows`, if given): quality, less what pain weighs against the price."""
        customers = self.customers
        chosen = np.arange(len(customers)) if rows is None else rows
        burden = customers.pain[chosen].sum(axis=1) / np.maximum(customers.price[chosen], 1)
        return np.clip(customers.quality[chosen] - 0.5 * burden, 0.0, 1.0).astype(np.float32)


def joined(first: Columns, second: Columns) -> Columns:
    """Two tables of one kind, one below the other."""
    merged: dict[str, Any] = {}
    for each in fields(first):
        above, below = getattr(first, each.name), getattr(second, each.name)
        merged[each.name] = above + below if isinstance(above, list) else np.concatenate([above, below])
    return replace(first, **merged)


def no_pain(count: int) -> Longs:
    """Pain accumulators of `count` customers."""
    return np.zeros((count, len(PAIN_KINDS)), np.int64)
