"""What a simulated hour of a million people costs, against Mesa and polars.

In CPU time of one core, hours of ours and of the peers in turn, medians. The peers live through the main parts of the
same tick (`peers/`); ours is all of it, from `scenarios/million.toml`.
"""

import statistics
import sys
import time
from collections.abc import Callable

from benchmarks.market import Ours
from benchmarks.private import PEERS, Peer, peers_python
from benchmarks.rows import Row, tell

PEOPLE = 1_000_000
ROUNDS = 5
"""Hours of each in turn. Ours lives four for each of theirs, and begins at six in the morning."""
LEAST = {"mesa": 40.0, "polars": 4.0}


def timed(act: Callable[[], object]) -> float:
    """CPU seconds of a call."""
    begun = time.process_time()
    act()
    return time.process_time() - begun


def main() -> int:
    """Live hours of ours and theirs in turn; 0 if the bounds are met."""
    python = peers_python()
    peers = {name: Peer([str(python), str(PEERS / f"{name}_market.py"), str(PEOPLE)]) for name in LEAST}
    ours = Ours()
    times: dict[str, list[float]] = {"ours": [], **{name: [] for name in LEAST}}
    for _ in range(ROUNDS):
        times["mesa"].append(peers["mesa"].ask("hour")[0])
        for _ in range(4):
            times["ours"].append(timed(ours.hour))
            times["polars"].append(peers["polars"].ask("hour")[0])
    for each in peers.values():
        each.close()
    middle = {name: statistics.median(each) for name, each in times.items()}
    rate = {name: (ours.people if name == "ours" else PEOPLE) / each for name, each in middle.items()}
    rows = [Row(f"ms of CPU an hour: {name}", each * 1e3) for name, each in middle.items()]
    for name, least in LEAST.items():
        rows.append(Row(f"user-hours a second on one core against {name}", rate["ours"] / rate[name], least))
    return tell("population", rows)


if __name__ == "__main__":
    sys.exit(main())
