"""Pairs of variants of one request: equal in everything that a test can see, and how they differ all the same."""

import itertools
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.checking import Profile
from catalog.checking.verdict import ControlFailed
from catalog.patches import hunks
from catalog.products import Product
from catalog.requests import Request, Variant, load_requests
from concern.catalog.plan import variant_recipe
from concern.catalog.profiles import MeasuredProfiles
from concern.catalog.workshop import workshop


@dataclass(frozen=True)
class Traits:
    """What sets one variant apart."""

    lines: int
    """Lines that its patch puts in or takes out."""
    next_lines: Mapping[str, int]
    """The same, of each variant of a later request that stands directly on it."""
    profile: Profile | None
    """CPU by kind of work against the good product; None if it could not be measured."""

    def text(self) -> str:
        """In one line."""
        parts = [f"{self.lines} lines"]
        parts += [f"then {name} {lines}" for name, lines in self.next_lines.items()]
        if self.profile is None:
            parts.append("not measured")
        else:
            dear = [f"{kind} x{ratio:g}" for kind, ratio in self.profile.ratio.items() if ratio != 1]
            parts.append("cpu " + (", ".join(dear) or "as before"))
            parts += [f"leaks {self.profile.leak_bytes} bytes"] if self.profile.leak_bytes else []
        return "; ".join(parts)


def changed_lines(patch: str) -> int:
    """Lines that a patch puts in or takes out."""
    return sum(len(hunk.changed) for hunk in hunks(patch))


def following(requests: Mapping[str, Request], variant: Variant) -> dict[str, int]:
    """Lines of each variant that stands directly on this one."""
    return {
        other.full_name: changed_lines(other.patch)
        for request in requests.values()
        for other in request.variants
        if other.about.stands_on.get(variant.request) == variant.name
    }


async def measured(product: Product) -> dict[str, Traits]:
    """Traits of every variant by its full name."""
    requests = load_requests(product.name)
    found: dict[str, Traits] = {}
    with tempfile.TemporaryDirectory(prefix="catalog-") as folder:
        profiles = MeasuredProfiles(product, Path(folder) / "market")
        try:
            async with workshop(product, Path(folder) / "work", profiles) as place:
                for request in requests.values():
                    for variant in request.variants:
                        built = place.build(variant_recipe(product, variant, requests))
                        try:
                            profile = await profiles.profile(place, built)
                        except ControlFailed:
                            profile = None
                        lines = changed_lines(variant.patch)
                        found[variant.full_name] = Traits(lines, following(requests, variant), profile)
        finally:
            profiles.close()
    return found


def pairs_of(requests: Mapping[str, Request]) -> list[tuple[Variant, Variant]]:
    """Every two variants of one request."""
    return [pair for request in requests.values() for pair in itertools.combinations(request.variants, 2)]


def told(pair: Sequence[Variant], traits: Mapping[str, Traits]) -> str:
    """One pair for people."""
    head = " | ".join(f"{one.full_name} ({one.about.manner})" for one in pair)
    return "\n".join([head, *(f"    {one.name}: {traits[one.full_name].text()}" for one in pair)])
