"""A tick of 1,000 user agents with 1,000 users each, and one columnar message an agent, over a real broker.

CPU time of the users' process: the population's hour, and its messages until the broker has confirmed that all are
stored. Its memory, too.
"""

import resource
import statistics
import sys
import time

import anyio

from agents.users.service import service as users
from benchmarks.bus import contexts
from benchmarks.market import Ours
from benchmarks.rows import Row, tell
from bus.service import Service

HOURS = 24


async def measure() -> list[Row]:
    """A day, hour by hour."""
    whole: list[float] = []
    bus: list[float] = []
    said = 0
    alone = Service(users.name, users.run, users.publishes, participant=False)
    async with contexts([alone]) as held:
        ctx = held[users.name]
        ours = Ours()
        for _ in range(HOURS):
            begun = time.process_time()
            words = ours.said()
            lived = time.process_time()
            await ctx.say_all((one.event, one.cause) for one in words)
            await ctx.transport.flush()
            ended = time.process_time()
            whole.append(ended - begun)
            bus.append(ended - lived)
            said += len(words)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Row("ms of CPU for a tick, its messages confirmed", statistics.median(whole) * 1e3, high=60.0),
        Row("ms of that for the bus", statistics.median(bus) * 1e3),
        Row("messages a tick", said / HOURS),
        Row("MiB of memory of the users' process", memory, high=1024.0),
    ]


if __name__ == "__main__":
    sys.exit(tell("messages", anyio.run(measure, backend_options={"use_uvloop": True})))
