"""From the parts of a tick to what the market says: the same words in the same order, whatever the number of shards. Pure.

Each shard holds some consecutive user agents. All that a tick brings is sorted by section and, within it, by user agent;
sums are of whole numbers. So one process and many say the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from agents.users import reports
from agents.users.constants import Tuning
from agents.users.growth import Standing, spoken
from agents.users.journeys import Journey
from bus.messages.base import Event
from bus.messages.users import MarketMoved


class Section(IntEnum):
    """Parts of a tick in the order in which they are said."""

    INHERITED = 0
    WAITING = 1
    ANSWERED = 2
    """Answers to what others said, in the order of what they answer."""
    LEFT = 3
    CHANGED = 4
    PAIN = 5
    COMPLAINED = 6
    LOOKED = 7
    ASKED = 8
    WENT_ON = 9
    JOINED = 10
    TRIED = 11
    WORKED = 12
    SHARED = 13


@dataclass(frozen=True, slots=True)
class Said:
    """An event and its place in the tick."""

    section: Section
    order: int
    """The user agent by number, or the message that it answers."""
    event: Event
    cause: str | None = None


@dataclass(frozen=True)
class LivedPart:
    """One shard's tick."""

    said: list[Said]
    sessions: tuple[int, ...]
    """By journey; sign-ups count as the last."""
    alive: int
    content: int
    """Satisfaction in millionths, summed over its customers."""
    observed: tuple[tuple[int, int, int, int], ...]
    """Executed sessions: journey, stratum, outcome code, how many."""
    worked: reports.Worked | None = None
    """What its user agents' people did, if it is not among what is said already."""

    def words(self) -> list[Said]:
        """All that is to be said of it."""
        if self.worked is None:
            return self.said
        told = enumerate(self.worked.events(), self.worked.first)
        return self.said + [Said(Section.WORKED, order, one) for order, one in told]


@dataclass
class Whole:
    """What the market as a whole knows."""

    tuning: Tuning
    journeys: Sequence[Journey]
    standing: Standing
    moved: MarketMoved = field(init=False)
    """The last hour's, for the shards."""

    def put_together(self, tick: int, parts: Sequence[LivedPart]) -> list[Said]:
        """All that the market says in a tick."""
        said = sorted((one for part in parts for one in part.words()), key=lambda one: (one.section, one.order))
        counts = [sum(each) for each in zip(*(part.sessions for part in parts), strict=True)]
        alive = sum(part.alive for part in parts)
        content = sum(part.content for part in parts) / 1_000_000 / max(alive, 1)
        self.standing = spoken(self.standing, alive, content, 1.0, self.tuning)
        self.moved = _moved(tick, self.standing, (row for part in parts for row in part.observed))
        load = reports.load(tick, counts, self.journeys)
        return [*said, Said(Section.SHARED, 0, load), Said(Section.SHARED, 0, self.moved)]


def _moved(tick: int, standing: Standing, observed: Iterable[tuple[int, int, int, int]]) -> MarketMoved:
    cells: dict[tuple[int, int, int], int] = {}
    for journey, stratum, outcome, times in observed:
        cell = (journey, stratum, outcome)
        cells[cell] = cells.get(cell, 0) + times
    rows = sorted(cells)
    return MarketMoved(
        tick=tick,
        alive=standing.alive,
        heard=standing.heard,
        reputation=standing.reputation,
        journey=tuple(row[0] for row in rows),
        stratum=tuple(row[1] for row in rows),
        outcome=tuple(row[2] for row in rows),
        sessions=tuple(cells[row] for row in rows),
    )
