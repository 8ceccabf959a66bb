"""What was measured of the variants of one request, and where it is kept."""

import hashlib
import sqlite3
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from concern.catalog.differing.walking import Sums

Used = Mapping[str, Sums]
"""By address."""

Of = tuple[int, int]
"""So many, of so many."""


class Crowd(BaseModel):
    """What came of one variant when requests met, each statement slowed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    apart: Of
    """Journeys of several companies at once: those that failed."""
    together: Of
    """Journeys of several people of one company at once: those that failed."""
    doubled: Of
    """Journeys in which everything was pressed twice: those that failed."""
    repeated: Of
    """Texts of those journeys: those that stand more often in what is stored than if everything had been pressed once."""
    lost: Of
    """Texts that the product took while another one was written in the same place: where one of the two is nowhere stored."""
    failed: int
    """Requests that were answered with a status of 500 and above, or not at all, in all this."""


class Found(BaseModel):
    """One variant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: Used
    """Counts (`counting.COUNTED`) of the journey as a company walks it for the first time."""
    later: Used
    """The same when it has walked it some times before."""
    cpu: tuple[Used, ...]
    """CPU in ns, a round for each company; rounds of all variants of a request go together, in turn."""
    later_cpu: tuple[Used, ...]
    before: Used
    """Counts of the journey's pages, opened of what the company had before, by numbered address."""
    closed: tuple[str, ...]
    """Such pages that could not be opened: too large, or no answer of 200."""
    before_cpu: tuple[Used, ...]
    crowd: Crowd


class FoundAll(BaseModel):
    """All variants of a request, by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    things: int
    """How many tasks, or invoices, the company had that walked; 0 if the journey needs a new one."""
    variants: Mapping[str, Found]


class KeptFindings:
    """By content, in a SQLite file."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._database.execute("CREATE TABLE IF NOT EXISTS found (key TEXT PRIMARY KEY, content BLOB NOT NULL)")

    def get(self, key: str) -> FoundAll | None:
        """What was measured before."""
        row = self._database.execute("SELECT content FROM found WHERE key = ?", (key,)).fetchone()
        return None if row is None else FoundAll.model_validate_json(row[0])

    def put(self, key: str, found: FoundAll) -> FoundAll:
        """Keep it."""
        values = (key, found.model_dump_json().encode())
        self._database.execute("INSERT OR REPLACE INTO found VALUES (?, ?)", values)
        return found

    def close(self) -> None:
        """Close the file."""
        self._database.close()


@cache
def method_digest() -> str:
    """Of how things are measured here."""
    files = [*Path(__file__).parent.glob("*.py"), *(Path(__file__).parents[1] / "children").glob("counter.py")]
    told = ("compare.py", "telling.py")
    return hashlib.sha256(b"".join(f.read_bytes() for f in sorted(files) if f.name not in told)).hexdigest()
