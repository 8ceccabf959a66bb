"""How the whole population is served: offered load against rented capacity, through two stations. Pure.

Requests pass a processor-sharing station (the instances' CPU) and a serialised one (database writes): with CPU alone
such models were 1.6-2.9 times too optimistic above 60 % utilisation with a fifth of writes (MEASURED.md, 2.5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

DEFAULT_CPU_MS = 2.4
"""Reference CPU of a request of a kind that nobody measured: middle of 1.6-3.2 ms (MEASURED.md, 2.2; A)."""
PATIENCE_S = 10.0
"""Simulated seconds after which a person gives up on a page (bounce +90 % at 5 s; C)."""
FULLEST = 0.98
"""Utilisation at which the steady-state formulas stop; beyond it the fluid backlog tells the story."""
DATABASE_SHARE: dict[str, float] = {"basic": 1 / 10, "standard": 1 / 4}
"""Speed of the managed database's writer as a share of the reference core (2 and 5 times its list price's vCPU; C)."""
BASE_MEMORY_MB = 160
"""Resident memory of a fresh instance (an aiohttp and SQLAlchemy process of 60-160 MB; MEASURED.md, 2.4; B)."""
MIB = 1 << 20


@dataclass(frozen=True)
class KindDemand:
    """What one request of a kind costs the reference release, in milliseconds of the reference core."""

    cpu_ms: float = DEFAULT_CPU_MS
    write_ms: float = 0.0


@dataclass(frozen=True)
class Capacity:
    """What is rented and runs."""

    instances: float
    """Mean number of instances that served during the tick."""
    share: float
    """Each one's speed as a share of the reference core."""
    policy: Literal["least_connections", "round_robin", "sticky"]
    database: str


@dataclass(frozen=True)
class Served:
    """What came of a tick's load."""

    utilisation: float
    """Work of the instances over their capacity; above 1 it does not fit."""
    database: float
    """The same of the database's writer."""
    latency_ms: dict[str, float]
    timed_out: float
    """Share of the offered requests that gave up, 0 to 1."""
    backlog_s: float
    """Work carried into the next tick, in seconds of the reference core."""


def assess(
    offered: Mapping[str, int],
    demand: Mapping[str, KindDemand],
    ratio: Mapping[str, float],
    capacity: Capacity,
    *,
    backlog_s: float,
    seconds: float,
) -> Served:
    """Serve `offered` requests by kind in `seconds`, at `ratio` times the reference's demand."""
    total = sum(offered.values())
    if total == 0 and backlog_s == 0:
        return Served(0.0, 0.0, {}, 0.0, 0.0)
    if capacity.instances <= 0:
        return Served(1.0, 0.0, dict.fromkeys(sorted(offered), PATIENCE_S * 1000), 1.0, 0.0)
    costs = {kind: demand.get(kind, KindDemand()) for kind in sorted(offered)}
    cpu_ms = {kind: cost.cpu_ms * ratio.get(kind, 1.0) for kind, cost in costs.items()}
    work = sum(offered[kind] * cpu_ms[kind] for kind in costs) / 1000 + backlog_s
    room = capacity.instances * capacity.share * seconds
    writes = sum(offered[kind] * cost.write_ms for kind, cost in costs.items()) / 1000
    writer = DATABASE_SHARE[capacity.database]
    busy, write_busy = work / room, writes / (writer * seconds)
    latency = {
        kind: min(
            PATIENCE_S * 1000,
            _cpu_time(cpu_ms[kind] / capacity.share, busy, capacity)
            + _write_time(cost.write_ms / writer, write_busy, _mean_write(offered, costs) / writer),
        )
        for kind, cost in costs.items()
    }
    worst = max(busy, write_busy)
    timed_out = 1 - 1 / worst if worst > 1 else 0.0
    carried = min(max(0.0, work - room), PATIENCE_S * capacity.instances * capacity.share)
    slow = {kind: round(ms, 3) for kind, ms in latency.items()}
    return Served(round(busy, 6), round(write_busy, 6), slow, round(timed_out, 6), carried)


def _cpu_time(service_ms: float, busy: float, capacity: Capacity) -> float:
    """Mean time at the processor-sharing station: one shared queue, or one for each instance."""
    busy = min(busy, FULLEST)
    if capacity.policy == "least_connections":
        servers = max(1, round(capacity.instances))
        return service_ms * (1 + erlang_c(servers, busy) / (servers * (1 - busy)))
    return service_ms / (1 - busy)


def _write_time(own_ms: float, busy: float, mean_ms: float) -> float:
    """Mean time at the serialised station (M/M/1, first come first served) for a request that writes."""
    if own_ms == 0:
        return 0.0
    busy = min(busy, FULLEST)
    return own_ms + mean_ms * busy / (1 - busy)


def _mean_write(offered: Mapping[str, int], costs: Mapping[str, KindDemand]) -> float:
    writing = sum(offered[kind] for kind, cost in costs.items() if cost.write_ms > 0)
    return sum(offered[kind] * cost.write_ms for kind, cost in costs.items()) / writing if writing else 0.0


def erlang_c(servers: int, busy: float) -> float:
    """Probability that an arrival finds all servers taken (Erlang C), by the stable recursion of Erlang B."""
    load = busy * servers
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked / (1 - busy * (1 - blocked))


def memory_mb(requests: Mapping[str, float], leak_bytes: Mapping[str, int]) -> int:
    """Memory of an instance that has served these requests since it started, in MiB."""
    return BASE_MEMORY_MB + round(sum(count * leak_bytes.get(kind, 0) for kind, count in requests.items()) / MIB)
