"""In what two variants of one request differ, so far as somebody would feel it: pure judgement on what was measured.

Ratios are put on the grid of the cloud's demand probe, where what is near one is one.
"""

import statistics
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from concern.catalog.differing.counting import ASKED, COUNTED
from concern.catalog.differing.found import Crowd, Found, Used
from concern.catalog.differing.shares import unlike
from concern.catalog.differing.walking import added
from services.cloud.demand import quantised

Kind = Literal["pages", "cpu", "database", "crowd", "next"]
KINDS: tuple[Kind, ...] = ("pages", "cpu", "database", "crowd", "next")
FLOORS = (8, 40, 5_000, 8, 5_000)
"""Added to counts (`COUNTED`) before they are compared: a few statements more are no difference."""
FLOOR_LINES = 10
LEAST_CPU_NS = 1_000_000
"""CPU of an address in a journey below which its ratio is noise."""
MOST_TOLD = 2
"""Of one sort, those that differ most."""
SURELY = 1.15
"""By so many times the same side must be dearer in every round."""
GROWN = 1.4
"""What is said of the first walk is said again of a later one where it differs so many times more."""
ALL = "in all"


@dataclass(frozen=True)
class Point:
    """One difference, in words of each side; empty for a side of which nothing is to say."""

    kind: Kind
    measure: str
    where: str
    """At which address, or `ALL`."""
    ratio: float
    """How many times the one is the other; of at least one."""
    mine: str
    theirs: str


def points(mine: Found, theirs: Found) -> list[Point]:
    """All differences that were measured, of the first walk before those of a later one."""
    return [
        *_closed(mine.closed, theirs.closed),
        *_twice(_counted(mine.first, theirs.first), _counted(mine.later, theirs.later)),
        *(_of(point, "of old") for point in _at_addresses(_counts, mine.before, theirs.before)),
        *_twice(_cpu(mine.cpu, theirs.cpu), _cpu(mine.later_cpu, theirs.later_cpu)),
        *(_of(point, "of old") for point in _cpu_at_addresses(mine.before_cpu, theirs.before_cpu)),
        *_crowd(mine.crowd, theirs.crowd),
    ]


def next_points(mine: Mapping[str, int], theirs: Mapping[str, int]) -> Generator[Point]:
    """Lines that a later request touches on each of the two, by request."""
    for name in mine:
        if name in theirs:
            ratio = quantised((mine[name] + FLOOR_LINES) / (theirs[name] + FLOOR_LINES))
            if ratio != 1:
                mine_then, theirs_then = (f"{side[name]} lines for {name}" for side in (mine, theirs))
                yield Point("next", "lines", name, max(ratio, 1 / ratio), mine_then, theirs_then)


def _closed(mine: Sequence[str], theirs: Sequence[str]) -> Generator[Point]:
    for name in sorted({*mine} ^ {*theirs}):
        words = f"{name} of old does not open"
        yield Point("pages", "pages", name, 2.0, *((words, "") if name in mine else ("", words)))


def _twice(first: Sequence[Point], later: Sequence[Point]) -> list[Point]:
    known = {(point.measure, point.where): point.ratio for point in first}
    grown = [point for point in later if point.ratio > GROWN * known.get((point.measure, point.where), 1 / GROWN)]
    return [*first, *(_of(point, "in time") for point in grown)]


def _of(point: Point, which: str) -> Point:
    """The same, said of other walks."""
    mine, theirs = (f"{text} {which}" if text else "" for text in (point.mine, point.theirs))
    return Point(point.kind, point.measure, point.where, point.ratio, mine, theirs)


Compared = Callable[[str, Sequence[int], Sequence[int]], Iterable[Point]]


def _counted(mine: Used, theirs: Used) -> list[Point]:
    whole = _most(_counts(ALL, added(mine.values()), added(theirs.values())))
    return [*whole, *_at_addresses(_counts, mine, theirs)]


def _counts(where: str, mine: Sequence[int], theirs: Sequence[int]) -> Generator[Point]:
    for name, floor, one, other in zip(COUNTED, FLOORS, mine, theirs, strict=True):
        ratio = quantised((one + floor) / (other + floor))
        if ratio != 1:
            words = (f"{count:,} {name} {where}" for count in (one, other))
            yield Point("database" if name in ASKED else "pages", name, where, max(ratio, 1 / ratio), *words)


def _cpu(mine: Sequence[Used], theirs: Sequence[Used]) -> list[Point]:
    whole = _rounds(ALL, [added(used.values())[0] for used in mine], [added(used.values())[0] for used in theirs])
    return [*whole, *_cpu_at_addresses(mine, theirs)]


def _cpu_at_addresses(mine: Sequence[Used], theirs: Sequence[Used]) -> list[Point]:
    return _at_addresses(_rounds, _by_address(mine), _by_address(theirs)) if mine and theirs else []


def _rounds(where: str, mine: Sequence[int], theirs: Sequence[int]) -> Generator[Point]:
    """The median of the rounds' ratios, if the same side was dearer in every round: all else is noise."""
    ratios = [one / other for one, other in zip(mine, theirs, strict=True) if one > 0 and other > 0]
    if not ratios or max(*mine, *theirs) < LEAST_CPU_NS or not (min(ratios) > SURELY or max(ratios) < 1 / SURELY):
        return
    ratio = quantised(statistics.median(ratios))
    if ratio != 1:
        words = f"{max(ratio, 1 / ratio):.3g} times the CPU {where}"
        yield Point("cpu", "cpu", where, max(ratio, 1 / ratio), *((words, "") if ratio > 1 else ("", words)))


def _by_address(rounds: Sequence[Used]) -> dict[str, tuple[int, ...]]:
    """CPU of each address that was asked for in every round, by round."""
    names = set[str].intersection(*(set(used) for used in rounds))
    return {name: tuple(used[name][0] for used in rounds) for name in sorted(names)}


def _at_addresses(compared: Compared, mine: Used, theirs: Used) -> list[Point]:
    shared = [name for name in mine if name in theirs]
    return _most(point for name in shared for point in compared(f"at {name}", mine[name], theirs[name]))


def _most(found: Iterable[Point]) -> list[Point]:
    return sorted(found, key=lambda point: -point.ratio)[:MOST_TOLD]


def _crowd(mine: Crowd, theirs: Crowd) -> Generator[Point]:
    for words, one, other in unlike(mine, theirs):
        yield Point("crowd", words, ALL, 1.0, f"{one} {words}", f"{other} {words}")


def kinds(found: Iterable[Point]) -> list[Kind]:
    """The kinds of difference among these, each once."""
    there = {point.kind for point in found}
    return [kind for kind in KINDS if kind in there]
