"""Latency that the queue model predicts against what is measured with an open loop, and where the server saturates.

One instance of the tracker on a core of its own, asked from another one. Proportions of the kinds' demand are measured with one
request at a time; a short Poisson stream at 30 % fits what many at once cost, and for how long the writer is held. The model
is `services/cloud/queueing.py`, for a whole core. Probe and loads take turns, so that what else the machine does in a minute
meets both.
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
from services.cloud.errors import ProductError
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
FITTED_AT = 0.3
"""Utilisation of the open loop from which the model is fitted; latency is told at others."""
UTILISATIONS = (0.2, 0.4, 0.6)
SECONDS = 12.0
"""Of one stream."""
ROUNDS = 3
"""The mean latency of one stream is uncertain when the server is busy: waits hang together."""
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

    async def alone(self) -> dict[str, float]:
        """Processor milliseconds by kind, one request at a time."""
        found: dict[str, float] = {}
        for kind in SHARES:
            request = self.request(kind)
            used = [await self.sessions[0].send(request) / 1e6 for _ in range(ALONE + 5)]
            found[kind] = statistics.fmean(used[5:])
        return found

    async def open_loop(self, rate: float, seconds: float, luck: np.random.Generator) -> "Heard":
        """Ask so many requests a second in a Poisson stream, whatever became of those before."""
        kinds, shares = list(SHARES), np.array(list(SHARES.values())) / sum(SHARES.values())
        arrivals = np.cumsum(luck.exponential(1 / rate, int(rate * seconds)))
        wanted = luck.choice(len(kinds), len(arrivals), p=shares)
        free, waited, refused = list(self.sessions), list[tuple[bool, float]](), list[str]()
        limiter = anyio.Semaphore(len(free))
        used, begun = self.instance.cpu_ns(), time.perf_counter()

        async def ask(at: float, kind: str) -> None:
            async with limiter:
                session = free.pop()
                try:
                    await session.send(self.request(kind))
                except ProductError as error:  # beyond saturation some wait for the writer longer than they may
                    refused.append(str(error))
                    return
                finally:
                    free.append(session)
            waited.append((writes(kind), (time.perf_counter() - begun - at) * 1e3))

        async with anyio.create_task_group() as tasks:
            for at, kind in zip(arrivals.tolist(), wanted.tolist(), strict=True):
                pause = at - (time.perf_counter() - begun)
                if pause > 0:
                    await anyio.sleep(pause)
                tasks.start_soon(ask, at, kinds[kind])
        took = time.perf_counter() - begun
        return Heard(waited, took, (self.instance.cpu_ns() - used) / 1e6, refused)


@dataclass(frozen=True)
class Heard:
    """What came of an open loop."""

    waited: list[tuple[bool, float]]
    """Of each request whether it writes, and the milliseconds from its arrival to its answer."""
    took_s: float
    cpu_ms: float
    """Of the server, all in all."""
    refused: list[str]
    """What was said of each request that got no answer, or not the one that it should."""

    def __add__(self, other: "Heard") -> "Heard":
        return Heard(
            self.waited + other.waited,
            self.took_s + other.took_s,
            self.cpu_ms + other.cpu_ms,
            self.refused + other.refused,
        )

    @property
    def mean_ms(self) -> float:
        """Mean time to the answer."""
        return statistics.fmean(ms for _, ms in self.waited)

    def of(self, *, writing: bool) -> float:
        """The same of those that write, or of the others."""
        return statistics.fmean(ms for one, ms in self.waited if one is writing)

    @property
    def busy(self) -> float:
        """Utilisation of the core."""
        return self.cpu_ms / 1e3 / self.took_s


def writes(kind: str) -> bool:
    """Whether requests of a kind wait for the one writer."""
    return "write" in kind


def mean(demand: dict[str, float]) -> float:
    """Of the mix."""
    return sum(demand[kind] * share for kind, share in SHARES.items()) / sum(SHARES.values())


@dataclass(frozen=True)
class Model:
    """`services/cloud/queueing.py` with one core, and what a request costs."""

    cpu_ms: dict[str, float]
    writer_ms: float
    """For how long one that writes holds the writer."""
    way_ms: float
    """What an answer takes beside."""

    def latency(self, rate: float) -> dict[str, float]:
        """Milliseconds by kind at so many requests a second."""
        slower = DATABASE_SHARE[DATABASE]  # the model's database is so much slower than this one
        demand = {
            kind: KindDemand(cpu, self.writer_ms * slower if writes(kind) else 0.0) for kind, cpu in self.cpu_ms.items()
        }
        offered = {kind: round(rate * share / sum(SHARES.values()) * 3600) for kind, share in SHARES.items()}
        capacity = Capacity(instances=1, share=1.0, policy="round_robin", database=DATABASE)
        served = assess(offered, demand, {}, capacity, backlog_s=0.0, seconds=3600)
        return {kind: ms + self.way_ms for kind, ms in served.latency_ms.items()}

    def mean_ms(self, rate: float) -> float:
        """Of all requests."""
        return mean(self.latency(rate))

    def of(self, rate: float, *, writing: bool) -> float:
        """Of those that write, or of the others."""
        found = self.latency(rate)
        asked = {kind: share for kind, share in SHARES.items() if writes(kind) is writing}
        return sum(found[kind] * share for kind, share in asked.items()) / sum(asked.values())

    @property
    def most(self) -> float:
        """Requests a second at which one of the stations is full."""
        writing = mean({kind: self.writer_ms if writes(kind) else 0.0 for kind in SHARES})
        return 1e3 / max(mean(self.cpu_ms), writing)


def fitted(cpu_ms: dict[str, float], rate: float, heard: Heard) -> Model:
    """The model that tells what an open loop at a rate measured: processor time, and the latency of reads and of writes."""
    many = heard.cpu_ms / len(heard.waited) / mean(cpu_ms)
    cpu_ms = {kind: ms * many for kind, ms in cpu_ms.items()}
    way = max(0.0, heard.of(writing=False) - Model(cpu_ms, 0.0, 0.0).of(rate, writing=False))
    low, high = 0.0, 1e3 / rate * sum(SHARES.values()) / sum(share for kind, share in SHARES.items() if writes(kind))
    for _ in range(50):  # latency rises with the writer's time: halve the interval
        middle = (low + high) / 2
        if Model(cpu_ms, middle, way).of(rate, writing=True) < heard.of(writing=True):
            low = middle
        else:
            high = middle
    return Model(cpu_ms, low, way)


async def measure(server: Server) -> list[Row]:
    """Demand, a probe that fits the model, three other utilisations and saturation, in rounds."""
    plan = ProbePlan.model_validate(probe_plan(SCENARIO, Chance(1)))
    load = Load(Instance(server), plan)
    await load.log_in()
    cpu_ms = await load.alone()
    luck = np.random.Generator(np.random.PCG64(1))
    probed_at = 1000 * FITTED_AT / mean(cpu_ms)
    probe = await load.open_loop(probed_at, SECONDS, luck)
    first = fitted(cpu_ms, probed_at, probe)
    rates = [1000 * wished / mean(first.cpu_ms) for wished in UTILISATIONS]
    loads = [await load.open_loop(rate, SECONDS, luck) for rate in rates]
    full = await load.open_loop(3 * first.most, SECONDS / 3, luck)
    for _ in range(1, ROUNDS):
        probe += await load.open_loop(probed_at, SECONDS, luck)
        loads = [heard + await load.open_loop(rate, SECONDS, luck) for rate, heard in zip(rates, loads, strict=True)]
        full += await load.open_loop(3 * first.most, SECONDS / 3, luck)
    model = fitted(cpu_ms, probed_at, probe)
    rows = [
        Row("  ms of processor a request, one at a time", mean(cpu_ms), digits=2),
        Row("  the same in the probe's open loop", mean(model.cpu_ms), digits=2),
        Row("  ms that an answer takes beside, fitted", model.way_ms, digits=2),
        Row("  ms that one who writes holds the writer, fitted", model.writer_ms, digits=2),
    ]
    for wished, rate, heard in zip(UTILISATIONS, rates, loads, strict=True):
        name = f"% predicted beside measured latency at {wished:.0%} (busy {heard.busy:.0%}, {heard.mean_ms:.1f} ms)"
        rows.append(Row(name, (model.mean_ms(rate) / heard.mean_ms - 1) * 100, low=-25.0, high=25.0))
    below = [error for heard in (probe, *loads) for error in heard.refused]
    for error in below[:5]:
        print(f"refused: {error}")
    rows.append(Row("refused below saturation", len(below), high=0.0, digits=0))
    rows.append(Row("  beyond it", len(full.refused), digits=0))
    most = len(full.waited) / full.took_s
    rows.append(
        Row(
            f"% predicted beside measured saturation ({most:.0f} a second, busy {full.busy:.0%})",
            (model.most / most - 1) * 100,
            low=-15.0,
            high=15.0,
        )
    )
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
