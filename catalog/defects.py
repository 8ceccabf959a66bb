"""Planted defects: loading, drawing by seed, planting into a copy of the good product, and their reference fixes.

A defect is a folder `catalog/<product>/defects/<name>/` with `defect.toml` (what it is) and `plant.patch` (a unified diff
against the good product). Its reference fix is that diff turned round, unless `fix.patch` stands beside it.
"""

import os
import re
import subprocess
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bus.chance import Chance

CATALOG = Path(__file__).resolve().parent
_HUNK = re.compile(r"^@@ -(\d+(?:,\d+)?) \+(\d+(?:,\d+)?) @@(.*)$")


class CatalogError(Exception):
    """The catalog contradicts itself or the product; the text names the defect and what to do."""


class DefectFile(BaseModel):
    """`defect.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    """What is wrong, in one line."""
    kind: Literal["correctness", "data_loss", "performance", "leak", "job", "security", "crash"]
    cwe: int | None = None
    """Number in the Common Weakness Enumeration, where one fits."""
    source: str = ""
    """Where the idea comes from, if it is not a CWE."""
    severity: Literal["low", "medium", "high"]
    noticed_by: str
    """Who suffers from it, and how that shows from outside."""
    fix_message: str
    """What the reference fix's commit says, as a good engineer would."""
    conflicts: tuple[str, ...] = ()
    """Defects that cannot be planted together with this one."""


@dataclass(frozen=True)
class Defect:
    """One planted weakness."""

    name: str
    about: DefectFile
    folder: Path

    @cached_property
    def plant(self) -> str:
        """The unified diff that puts the defect into the good product."""
        return (self.folder / "plant.patch").read_text(encoding="utf-8")

    @cached_property
    def fix(self) -> str:
        """The unified diff that takes it out again."""
        own = self.folder / "fix.patch"
        return own.read_text(encoding="utf-8") if own.exists() else reverse_patch(self.plant)


@dataclass(frozen=True)
class Fix:
    """A reference fix as the oracle operator uses it."""

    defect: str
    patch: str
    message: str


def load_defects(product: str) -> dict[str, Defect]:
    """All defects of a product by name, in order of their names. `CatalogError` names a broken one."""
    found: dict[str, Defect] = {}
    for file in sorted((CATALOG / product / "defects").glob("*/defect.toml")):
        try:
            about = DefectFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, ValidationError) as error:
            raise CatalogError(f"{file.parent.name}: defect.toml: {error}") from error
        if not (file.parent / "plant.patch").exists():
            raise CatalogError(f"{file.parent.name}: no plant.patch beside defect.toml")
        found[file.parent.name] = Defect(file.parent.name, about, file.parent)
    return found


def draw_defects(product: str, count: int, chance: Chance, only: Sequence[str] = ()) -> tuple[Defect, ...]:
    """The defects of one world: `only` if given, else a seeded subset of `count` that go together, in order of names."""
    defects = load_defects(product)
    unknown = sorted(set(only) - defects.keys())
    if unknown:
        raise CatalogError(f"no defect {unknown[0]!r} for {product}; there are: {', '.join(defects)}")
    names = list(defects)
    chance.python("catalog", "defects").shuffle(names)
    chosen: list[str] = list(only)
    for name in names:
        if only or len(chosen) == count:
            break
        if not any(
            name in defects[other].about.conflicts or other in defects[name].about.conflicts for other in chosen
        ):
            chosen.append(name)
    return tuple(defects[name] for name in sorted(chosen))


def plant(tree: Path, defects: Sequence[Defect]) -> None:
    """Put defects into a copy of the good product. `CatalogError` if a patch does not apply."""
    for defect in defects:
        apply_patch(tree, defect.plant, defect.name)


def fixes_for(product: str, planted: Sequence[str]) -> tuple[Fix, ...]:
    """The reference fixes of a world's defects, the most severe first."""
    defects = load_defects(product)
    order = {"high": 0, "medium": 1, "low": 2}
    chosen = sorted((defects[name] for name in planted), key=lambda defect: (order[defect.about.severity], defect.name))
    return tuple(Fix(defect.name, defect.fix, defect.about.fix_message) for defect in chosen)


def apply_patch(tree: Path, patch: str, name: str) -> None:
    """Apply a unified diff in a folder; lines may have moved, their context may not have changed.

    The tree must be ours (the good product, before the operator has it): git reads it here.
    """
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CEILING_DIRECTORIES": str(tree.resolve().parent),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        cwd=tree,
        env=environment,
        input=patch.encode(),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip()
        raise CatalogError(f"{name}: its patch does not apply to the product: {reason}; renew it against the good code")


def reverse_patch(patch: str) -> str:
    """A unified diff that undoes another one."""
    lines: list[str] = []
    for line in patch.splitlines(keepends=True):
        if line.startswith("--- "):
            lines.append(line)
        elif line.startswith("+++ "):
            before = lines.pop()
            lines += ["--- a/" + line[4:].removeprefix("b/"), "+++ b/" + before[4:].removeprefix("a/")]
        elif hunk := _HUNK.match(line):
            lines.append(f"@@ -{hunk[2]} +{hunk[1]} @@{hunk[3]}\n")
        elif line.startswith("+"):
            lines.append("-" + line[1:])
        elif line.startswith("-"):
            lines.append("+" + line[1:])
        else:
            lines.append(line)
    return "".join(lines)
