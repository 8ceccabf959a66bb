"""What a release costs to serve, as ratios to a pinned reference release: the plan, the grid and the cache.

Raw CPU milliseconds are too noisy to be money (1.7-2.8 times under noisy neighbours); the ratio of pairs measured turn
by turn is not (6-9 %; MEASURED.md, 2.2). What is left of the noise falls between the steps of a coarse grid, and a
result is kept by content, so that a rerun reads it instead of measuring again.
"""

import hashlib
import math
import sqlite3
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

import orjson

from bus.messages.base import Part
from bus.messages.cloud import DemandProfiled
from services.cloud.fleet import Software
from services.cloud.queueing import KindDemand

GRID = 2**0.5
NEAR_ONE = (0.75, 1.35)
"""Ratios in here count as 1: the noise of a paired measurement was 1.06-1.09, once 1.38 (MEASURED.md, 2.2)."""
LEAK_FLOOR = 2048
"""Bytes a request below which memory growth is the allocator's noise."""


class ProbeRequest(Part):
    """One request of a probe session. Texts may hold `{name}` of what was captured before, and `{n}`, a counter."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: str
    form: dict[str, str] | None = None
    json_body: str | None = None
    """JSON text, in which only `{{name}}` is replaced."""
    headers: dict[str, str] = {}
    capture: dict[str, str] = {}
    """By name, a regular expression whose first group is taken from the answer's body."""


class ProbeKind(Part):
    """One kind of work: its canonical demand on the reference, and the request that measures it."""

    kind: str
    cpu_ms: float
    write_ms: float = 0.0
    request: ProbeRequest


class ProbePlan(Part):
    """What to measure. `<world>/cloud/probe.json`, written by whoever makes the world; kept from the operator."""

    login: tuple[ProbeRequest, ...] = ()
    kinds: tuple[ProbeKind, ...] = ()
    warm_up: int = 2
    pairs: int = 8
    """Pairs of answers to one request at least: more are asked for as long as the result is not clear."""
    most_pairs: int = 64
    leak_requests: int = 240
    """To each side, over all kinds together; half as many more go before."""
    cache: str | None = None
    """Path of a cache shared between worlds; by default the world's own."""

    def demand(self) -> dict[str, KindDemand]:
        """The canonical demand of each kind."""
        return {kind.kind: KindDemand(kind.cpu_ms, kind.write_ms) for kind in self.kinds}

    def digest(self) -> str:
        """What the plan is, but for where it is cached."""
        return hashlib.sha256(orjson.dumps(self.model_dump(exclude={"cache"}))).hexdigest()


class Profiler(Protocol):
    """Finds out what a release costs."""

    async def profile(self, software: Software) -> DemandProfiled:
        """Ratios by kind of work, quantised."""
        ...


class UnmeasuredProfiler:
    """For worlds without a probe plan: every release costs what the reference does."""

    async def profile(self, software: Software) -> DemandProfiled:
        return DemandProfiled(release=software.release, ratio={}, leak_bytes={}, cached=False)


def ratios(candidate_ns: Sequence[int], reference_ns: Sequence[int]) -> list[float]:
    """The ratio of each pair in which both sides could be measured."""
    return [one / other for one, other in zip(candidate_ns, reference_ns, strict=True) if one > 0 and other > 0]


def ratio(pairs: Sequence[float]) -> float:
    """Median of pair ratios, on the grid; 1 where nothing could be measured."""
    return quantised(statistics.median(pairs)) if pairs else 1.0


def is_clear(pairs: Sequence[float]) -> bool:
    """Whether more pairs would hardly change the step of the grid: the median's interval lies within one.

    The interval is the order statistics' (distribution-free, about 95 %): noise among neighbours is anything but
    normal.
    """
    if not pairs:
        return True
    rank = math.floor((len(pairs) - 1.96 * math.sqrt(len(pairs))) / 2)
    ordered = sorted(pairs)
    low, high = ordered[max(rank, 0)], ordered[-1 - max(rank, 0)]
    return quantised(low) == quantised(high)


def quantised(value: float) -> float:
    """The nearest step of the grid (powers of sqrt 2), with everything near one being one."""
    if NEAR_ONE[0] <= value <= NEAR_ONE[1]:
        return 1.0
    return round(GRID ** round(math.log(value, GRID)), 6)


def leak(grown_bytes: Sequence[int], requests: int) -> int:
    """Memory that one request leaves behind, on a grid of powers of two, from the growth in windows of `requests`.

    0 where one of the windows stayed below the floor: a leak does not pause.
    """
    each = [grown / requests for grown in grown_bytes]
    return 0 if min(each) < LEAK_FLOOR else 2 ** round(math.log2(statistics.mean(each)))


def size_bucket(data_bytes: int) -> int:
    """Data sizes that share a measurement: powers of four mebibytes."""
    return round(math.log(max(1.0, data_bytes / (1 << 20)), 4))


class DemandCache:
    """Measured profiles by content, in a SQLite file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._database.execute("CREATE TABLE IF NOT EXISTS profile (key TEXT PRIMARY KEY, content BLOB NOT NULL)")

    def get(self, key: str) -> DemandProfiled | None:
        """A profile measured before."""
        row = self._database.execute("SELECT content FROM profile WHERE key = ?", (key,)).fetchone()
        return None if row is None else DemandProfiled.model_validate_json(row[0]).model_copy(update={"cached": True})

    def put(self, key: str, profile: DemandProfiled) -> DemandProfiled:
        """Keep a profile; the first one measured wins, and is returned."""
        content = profile.model_dump_json().encode()
        self._database.execute("INSERT OR IGNORE INTO profile VALUES (?, ?)", (key, content))
        kept = self._database.execute("SELECT content FROM profile WHERE key = ?", (key,)).fetchone()
        return DemandProfiled.model_validate_json(kept[0])

    def close(self) -> None:
        """Close the file."""
        self._database.close()
