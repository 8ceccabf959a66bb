"""Planted defects: loading, drawing by seed, planting into a copy of the good product, and their reference fixes.

A defect is a folder `catalog/<product>/defects/<name>/` with `defect.toml` (what it is) and one patch or more in `shapes/`:
the same defect in other code or another place. A world draws one shape by seed. See docs/catalog.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator

from bus.chance import Chance
from catalog.patches import apply_patch, overlap, reverse_patch
from catalog.reading import CATALOG, CatalogError, Described, chosen, read_toml

Kind = Literal["correctness", "data_loss", "time", "performance", "leak", "job", "security", "crash", "operations"]
Severity = Literal["low", "medium", "high"]
_FIX = ".fix.patch"


class DefectFile(Described):
    """`defect.toml`."""

    title: str
    """What is wrong, in one line."""
    kind: Kind
    cwe: int | None = None
    """Number in the Common Weakness Enumeration, where one fits."""
    source: str = ""
    """Where the idea comes from, if it is not a CWE."""
    severity: Severity
    noticed_by: str
    """Who suffers from it, and how that shows from outside."""
    fix_message: str
    """What the reference fix's commit says, as a good engineer would."""
    conflicts: tuple[str, ...] = ()
    """Defects that cannot be planted together with this one, beside those whose patches touch the same lines."""

    @model_validator(mode="after")
    def _founded(self) -> Self:
        if self.cwe is None and not self.source:
            raise ValueError("give `cwe` or `source`: where does the idea come from?")
        return self


@dataclass(frozen=True)
class Shape:
    """One way to write a defect."""

    defect: str
    name: str
    about: DefectFile = field(repr=False)
    plant: str = field(repr=False)
    """The unified diff that puts it into the good product."""
    fix: str = field(repr=False)
    """The unified diff that takes it out again."""

    @property
    def full_name(self) -> str:
        """`defect/shape`."""
        return f"{self.defect}/{self.name}"


@dataclass(frozen=True)
class Defect:
    """One weakness, in all its shapes."""

    name: str
    about: DefectFile
    shapes: tuple[Shape, ...]

    def shape(self, name: str) -> Shape:
        """A shape by name. `CatalogError` lists those there are."""
        for shape in self.shapes:
            if shape.name == name:
                return shape
        raise chosen("shape", name, [shape.name for shape in self.shapes], self.name)


@dataclass(frozen=True)
class Fix:
    """A known change as operators deploy it: a reference fix, or a request built."""

    defect: str
    """Or the request."""
    kind: Kind | Literal["request"]
    patch: str
    message: str


def load_defects(product: str, *, partial: bool = False) -> dict[str, Defect]:
    """All defects of a product by name, in order of their names. `CatalogError` names a broken one.

    `partial`, for those who are writing one: defects without a shape are left out.
    """
    files = sorted((CATALOG / product / "defects").glob("*/defect.toml"))
    if partial:
        files = [file for file in files if any((file.parent / "shapes").glob("*.patch"))]
    found = {file.parent.name: _load(file) for file in files}
    for defect in found.values():
        for other in defect.about.conflicts:
            if other not in found and not partial:
                raise CatalogError(f"{product}/defects/{defect.name}: conflicts with {other!r}, which is not there")
    return found


def _load(file: Path) -> Defect:
    about = read_toml(file, DefectFile)
    name = file.parent.name
    patches = sorted((file.parent / "shapes").glob("*.patch"))
    shapes: list[Shape] = []
    for patch in patches:
        if patch.name.endswith(_FIX):
            if patch.with_name(patch.name.removesuffix(_FIX) + ".patch") not in patches:
                raise CatalogError(f"{name}: {patch.name} fixes a shape that is not there")
            continue
        plant = patch.read_text(encoding="utf-8")
        own = patch.with_name(patch.stem + _FIX)
        fix = own.read_text(encoding="utf-8") if own.exists() else reverse_patch(plant)
        shapes.append(Shape(name, patch.stem, about, plant, fix))
    if not shapes:
        raise CatalogError(f"{name}: no shapes/<shape>.patch beside defect.toml; make one with `concern catalog save`")
    return Defect(name, about, tuple(shapes))


