"""The population as columns: one row a customer, one row a person.

Columns rather than objects, so that a million people cost some ten milliseconds a tick (MEASURED.md 2.3). Customers
are never deleted: who has left is not `alive`. People stand grouped by user agent, in the order in which they came.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import chain
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from agents.users.constants import PAIN_KINDS
from agents.users.population.cohorts import Habits, UserAgent, habits
from agents.users.running import Line
from bus.messages.users import Segment

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.intp]

SEGMENTS: tuple[Segment, ...] = ("solo", "team", "business")
"""Order of the segment codes."""

REFERENCE_VALUE = 14_000_000
"""Micro-dollars a month that a working seat is worth to those for whom the amounts of pain are meant."""
WEIGHT = 1 << 20
"""Units of a person's rate: whole numbers add up to the same sum in any order."""
_GUESS = 20
"""Who is where in the running sum of weights is first guessed for each 2 ** 20 units: less than a person's."""


class Words(Sequence[str]):
    """A column of words that are made when somebody asks for one."""

    def __init__(self, count: int, word: Callable[[int], str]) -> None:
        self._count, self._word = count, word

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self._word(row) for row in range(*index.indices(self._count))]
        if not -self._count <= index < self._count:
            raise IndexError(index)
        return self._word(index % self._count)


@dataclass
class Customers:
    """One row a customer."""

    plans: tuple[str, ...]
    """The names of the plan codes; the same for all rows."""
    offices: Callable[[str], str]
    """The network address of a customer's office, by its id."""
    number: Longs
    """Unique in the world, whatever rows a process holds."""
    ident: list[str]
    name: list[str]
    agent: Ints
    """Index of its user agent."""
    segment: Ints
    """Index in `SEGMENTS`."""
    plan_code: Ints
    seats: Ints
    zone: Ints
    """Hours ahead of UTC."""
    weekend: Floats
    """Activity at the weekend against a working day."""
    api_habit: Floats
    """How much it works through the API, 0 to 1."""
    value: Floats
    """Micro-dollars a month that a working seat is worth to it."""
    stakes: Floats
    """What is at stake for one of its people against a solo customer's: its segment's seat value over `REFERENCE_VALUE`."""
    price_sensitivity: Floats
    patience: Floats
    """Pain as a share of a month's price that makes it leave at once."""
    impatience: Floats
    """Its weight of pain against the average, by its user agent."""
    churn_weight: Floats
    """Its ordinary hazard against its segment's; the mean over a segment is 1."""
    writes: Floats
    """How readily it writes to support; the mean is 1."""
    usual: Floats
    """Sessions of all its people on a working day."""
    stratum: Ints
    """Plan x tenure x exposure, as `sampling` counts them."""
    quality: Floats
    """Success of its own sessions, an average over about 30 days, 0 to 1."""
    pain: Floats
    """Micro-dollars as of the hour `felt_at`, customers x `PAIN_KINDS`."""
    felt_at: Floats
    """Hour in which its pain was last added up."""
    content: Floats
    """Satisfaction, 0 to 1, as of its last decision or mishap."""
    reference: Floats
    """Micro-dollars a seat and month that it is used to."""
    wants: Floats
    """Micro-dollars a month that each request is worth to it: customers x requests."""
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

    @property
    def plan(self) -> Words:
        """The name of each customer's plan."""
        return Words(len(self), lambda row: self.plans[int(self.plan_code[row])])

    @property
    def address(self) -> Words:
        """The network address of each customer's office."""
        return Words(len(self), lambda row: self.offices(self.ident[row]))


@dataclass
class People:
    """One row a seat."""

    customer: Ints
    weight: Ints
    """Sessions on a working day in units of 1 / `WEIGHT`: gamma-distributed around the scenario's mean."""

    @property
    def rate(self) -> Floats:
        """Sessions on a working day."""
        return (self.weight / WEIGHT).astype(np.float32)


Columns = TypeVar("Columns", Customers, People)


