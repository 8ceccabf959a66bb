"""What users want built: requests in arcs, each with several correct variants, and the order in which they can be asked for.

A request is a folder `catalog/<product>/requests/<name>/` with `request.toml` and `variants/<variant>.patch`; the journey
that tells whether it is met is `catalog/<product>/acceptance/<name_with_underscores>.py`. See docs/catalog.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bus.chance import Chance
from bus.messages.users import Segment
from bus.money import Micros
from catalog.reading import CATALOG, CatalogError, Described, chosen, read_toml

Grade = Literal["A", "B", "C"]
"""Of a constant's source: primary, industry report or list price, vendor or folklore."""


class Worth(Described):
    """What a request is worth to a customer of each segment, in micro-dollars a month; 0 for those who do not care."""

    solo: Annotated[Micros, Field(ge=0)]
    team: Annotated[Micros, Field(ge=0)]
    business: Annotated[Micros, Field(ge=0)]
    grade: Grade
    source: str
    """Where the figure comes from; `assumed` is allowed with grade C."""

    def of(self, segment: Segment) -> Micros:
        """For one segment."""
        return {"solo": self.solo, "team": self.team, "business": self.business}[segment]


class VariantAbout(Described):
    """One `[[variant]]`."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    manner: Literal["clean", "quick", "other"]
    """How it was made: for the long run, for today, or with another idea."""
    stands_on: Mapping[str, str] = {}
    """For each request of `after`, the variant of it that this patch was made on."""
    better_at: str
    """What it is better at than the others."""
    where: str
    """The context in which that matters."""


class RequestFile(Described):
    """`request.toml`."""

    title: str
    arc: str
    """The chain of requests that it belongs to."""
    after: tuple[str, ...] = ()
    """Requests that it builds on; nobody asks for it before they are met."""
    brief: str
    """What a customer writes, in a customer's words. No hint at code."""
    contract: str
    """What people rely on: API shapes, or pages by their accessible names. Any implementation must be able to keep it."""
    value: Worth
    deadline_days: Annotated[int, Field(ge=1)] | None = None
    """From when it is asked for; later it is worth nothing."""
    contract_sum: Annotated[Micros, Field(ge=0)] | None = None
    """Paid once when it works, by one customer of the business segment."""
    variant: Annotated[tuple[VariantAbout, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        names = [variant.name for variant in self.variant]
        if len(set(names)) < len(names):
            raise ValueError("two variants have the same name")
        for variant in self.variant:
            if set(variant.stands_on) != set(self.after):
                wanted = ", ".join(self.after) or "nothing"
                raise ValueError(f"variant {variant.name}: `stands_on` must name a variant for each of: {wanted}")
        return self


@dataclass(frozen=True)
class Variant:
    """One implementation of a request."""

    request: str
    about: VariantAbout
    patch: str = field(repr=False)

    @property
    def name(self) -> str:
        return self.about.name

    @property
    def full_name(self) -> str:
        """`request/variant`."""
        return f"{self.request}/{self.name}"


@dataclass(frozen=True)
class Request:
    """Something that users want built."""

    name: str
    about: RequestFile
    variants: tuple[Variant, ...]

    def variant(self, name: str) -> Variant:
        """A variant by name. `CatalogError` lists those there are."""
        for variant in self.variants:
            if variant.name == name:
                return variant
        raise chosen("variant", name, [variant.name for variant in self.variants], self.name)


def load_requests(product: str, *, partial: bool = False) -> dict[str, Request]:
    """All requests of a product by name, predecessors first. `CatalogError` names a broken one.

    `partial`, for those who are writing one: variants without their patch are left out, and whoever stands on them.
    """
    files = sorted((CATALOG / product / "requests").glob("*/request.toml"))
    found = {file.parent.name: _load(file, partial) for file in files}
    for request in found.values():
        for before in request.about.after:
            if before not in found:
                raise CatalogError(f"{product}/requests/{request.name}: comes after {before!r}, which is not there")
    order = _sorted(found, list(found))
    for name in order:
        if partial:
            founded = tuple(one for one in found[name].variants if _stands(one, found))
            found[name] = replace(found[name], variants=founded)
        for variant in found[name].variants:
            for before, below in variant.about.stands_on.items():
                found[before].variant(below)
    return {name: found[name] for name in order}


def _stands(variant: Variant, requests: Mapping[str, Request]) -> bool:
    stands_on = variant.about.stands_on.items()
    return all(any(one.name == name for one in requests[before].variants) for before, name in stands_on)


def _load(file: Path, partial: bool) -> Request:
    name, about = file.parent.name, read_toml(file, RequestFile)
    patches = {patch.stem: patch for patch in sorted((file.parent / "variants").glob("*.patch"))}
    declared = [variant.name for variant in about.variant]
    if not set(patches) <= set(declared) or (set(patches) != set(declared) and not partial):
        raise CatalogError(f"{name}: request.toml has the variants {sorted(declared)}, variants/ has {sorted(patches)}")
    read = {stem: patch.read_text(encoding="utf-8") for stem, patch in patches.items()}
    variants = [Variant(name, one, read[one.name]) for one in about.variant if one.name in read]
    return Request(name, about, tuple(variants))


def _sorted(requests: Mapping[str, Request], names: Iterable[str]) -> list[str]:
    """Those names in a permitted order that keeps to theirs where it can."""
    waiting, done = list(names), list[str]()
    while waiting:
        free = next((name for name in waiting if set(requests[name].about.after) <= set(done)), None)
        if free is None:
            raise CatalogError(
                f"these requests wait for each other, or for one that is not asked for: {sorted(waiting)}"
            )
        waiting.remove(free)
        done.append(free)
    return done


def open_requests(requests: Mapping[str, Request], met: Sequence[str]) -> list[str]:
    """What can be asked for now: not met, and everything that it builds on is."""
    return [name for name, one in requests.items() if name not in met and set(one.about.after) <= set(met)]


def draw_order(requests: Mapping[str, Request], chance: Chance) -> tuple[str, ...]:
    """A seeded order in which a world's users may ask for them: one of those that are permitted."""
    stream = chance.python("catalog", "requests")
    met: list[str] = []
    while len(met) < len(requests):
        met.append(stream.choice(open_requests(requests, met)))
    return tuple(met)


def drawn(product: str, wishes: int | tuple[str, ...], chance: Chance) -> dict[str, Request]:
    """The requests of a world: so many of such an order, fewer if there are fewer; or those with these names.

    `CatalogError` for a name that is not there, or one that builds on something that is not asked for.
    """
    if not wishes:
        return {}
    requests = load_requests(product)
    if isinstance(wishes, int):
        return {name: requests[name] for name in draw_order(requests, chance)[:wishes]}
    for name in wishes:
        if name not in requests:
            raise chosen("request", name, list(requests), product)
    return {name: requests[name] for name in _sorted(requests, wishes)}


def chain(product: str, arc: str) -> tuple[str, ...]:
    """The requests of an arc, predecessors first. `CatalogError` lists the arcs there are."""
    requests = load_requests(product)
    found = tuple(name for name, one in requests.items() if one.about.arc == arc)
    if not found:
        raise chosen("arc", arc, sorted({one.about.arc for one in requests.values()}), product)
    return found


def foundations(requests: Mapping[str, Request], variant: Variant) -> tuple[Variant, ...]:
    """The variants below this one, in the order in which their patches go on the good product."""
    below: list[Variant] = []
    for request, name in variant.about.stands_on.items():
        direct = requests[request].variant(name)
        for one in (*foundations(requests, direct), direct):
            if one not in below:
                rival = next((other for other in below if other.request == one.request), None)
                if rival is not None:
                    raise CatalogError(f"{variant.full_name} stands on both {rival.full_name} and {one.full_name}")
                below.append(one)
    return tuple(below)


def find_variant(product: str, full: str) -> Variant:
    """A variant by `request/variant`."""
    requests = load_requests(product, partial=True)
    name, _, variant = full.partition("/")
    if name not in requests:
        raise chosen("request", name, list(requests), product)
    return requests[name].variant(variant)