def find_shapes(product: str, names: Sequence[str]) -> tuple[Shape, ...]:
    """Shapes by `defect/shape`, or by `defect` for its first one."""
    defects = load_defects(product, partial=True)
    found: list[Shape] = []
    for full in names:
        name, _, shape = full.partition("/")
        if name not in defects:
            raise chosen("defect", name, list(defects), product)
        found.append(defects[name].shape(shape) if shape else defects[name].shapes[0])
    return tuple(found)


def compatible(one: Shape, other: Shape) -> bool:
    """Whether both can be in one product."""
    if one.defect == other.defect or other.defect in one.about.conflicts or one.defect in other.about.conflicts:
        return False
    return overlap(one.plant, other.plant) is None


def draw_defects(product: str, count: int, chance: Chance, only: Sequence[str] = ()) -> tuple[Shape, ...]:
    """The defects of one world in order of their names, each in one shape, all of them compatible.

    `only` names `defect` (its shape is drawn) or `defect/shape`; without it `count` defects are drawn. `CatalogError` if
    those in `only` do not go together, or there are not as many as wanted.
    """
    defects = load_defects(product)
    if only:
        return _draw_only(product, defects, chance, only)
    taken: list[Shape] = []
    for name in _turns(defects, chance):
        if len(taken) == count:
            break
        for shape in _shuffled(defects[name], chance):
            if all(compatible(shape, other) for other in taken):
                taken.append(shape)
                break
    if len(taken) < count:
        raise CatalogError(
            f"{count} defects are wanted for {product}; only {len(taken)} of its {len(defects)} go together"
        )
    return tuple(sorted(taken, key=lambda shape: shape.defect))


def _turns(defects: Mapping[str, Defect], chance: Chance) -> list[str]:
    """All names in the order of being drawn: two that ordinary users meet, one that only intruders use, and so on.

    A catalog has more ways in than ways to annoy; a world of ways in alone would pay nobody for mending it.
    """
    names = list(defects)
    chance.python("catalog", "defects").shuffle(names)
    secret = [name for name in names if defects[name].about.kind == "security"]
    felt = [name for name in names if defects[name].about.kind != "security"]
    groups = [*zip_longest(felt[::2], felt[1::2], secret)]
    return [name for group in groups for name in group if name is not None]


def _draw_only(product: str, defects: dict[str, Defect], chance: Chance, only: Sequence[str]) -> tuple[Shape, ...]:
    taken: list[Shape] = []
    for full in sorted(only, key=lambda full: "/" not in full):
        name, _, wanted = full.partition("/")
        if name not in defects:
            raise chosen("defect", name, list(defects), product)
        shapes = [defects[name].shape(wanted)] if wanted else _shuffled(defects[name], chance)
        fitting = [shape for shape in shapes if all(compatible(shape, other) for other in taken)]
        if not fitting:
            beside = ", ".join(shape.full_name for shape in taken)
            raise CatalogError(f"{full} cannot be planted together with {beside}")
        taken.append(fitting[0])
    return tuple(sorted(taken, key=lambda shape: shape.defect))


def _shuffled(defect: Defect, chance: Chance) -> list[Shape]:
    shapes = list(defect.shapes)
    chance.python("catalog", "shape", defect.name).shuffle(shapes)
    return shapes


def plant(tree: Path, shapes: Sequence[Shape]) -> None:
    """Put defects into a copy of the good product. `CatalogError` if a patch does not apply."""
    for shape in shapes:
        apply_patch(tree, shape.plant, shape.full_name)


def fixes_for(product: str, planted: Sequence[str]) -> tuple[Fix, ...]:
    """The reference fixes of a world's defects (`defect/shape`), the most severe first."""
    order = {"high": 0, "medium": 1, "low": 2}
    shapes = sorted(find_shapes(product, planted), key=lambda shape: (order[shape.about.severity], shape.full_name))
    return tuple(Fix(shape.defect, shape.about.kind, shape.fix, shape.about.fix_message) for shape in shapes)
