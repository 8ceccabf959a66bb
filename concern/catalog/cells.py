"""What a verification asks: rows of products, each with cells and what is right in them; and results kept by content."""

import hashlib
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from catalog.proofs import source_digest
from concern.catalog.trees import Recipe

CellKind = Literal["check", "acceptance", "tests", "fix", "start"]
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

    @property
    def title(self) -> str:
        return self.flavour or self.recipe.title

    def key(self, cell: Cell) -> str:
        """Under which a result is kept: equal content, equal outcome."""
        total = hashlib.sha256(f"{self.recipe.digest}/{self.flavour}/{cell.kind}/{cell.name}".encode())
        if cell.kind in FOLDERS:
            total.update(source_digest(self.recipe.product.name, FOLDERS[cell.kind], cell.name).encode())
        return total.hexdigest()


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

    @property
    def ok(self) -> bool:
        return self.outcome in self.cell.right


class KeptResults:
    """Results of earlier verifications by content, in a SQLite file."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._database.execute("CREATE TABLE IF NOT EXISTS cell (key TEXT PRIMARY KEY, outcome TEXT, evidence TEXT)")

    def get(self, row: Row, cell: Cell) -> Result | None:
        """What was found earlier, if it was right: what was wrong is looked at again."""
        query = "SELECT outcome, evidence FROM cell WHERE key = ?"
        found = self._database.execute(query, (row.key(cell),)).fetchone()
        result = None if found is None else Result(row.title, cell, found[0], found[1], kept=True)
        return result if result is not None and result.ok else None

    def put(self, row: Row, result: Result) -> None:
        """Keep a result."""
        values = (row.key(result.cell), result.outcome, result.evidence)
        self._database.execute("INSERT OR REPLACE INTO cell VALUES (?, ?, ?)", values)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
