"""What a verification asks: rows of products, each with cells and what is right in them; and results kept by content."""

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from catalog.proofs import source_digest
from catalog.reading import CATALOG
from concern.catalog.trees import Recipe

CellKind = Literal["check", "acceptance", "tests", "fix", "start"]
SHORT = 8
"""Hexadecimal digits of a digest in the file of what is proved."""
PLANTED = frozenset({"defect"})
"""What is right of a defect's own check on the product that it was planted in."""
FOLDERS = {"check": "checks", "fix": "checks", "acceptance": "acceptance"}


@dataclass(frozen=True)
class Cell:
    """One thing that must hold of one product."""

    kind: CellKind
    name: str
    """Of the defect or request; empty for the visible tests."""
    right: frozenset[str]
    """Outcomes that are right: safe, defect or broken; met or unmet; passed; started."""


@dataclass
class Row:
    """One product with all that is asked of it."""

    recipe: Recipe
    cells: list[Cell] = field(default_factory=list[Cell])
    flavour: str = ""
    """Of the hostile front before it; empty for none."""
    together: bool = False
    """Each of its patches has passed the visible tests alone: only tests that two of them reach are run."""

    @property
    def title(self) -> str:
        return self.flavour or self.recipe.title

    @property
    def own_check(self) -> str | None:
        """The check of the defect that was planted; None if none was."""
        return next((cell.name for cell in self.cells if cell.right == PLANTED), None)

    def key(self, cell: Cell) -> str:
        """Under which a result is kept: equal content, equal outcome."""
        total = hashlib.sha256(f"{self.recipe.digest}/{self.flavour}/{cell.kind}/{cell.name}".encode())
        if cell.kind in FOLDERS:
            total.update(source_digest(self.recipe.product.name, FOLDERS[cell.kind], cell.name).encode())
        return total.hexdigest()

    def mark(self, cell: Cell) -> str:
        """Under which it is noted that a result is right."""
        return hashlib.sha256(f"{self.key(cell)}/{sorted(cell.right)}".encode()).hexdigest()[:SHORT]


@dataclass(frozen=True)
class Result:
    """What was found in a cell."""

    row: str
    cell: Cell
    outcome: str
    evidence: str
    seconds: float = 0.0
    kept: bool = False
    """It was found earlier."""
    reached: bool = True
    """False if it was not run, since nothing that it calls has changed."""

    @property
    def ok(self) -> bool:
        return self.outcome in self.cell.right


def proved_file(product: str) -> Path:
    """Where it stands what the last whole verification found right: short digests of cells, a line for each product.

    It comes with the source, so that a clean checkout proves again only what has changed since.
    """
    return CATALOG / product / "proved.txt"


def write_proved(product: str, rows: Sequence[Row], notes: Mapping[str, str]) -> None:
    """Note that all cells of these rows are right, and for each title what else is known of the product."""
    marks = {row.title: [*map(row.mark, row.cells), *filter(None, [notes.get(row.title)])] for row in rows}
    lines = [f"{title}: {' '.join(sorted(mine))}\n" for title, mine in marks.items()]
    proved_file(product).write_text("".join(sorted(lines)), encoding="utf-8")


def _proved(product: str) -> frozenset[str]:
    file = proved_file(product)
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return frozenset(word for line in lines for word in line.rpartition(": ")[2].split())


class KeptResults:
    """Results of earlier verifications by content: in a SQLite file, and of the product's `proved_file`."""

    def __init__(self, path: Path, product: str) -> None:
        self._proved = _proved(product)
        self._database = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._database.execute("PRAGMA synchronous = OFF")  # what a crash of the machine loses is found out again
        self._database.execute("CREATE TABLE IF NOT EXISTS cell (key TEXT PRIMARY KEY, outcome TEXT, evidence TEXT)")

    def get(self, row: Row, cell: Cell) -> Result | None:
        """What was found earlier, if it was right: what was wrong is looked at again."""
        if row.mark(cell) in self._proved:
            return Result(row.title, cell, min(cell.right), "", kept=True)
        query = "SELECT outcome, evidence FROM cell WHERE key = ?"
        found = self._database.execute(query, (row.key(cell),)).fetchone()
        result = None if found is None else Result(row.title, cell, found[0], found[1], kept=True)
        return result if result is not None and result.ok else None

    def noted(self, mark: str) -> bool:
        """Whether this stands in the product's `proved_file`."""
        return mark in self._proved

    def put(self, row: Row, result: Result) -> None:
        """Keep a result."""
        values = (row.key(result.cell), result.outcome, result.evidence)
        self._database.execute("INSERT OR REPLACE INTO cell VALUES (?, ?, ?)", values)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
