"""What a benchmark found against its bound: printed, and kept for the table at the end of `make bench`."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

KEPT = Path.home() / ".cache" / "going-concern" / "bench"
"""A file for each benchmark: what it found when it ran last."""


@dataclass(frozen=True)
class Row:
    """One figure."""

    what: str
    found: float
    low: float | None = None
    """Bounds, met at their ends. A figure without any is only told."""
    high: float | None = None
    digits: int = 1

    @property
    def met(self) -> bool:
        """Whether it lies within its bounds."""
        return (self.low is None or self.found >= self.low) and (self.high is None or self.found <= self.high)

    @property
    def bound(self) -> str:
        """The bounds in words."""
        low, high = (None if one is None else f"{one:,.{self.digits}f}" for one in (self.low, self.high))
        if low is not None and high is not None:
            return f"{low} to {high}"
        return f">= {low}" if low is not None else f"<= {high}" if high is not None else ""

    def told(self) -> str:
        """As a line of a table."""
        bounded = self.low is not None or self.high is not None
        verdict = ("met" if self.met else "MISSED") if bounded else ""
        return f"{self.what:<66} {self.found:10,.{self.digits}f}  {self.bound:<16} {verdict}".rstrip()


def tell(name: str, rows: Sequence[Row]) -> int:
    """Print and keep what the benchmark of that name found; 0 if all bounds are met, else 1."""
    load = os.getloadavg()[0]
    print(f"\n{name} (load {load:.1f} on {os.cpu_count()} cores)")
    for row in rows:
        print(row.told())
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{name}.json").write_text(json.dumps({"load": load, "rows": [asdict(row) for row in rows]}, indent=1))
    return 0 if all(row.met for row in rows) else 1


def forget(names: Sequence[str]) -> None:
    """Drop what is kept of some benchmarks, so that one which fails is not told by what it found before."""
    for name in names:
        (KEPT / f"{name}.json").unlink(missing_ok=True)


def kept(name: str) -> tuple[float, list[Row]] | None:
    """The load and the rows of a benchmark's last run, if it ever ran."""
    file = KEPT / f"{name}.json"
    if not file.exists():
        return None
    found = json.loads(file.read_text())
    return found["load"], [Row(**row) for row in found["rows"]]
