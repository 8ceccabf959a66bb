"""What a simulated hour of a million people costs: against Mesa and polars, with its messages, in days a minute.

All in CPU time of one core, hours of ours and of the peers in turn, medians. The peers live through the main parts of
the same tick (`peers/`); ours is all of it, from `scenarios/million.toml`.
"""

import gc
import os
import resource
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from agents.users.constants import draw_tuning
from agents.users.growth import Standing
from agents.users.journeys import Outcome
from agents.users.market import Market
from agents.users.merge import LivedPart, Said, Whole
from agents.users.products import product_named
from agents.users.service import service
from benchmarks.bus import Wire, wire
from bus.chance import Chance
from bus.simtime import HOUR, SimTime
from services.world.loading import load_scenario

PEOPLE = 1_000_000
ROUNDS = 5
"""Hours of each in turn. Ours lives four for each of theirs, and begins at six in the morning."""
PEERS = Path(__file__).parent / "peers"
CACHE = Path.home() / ".cache" / "going-concern" / "peers"


@dataclass
class Ours:
    """A market of a thousand user agents, without a product: every executed session goes well."""

    shard: int = 0
    shards: int = 1
    tick: int = 6
    sessions: list[int] = field(default_factory=list[int])

    def __post_init__(self) -> None:
        scenario, chance = load_scenario("million"), Chance(1)
        self.market = Market(scenario, chance, product_named("tracker"), self.shard, self.shards)
        self.whole = Whole(draw_tuning(chance), self.market.journeys, Standing(scenario.users.customers))
        gc.freeze()  # as the service does
        self.people = len(self.market.population.people.customer)

    def hour(self) -> LivedPart:
        """One hour of everybody."""
        plan = self.market.open_tick(self.tick, SimTime(self.tick * HOUR))
        outcomes = [Outcome(one.account.customer, one.ordinal, one.journey.name, None) for one in plan.assignments]
        self.sessions.append(len(plan.sessions))
        self.tick += 1
        return self.market.close_tick(plan, outcomes)

    def said(self) -> list[Said]:
        """One hour, and all that the market says of it."""
        said = self.whole.put_together(self.tick, [self.hour()])
        self.market.learn(self.whole.moved, SimTime(self.tick * HOUR))
        return said


class Peer:
    """Another library's market in a process of its own."""

    def __init__(self, python: Path, script: str, people: int) -> None:
        environment = os.environ | {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
        argv = [str(python), str(PEERS / script), str(people)]
        self._process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self._line()

    def hour(self) -> float:
        """CPU seconds of one hour."""
        assert self._process.stdin is not None
        self._process.stdin.write("hour\n")
        self._process.stdin.flush()
        return float(self._line().split()[0])

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a peer died; its error stands above")
        return line


def peers_python() -> Path:
    """The interpreter of an environment with the peers; made if it is missing."""
    python = CACHE / "bin" / "python"
    done = CACHE / "ready"
    wanted = (PEERS / "requirements.txt").read_text()
    if not done.exists() or done.read_text() != wanted:
        print(f"installing the peers into {CACHE}")
        venv.create(CACHE, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]
        subprocess.run([*command, str(PEERS / "requirements.txt")], check=True)
        done.write_text(wanted)
    return python


def timed(act: Callable[[], object]) -> float:
    """CPU seconds of a call."""
    begun = time.process_time()
    act()
    return time.process_time() - begun


def against_peers() -> list[tuple[str, float, float, bool]]:
    """Hours of ours and theirs in turn."""
    python = peers_python()
    mesa, polars = (Peer(python, name, PEOPLE) for name in ("mesa_market.py", "polars_market.py"))
    ours = Ours()
    times: dict[str, list[float]] = {"ours": [], "mesa": [], "polars": []}
    for _ in range(ROUNDS):
        times["mesa"].append(mesa.hour())
        for _ in range(4):
            times["ours"].append(timed(ours.said))
            times["polars"].append(polars.hour())
    mesa.close()
    polars.close()
    own = statistics.median(times["ours"])
    print(f"\n{'engine':<10} {'ms an hour':>11} {'user-hours/s':>13}")
    for name, each in times.items():
        middle = statistics.median(each)
        people = ours.people if name == "ours" else PEOPLE
        print(f"{name:<10} {middle * 1e3:11,.1f} {people / middle:13,.0f}")
    found: list[tuple[str, float, float, bool]] = []
    for name, least in (("mesa", 40.0), ("polars", 4.0)):
        ratio = statistics.median(times[name]) / own * ours.people / PEOPLE
        found.append((f"user-hours a second against {name}", ratio, least, ratio >= least))
    return found


async def with_messages(bus: Wire, ours: Ours) -> list[tuple[str, float, float, bool]]:
    """What an hour and its messages cost the users' process, over a real broker."""
    times: list[float] = []
    for _ in range(24):
        begun = time.process_time()
        said = ours.said()
        await bus.ctx.say_all((one.event, one.cause) for one in said)
        await bus.ctx.transport.flush()
        times.append(time.process_time() - begun)
    cost = statistics.median(times) * 1e3
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        ("ms of CPU for an hour with its messages", cost, 60.0, cost <= 60),
        ("MiB of memory", memory, 1024.0, memory <= 1024),
    ]


def days_a_minute() -> list[tuple[str, float, float, bool]]:
    """Simulated days a minute without HTTP, two shards on two cores: CPU time of the slower one, whole days."""
    argv = [sys.executable, "-m", "benchmarks.population", "--shard"]
    shards = [
        subprocess.Popen([*argv, str(shard)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for shard in range(2)
    ]
    for each in shards:
        assert each.stdout is not None
        each.stdout.readline()
    days: list[float] = []
    for _ in range(3):
        for each in shards:
            assert each.stdin is not None
            each.stdin.write("day\n")
            each.stdin.flush()
        days.append(max(float(each.stdout.readline()) for each in shards if each.stdout is not None))
    for each in shards:
        each.terminate()
        each.wait()
    speed = 60 / statistics.median(days)
    return [("simulated days a minute without HTTP, two shards", speed, 150.0, speed >= 150)]


def live_as_shard(shard: int) -> int:
    """Live a day for each line on stdin; tell the CPU seconds of it."""
    ours = Ours(shard, 2)
    print("ready", flush=True)
    for _ in sys.stdin:
        begun = time.process_time()
        for _ in range(24):
            ours.hour()
        print(time.process_time() - begun, flush=True)
    return 0


async def messages() -> list[tuple[str, float, float, bool]]:
    """`with_messages` against a broker of its own."""
    async with wire(service) as bus:
        return await with_messages(bus, Ours())


def main(arguments: Sequence[str]) -> int:
    """Print the tables; 0 if all bounds are met."""
    if arguments:
        return live_as_shard(int(arguments[-1]))
    found = [*anyio.run(messages, backend_options={"use_uvloop": True}), *against_peers(), *days_a_minute()]
    print(f"\n{'what':<52} {'found':>9} {'bound':>9}")
    for what, value, bound, met in found:
        print(f"{what:<52} {value:9,.1f} {bound:9,.1f}  {'met' if met else 'MISSED'}")
    return 0 if all(met for *_, met in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