@dataclass
class Population:
    """The customers of some user agents of one world: of all of them, or of those in one shard."""

    agents: tuple[UserAgent, ...]
    """All of the world."""
    customers: Customers
    people: People
    half_life_hours: float
    """After which pain weighs half."""
    first: int = 0
    """Index of the first user agent whose customers these are; they are consecutive."""
    last: int = -1
    """Index after the last one; by default all."""
    hour: float = 0.0
    """Now, in simulated hours: what pain is told as of."""
    row_of: dict[str, int] = field(init=False)
    """Rows by customer."""
    line: Line = field(init=False)
    """Running sums of the people's weights."""
    ends: Rows = field(init=False)
    """Place after the last of each user agent's people, from `first` on."""
    stops: Longs = field(init=False)
    """The running sum there."""
    habits: Habits = field(init=False)

    def __post_init__(self) -> None:
        self.last = len(self.agents) if self.last < 0 else self.last
        self.row_of = {ident: row for row, ident in enumerate(self.customers.ident)}
        cohort = self.customers.agent[self.people.customer]
        self.ends = np.searchsorted(cohort, np.arange(self.first, self.last), side="right")
        self._measure()
        self.habits = habits(self.agents)

    @property
    def cohorts(self) -> range:
        """Indices of the user agents whose customers these are."""
        return range(self.first, self.last)

    @property
    def idents(self) -> list[str]:
        """The ids of the user agents whose customers these are."""
        return [agent.ident for agent in self.agents[self.first : self.last]]

    def add(self, customers: Customers, people: People) -> None:
        """Append customers in the order in which they came; their people's `customer` counts from 0."""
        begins = len(self.customers)
        for place, ident in enumerate(customers.ident):
            self.row_of[ident] = begins + place
        cohort = customers.agent[people.customer] - self.first
        places = self.ends[cohort]
        self.customers = stacked((self.customers, customers))
        self.people = People(
            _put_in(self.people.customer, places, people.customer + np.int32(begins)),
            _put_in(self.people.weight, places, people.weight),
        )
        self.ends = self.ends + np.cumsum(np.bincount(cohort, minlength=len(self.ends)))
        self._measure()

    def _measure(self) -> None:
        """Lay the people out along a line, each as long as its weight."""
        bounds = np.cumsum(self.people.weight, dtype=np.int64)
        self.line, self.stops = Line.of(bounds, _GUESS), np.concatenate([[0], bounds])[self.ends]

    def felt(self, rows: Rows | Ints) -> Floats:
        """Pain of some customers now: rows x kinds, micro-dollars."""
        customers = self.customers
        half_lives = (np.float32(self.hour) - customers.felt_at[rows]) / np.float32(self.half_life_hours)
        return customers.pain[rows] * np.exp2(-half_lives)[:, None]

    def burden(self, rows: Rows | Ints) -> Floats:
        """Pain as a share of a month's price."""
        return total(self.felt(rows)) / np.maximum(self.customers.price[rows], 1).astype(np.float32)

    def satisfaction(self, rows: Rows | Ints) -> Floats:
        """0 to 1: quality, less what pain weighs against the price."""
        return np.clip(self.customers.quality[rows] - np.float32(0.5) * self.burden(rows), 0, 1).astype(np.float32)

    def suffer(self, rows: Rows | Ints, kinds: NDArray[np.integer], amounts: Longs) -> None:
        """Add pain: one amount (micro-dollars) of one kind to each row; rows may come twice."""
        if not len(rows):
            return
        touched = np.unique(rows).astype(np.intp)
        customers = self.customers
        customers.pain[touched] = self.felt(touched)
        customers.felt_at[touched] = self.hour
        np.add.at(customers.pain, (rows, kinds), amounts.astype(np.float32))
        customers.content[touched] = self.satisfaction(touched)


def _put_in(column: Ints, places: Rows, values: Ints) -> Ints:
    """`np.insert` at a few ascending places, one at least: whole pieces are copied."""
    cuts = np.flatnonzero(np.diff(places, prepend=-1))
    pieces: list[Ints] = []
    begin = 0
    for place, piece in zip(places[cuts].tolist(), np.split(values, cuts[1:]), strict=True):
        pieces += [column[begin:place], piece]
        begin = place
    return np.concatenate([*pieces, column[begin:]])


def total(columns: Floats) -> Floats:
    """Sums of rows, always in the order of the columns, so that a row's sum never depends on its neighbours."""
    sums = np.zeros(len(columns), np.float32)
    for column in columns.T:
        sums += column
    return sums


def stacked(tables: Sequence[Columns]) -> Columns:
    """Tables of one kind, one below the other."""
    merged: dict[str, Any] = {}
    for each in fields(tables[0]):
        parts = [getattr(table, each.name) for table in tables]
        if isinstance(parts[0], list):
            merged[each.name] = list(chain.from_iterable(parts))
        elif isinstance(parts[0], np.ndarray):
            merged[each.name] = np.concatenate(parts)
    return replace(tables[0], **merged)


def some(table: Columns, rows: Rows) -> Columns:
    """Some rows of a table, in that order."""
    chosen: dict[str, Any] = {}
    for each in fields(table):
        column = getattr(table, each.name)
        if isinstance(column, list):
            chosen[each.name] = [column[int(row)] for row in rows]
        elif isinstance(column, np.ndarray):
            chosen[each.name] = column[rows]
    return replace(table, **chosen)


def no_pain(count: int) -> Floats:
    """Pain accumulators of `count` customers."""
    return np.zeros((count, len(PAIN_KINDS)), np.float32)
