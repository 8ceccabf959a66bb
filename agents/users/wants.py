"""What customers would have built: requests with a private value each. Pure.

A request is worth something to a share of each segment, and to each of these customers something else (log-normal
willingness to pay; assumption, C). It pays while it works: a later regression ends the value. What is wanted and missing
weighs in the decision to leave; the catalog says which requests there are, a world with none has no columns.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from agents.users.population.columns import SEGMENTS, Flags, Floats, Ints, Population, Rows, total
from bus.messages.users import Segment
from bus.money import Micros

SPREAD = 0.6
"""Log-normal spread of a request's value among those who want it (assumption; C)."""


@dataclass(frozen=True)
class Wish:
    """One request, as the market values it."""

    name: str
    value: Mapping[Segment, Micros]
    """Micro-dollars a month to those of a segment who want it; missing segments do not."""
    share: Mapping[Segment, float] = field(default_factory=dict[Segment, float])
    """Of a segment's customers, those who want it; missing ones are 1."""


def draw_wants(wishes: tuple[Wish, ...], segment: Ints, rng: np.random.Generator) -> Floats:
    """Private values: customers x requests, micro-dollars a month, 0 where it is not wanted."""
    wants = np.zeros((len(segment), len(wishes)), np.float32)
    for place, wish in enumerate(wishes):
        middle = np.array([wish.value.get(name, 0) for name in SEGMENTS], np.float64)[segment]
        share = np.array([wish.share.get(name, 1.0) for name in SEGMENTS])[segment]
        spread = rng.lognormal(-(SPREAD**2) / 2, SPREAD, len(segment))
        wants[:, place] = middle * spread * (rng.random(len(segment)) < share)
    return wants


@dataclass
class Works:
    """Which requests work now, told by whoever checks them, and for which it is too late."""

    wishes: tuple[Wish, ...]
    now: Flags = field(init=False)
    late: Flags = field(init=False)
    """Past their deadline before they worked: worth nothing, and missed by nobody."""

    def __post_init__(self) -> None:
        self.now = np.zeros(len(self.wishes), np.bool_)
        self.late = np.zeros(len(self.wishes), np.bool_)

    def tell(self, name: str, works: bool) -> None:
        """A check of a request succeeded or failed. `ValueError` for one that nobody wants."""
        names = [wish.name for wish in self.wishes]
        if name not in names:
            raise ValueError(f"nobody wants {name!r}; the requests are {', '.join(names) or 'none'}")
        self.now[names.index(name)] = works

    def met(self, population: Population, rows: Rows) -> Floats:
        """Micro-dollars a month that working requests are worth to some customers."""
        return total(population.customers.wants[rows] * (self.now & ~self.late))

    def unmet(self, population: Population, rows: Rows) -> Floats:
        """Micro-dollars a month of what they miss, weighed by their user agents."""
        weight = population.habits.wish_weight[population.customers.agent[rows]]
        return total(population.customers.wants[rows] * ~(self.now | self.late)) * weight
