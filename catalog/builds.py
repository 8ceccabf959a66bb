"""Requests built one after the other, as commits: what an operator who knows the catalog would deploy."""

import re
import shutil
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bus.chance import Chance
from catalog.defects import Fix, fixes_for
from catalog.patches import apply_patch
from catalog.products import load_product
from catalog.reading import CatalogError
from catalog.requests import Variant, drawn, load_requests

Manner = Literal["clean", "quick"]
_REVISION = re.compile(r"^\+revision(?:: str)? = \"(\w+)\"$", re.MULTILINE)
_BELOW = re.compile(r"^(\+down_revision(?:: [^=]+)? = )\"(\w+)\"$", re.MULTILINE)


MANNERS: dict[str, Manner] = {
    "oracle": "clean",
    "hasty": "quick",
    "build/lasting": "clean",
    "build/quick": "quick",
}
"""How the operators who know the catalog build what is asked for."""


def work_for(
    operator: str, product: str, planted: Sequence[str], wishes: int | tuple[str, ...], chance: Chance
) -> tuple[Fix, ...]:
    """What there is to do in a world: the reference fixes, then for those who build, what they build in their manner."""
    fixes, manner = fixes_for(product, planted), MANNERS.get(operator)
    if manner is None:
        return fixes
    return (*fixes, *builds_for(product, list(drawn(product, wishes, chance)), manner))


def builds_for(product: str, names: Sequence[str], manner: Manner = "clean") -> tuple[Fix, ...]:
    """Requests in that order, each by its first variant made in that manner, on the good product.

    Variants of different arcs were made without each other. Their migrations are put in a row; one whose lines have been
    changed by another's is left out, with those that stand on it.
    """
    requests = load_requests(product)
    builds: list[Fix] = []
    with site(product) as stack:
        for name in names:
            able = [one for one in requests[name].variants if stack.carries(one)]
            variant = next((one for one in able if one.about.manner == manner), next(iter(able), None))
            patch = stack.put(variant) if variant is not None else None
            if patch is not None:
                builds.append(Fix(name, "request", patch, requests[name].about.title))
    return tuple(builds)


@dataclass
class BuildingSite:
    """The good product in a folder, on which variants are put one after the other. Made by `site`."""

    tree: Path
    made: dict[str, str] = field(default_factory=dict[str, str])
    """The variant of each request that stands there."""
    _newest: str = ""
    """Migration that was put in last."""

    def carries(self, variant: Variant) -> bool:
        """Whether all that a variant stands on is there, and no other variant of its request."""
        below = variant.about.stands_on.items()
        return variant.request not in self.made and all(self.made.get(request) == on for request, on in below)

    def put(self, variant: Variant) -> str | None:
        """Put a variant in, its migration after the newest one. The patch as it went in; None if it does not apply."""
        patch = _BELOW.sub(rf'\g<1>"{self._newest}"', variant.patch) if self._newest else variant.patch
        try:
            apply_patch(self.tree, patch, variant.full_name)
        except CatalogError:
            return None
        self.made[variant.request] = variant.name
        self._newest = next(iter(_REVISION.findall(patch)), self._newest)
        return patch


@contextmanager
def site(product: str) -> Generator[BuildingSite]:
    """A building site with nothing built yet."""
    with tempfile.TemporaryDirectory(prefix="concern-builds-") as folder:
        yield BuildingSite(Path(shutil.copytree(load_product(product).tree, Path(folder) / product)))
