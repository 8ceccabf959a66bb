"""Pairs of variants for people: tests and journey equal, and what differs all the same."""

import itertools
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from catalog.patches import hunks
from catalog.requests import Request, Variant
from concern.catalog.differing.compare import KINDS, Kind, Point, kinds, next_points, points
from concern.catalog.differing.found import FoundAll

WORDS: Mapping[Kind, str] = {
    "pages": "in how large pages are, or whether they open",
    "cpu": "in CPU",
    "database": "in work of the database",
    "crowd": "among many users",
    "next": "in the lines of the next request",
}
SIZE_ONLY = "IN NOTHING BUT THEIR LINES"


@dataclass(frozen=True)
class Pair:
    """Two variants of one request, with what sets them apart."""

    mine: Variant
    theirs: Variant
    things: int
    """Of the company that walked; 0 for a new one."""
    points: Sequence[Point]
    later: Sequence[str]
    """Requests with a variant that stands on one of the two."""
    later_differ: Sequence[str]
    """Of them, those whose variants on the one differ from those on the other in more than lines."""
    equal: bool
    """For tests, checks and the journey."""

    @property
    def kinds(self) -> list[Kind]:
        """In what they differ."""
        return kinds(self.points)

    @property
    def name(self) -> str:
        return f"{self.mine.full_name} | {self.theirs.name}"

    def text(self) -> str:
        """Two lines and a head."""
        by = f"a company with {self.things:,} things" if self.things else "a new company"
        proof = "tests equal, journey equal" if self.equal else "NOT PROVED EQUAL"
        head = f"{self.name}: {proof} (walked by {by})"
        return "\n".join([head, *self._sides(), *self._warning()])

    def _sides(self) -> list[str]:
        told = [[point.mine for point in self.points], [point.theirs for point in self.points]]
        return [
            f"    {one.name} ({one.about.manner}, {changed_lines(one.patch)} lines): {'; '.join(filter(None, said)) or '-'}"
            for one, said in zip((self.mine, self.theirs), told, strict=True)
        ]

    def _warning(self) -> list[str]:
        if self.points:
            return []
        return [f"    THEY DIFFER {SIZE_ONLY}; {self.then}"]

    @property
    def then(self) -> str:
        """What is known of later requests."""
        if self.later_differ:
            return f"those that stand on them differ: {', '.join(self.later_differ)}"
        if self.later:
            return f"what follows is about as long on both, or stands on one only: {', '.join(self.later)}"
        return "nothing follows"


def changed_lines(patch: str) -> int:
    """Lines that a patch puts in or takes out."""
    return sum(len(hunk.changed) for hunk in hunks(patch))


def following(requests: Mapping[str, Request], variant: Variant) -> dict[str, int]:
    """Lines of each request that builds on this one, of its shortest variant that stands directly on this variant."""
    found: dict[str, int] = {}
    for request in requests.values():
        stands = [other for other in request.variants if other.about.stands_on.get(variant.request) == variant.name]
        if stands:
            found[request.name] = min(changed_lines(other.patch) for other in stands)
    return found


def variant_names(requests: Mapping[str, Request]) -> list[str]:
    """Of all variants, in full."""
    return [variant.full_name for request in requests.values() for variant in request.variants]


def pairs_of(requests: Mapping[str, Request], found: Mapping[str, FoundAll], wrong: Collection[str] = ()) -> list[Pair]:
    """Every two variants of each request that was measured. `wrong`: full names of those that are not proved correct."""
    both = [pair for name in found for pair in itertools.combinations(requests[name].variants, 2)]
    differing = {
        (mine.full_name, theirs.full_name): points(*(found[one.request].variants[one.name] for one in (mine, theirs)))
        for mine, theirs in both
    }
    pairs: list[Pair] = []
    for mine, theirs in both:
        after = following(requests, mine), following(requests, theirs)
        differ = [*differing[mine.full_name, theirs.full_name], *next_points(*after)]
        later = sorted({**after[0], **after[1]})
        later_differ = [one for one in later if _apart(requests[one], mine, theirs, differing)]
        equal = not {mine.full_name, theirs.full_name} & {*wrong}
        pairs.append(Pair(mine, theirs, found[mine.request].things, differ, later, later_differ, equal))
    return pairs


def _apart(
    request: Request, mine: Variant, theirs: Variant, differing: Mapping[tuple[str, str], Sequence[Point]]
) -> bool:
    """Whether two variants of a later request differ that stand on one of these each."""
    for one, other in itertools.combinations(request.variants, 2):
        grounds = {ground.about.stands_on.get(mine.request) for ground in (one, other)}
        if grounds == {mine.name, theirs.name} and differing.get((one.full_name, other.full_name)):
            return True
    return False


def summary(pairs: Sequence[Pair]) -> str:
    """How many pairs differ in what; and those that differ in size only, by name."""
    counted = Counter(kind for pair in pairs for kind in pair.kinds)
    only = Counter(pair.kinds[0] for pair in pairs if len(pair.kinds) == 1)
    same = [pair for pair in pairs if not pair.points]
    lines = [f"{counted[kind]} of {len(pairs)} pairs differ {WORDS[kind]}, {only[kind]} only so" for kind in KINDS]
    lines.append(f"{len(same)} of {len(pairs)} pairs differ {SIZE_ONLY}")
    return "\n".join([*lines, *(f"    {pair.name} ({pair.then})" for pair in same)])
