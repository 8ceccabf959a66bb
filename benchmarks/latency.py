"""Latency that the queue model predicts against what is measured with an open loop, and where the server saturates.

One instance of the tracker on a core of its own, asked from another one. Demand by kind of work is measured with one request at
a time: processor time of the server, and for writes the time that the database takes beside it. Then requests come in a
Poisson stream, whatever became of those before. The model is `services/cloud/queueing.py`, for a whole core.
"""

import os
import statistics
import sys
import time
from dataclasses import dataclass, field

import anyio
import numpy as np

from agents.users.history import probe_plan
from benchmarks.product import Server, serving
from benchmarks.rows import Row, tell
from bus.chance import Chance
from services.cloud.demand import ProbePlan, ProbeRequest
from services.cloud.probing import Session
from services.cloud.queueing import DATABASE_SHARE, Capacity, KindDemand, assess
from services.sandbox.processes import tree_cpu_ns
from services.world.loading import load_scenario

SCENARIO = load_scenario("short")
SHARES = {
    "page": 2,
    "list": 4,
    "task": 4,
    "form": 1,
    "write": 2,
    "search": 1,
    "feed": 1,
    "api_list": 1,
    "api_read": 2,
    "api_write": 2,
}
"""Of a hundred requests and so on: a fifth writes."""
UTILISATIONS = (0.2, 0.4, 0.6)
SECONDS = 12.0
SESSIONS = 16
"""Logged in by one person, who may have 20 API tokens; more than these are never needed below saturation."""
ALONE = 40
"""Requests of each kind, one at a time."""
DATABASE = "standard"


@dataclass
class Instance:
    """The server as the probe's sessions know it."""

    server: Server
    id: str = "bench"

    @property
    def address(self) -> str:
        """Its socket."""
        return str(self.server.socket)

    def cpu_ns(self) -> int:
        """Processor time so far."""
        return tree_cpu_ns(self.server.pid)


@dataclass
class Load:
    """Sessions that are logged in, and what they ask."""

    instance: Instance
    plan: ProbePlan
    sessions: list[Session] = field(default_factory=list[Session])

    async def log_in(self) -> None:
        """All of them, one after the other."""
        for number in range(SESSIONS):
            one = Session(self.instance)  # pyright: ignore[reportArgumentType] (what a session asks of an instance)
            for request in self.plan.login:
                named = {
                    name: f"{text} {number}" if name == "name" else text for name, text in (request.form or {}).items()
                }
                await one.send(request.model_copy(update={"form": named}) if named else request)
            self.sessions.append(one)

    def request(self, kind: str) -> ProbeRequest:
        """What measures that kind."""
        return next(one.request for one in self.plan.kinds if one.kind == kind)

    async def alone(self) -> tuple[dict[str, KindDemand], float]:
        """Demand by kind, one request at a time, and the milliseconds that an answer takes beside the processor's."""
        cpu: dict[str, float] = {}
        beside: dict[str, float] = {}
        for kind in SHARES:
            request, found = self.request(kind), list[tuple[float, float]]()
            for number in range(ALONE + 5):
                begun = time.perf_counter()
                used = await self.sessions[0].send(request) / 1e6
                if number >= 5:
                    found.append((used, (time.perf_counter() - begun) * 1e3 - used))
            cpu[kind] = statistics.fmean(one for one, _ in found)
            beside[kind] = statistics.median(one for _, one in found)
        way = statistics.median(each for kind, each in beside.items() if "write" not in kind)
        share = DATABASE_SHARE[DATABASE]  # the model's database is so much slower than this one
        writes = {kind: max(0.0, each - way) * share if "write" in kind else 0.0 for kind, each in beside.items()}
        return {kind: KindDemand(cpu[kind], writes[kind]) for kind in SHARES}, way

    async def open_loop(self, rate: float, seconds: float, luck: np.random.Generator) -> tuple[float, int]:
        """Mean milliseconds from arrival to answer, and how many there were."""
        kinds, shares = list(SHARES), np.array(list(SHARES.values())) / sum(SHARES.values())
        arrivals = np.cumsum(luck.exponential(1 / rate, int(rate * seconds)))
        wanted = luck.choice(len(kinds), len(arrivals), p=shares)
        free, waited = list(self.sessions), list[float]()
        limiter = anyio.Semaphore(len(free))
        begun = time.perf_counter()

        async def ask(at: float, kind: str) -> None:
            async with limiter:
                session = free.pop()
                await session.send(self.request(kind))
                free.append(session)
            waited.append(time.perf_counter() - begun - at)

        async with anyio.create_task_group() as tasks:
            for at, kind in zip(arrivals.tolist(), wanted.tolist(), strict=True):
                pause = at - (time.perf_counter() - begun)
                if pause > 0:
                    await anyio.sleep(pause)
                tasks.start_soon(ask, at, kinds[kind])
        return statistics.fmean(waited) * 1e3, len(waited)


def predicted(demand: dict[str, KindDemand], rate: float, way: float) -> tuple[float, float]:
    """Mean milliseconds of the mix at a rate, and the utilisation."""
    offered = {kind: round(rate * share / sum(SHARES.values()) * 3600) for kind, share in SHARES.items()}
    capacity = Capacity(instances=1, share=1.0, policy="round_robin", database=DATABASE)
    served = assess(offered, demand, {}, capacity, backlog_s=0.0, seconds=3600)
    total = sum(offered.values())
    return way + sum(served.latency_ms[kind] * count for kind, count in offered.items()) / total, served.utilisation


async def measure(server: Server) -> list[Row]:
    """Demand, three utilisations, and saturation."""
    plan = ProbePlan.model_validate(probe_plan(SCENARIO, Chance(1)))
    load = Load(Instance(server), plan)
    await load.log_in()
    demand, way = await load.alone()
    mean = sum(demand[kind].cpu_ms * share for kind, share in SHARES.items()) / sum(SHARES.values())
    luck = np.random.Generator(np.random.PCG64(1))
    rows = [Row("  ms of processor a request, one at a time", mean, digits=2)]
    for wished in UTILISATIONS:
        rate = 1000 * wished / mean
        before, begun = load.instance.cpu_ns(), time.perf_counter()
        measured, _ = await load.open_loop(rate, SECONDS, luck)
        busy = (load.instance.cpu_ns() - before) / 1e9 / (time.perf_counter() - begun)
        told, _ = predicted(demand, rate, way)
        name = f"% predicted beside measured latency at {wished:.0%} (busy {busy:.0%}, {measured:.1f} ms)"
        rows.append(Row(name, (told / measured - 1) * 100, low=-25.0, high=25.0))
    begun = time.perf_counter()
    _, count = await load.open_loop(3000 / mean, SECONDS / 3, luck)
    most = count / (time.perf_counter() - begun)
    rows.append(Row("% predicted beside measured saturation", (1000 / mean / most - 1) * 100, low=-15.0, high=15.0))
    return rows


def main() -> int:
    """0 if the bounds are met."""
    cores = sorted(os.sched_getaffinity(0))
    with serving(SCENARIO, Chance(1)) as (server,):
        for task in os.listdir(f"/proc/{server.pid}/task"):
            os.sched_setaffinity(int(task), {cores[0]})
        os.sched_setaffinity(0, set(cores[1:]) or {cores[0]})
        return tell("latency", anyio.run(measure, server))


if __name__ == "__main__":
    sys.exit(main())
