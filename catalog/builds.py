"""Requests built one after the other, as commits: what an operator who knows the catalog would deploy."""

import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from bus.chance import Chance
from catalog.defects import Fix, fixes_for
from catalog.patches import apply_patch
from catalog.products import load_product
from catalog.reading import CatalogError
from catalog.requests import Request, Variant, drawn, load_requests

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


def work_for(operator: str, product: str, planted: Sequence[str], wishes: int, chance: Chance) -> tuple[Fix, ...]:
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
    made: dict[str, str] = {}
    builds: list[Fix] = []
    head = ""
    with tempfile.TemporaryDirectory(prefix="concern-builds-") as folder:
        tree = Path(shutil.copytree(load_product(product).tree, Path(folder) / product))
        for name in names:
            variant = _standing(requests[name], made, manner)
            if variant is None:
                continue
            patch = _after(variant.patch, head)
            try:
                apply_patch(tree, patch, variant.full_name)
            except CatalogError:
                continue
            made[name] = variant.name
            head = next(iter(_REVISION.findall(patch)), head)
            builds.append(Fix(name, "request", patch, requests[name].about.title))
    return tuple(builds)


def _standing(request: Request, made: dict[str, str], manner: Manner) -> Variant | None:
    """The variant made in that manner, or any other, that stands on what is there."""
    able = [one for one in request.variants if all(made.get(below) == on for below, on in one.about.stands_on.items())]
    return next((one for one in able if one.about.manner == manner), next(iter(able), None))


def _after(patch: str, head: str) -> str:
    """The patch with its migration after the newest one."""
    return _BELOW.sub(rf'\g<1>"{head}"', patch) if head else patch
