"""What the agent left undone: time passes without it until the episode is over and the run's record is whole.

If the company is gone, there is nothing to wait for: the verifier finds a record that is cut short, and gives no reward.
"""

import fcntl
import subprocess
import sys
from pathlib import Path

import anyio
from start import LOCK, RUN

from bus.context import Context, EpisodeOver
from bus.host import HostingError, host, log_to
from bus.messages.base import Refused
from bus.messages.gateway import CallTool
from bus.transport.protocol import BusError
from services.gateway.mcp.service import foreign_operator

LONG = {"hours": 24 * 365}
DEADLINE_S = 3000.0


async def wait(ctx: Context, **_: object) -> None:
    """By the tool that the agent has, too."""
    try:
        while True:
            answer = await ctx.ask(CallTool(tool="wait", arguments=LONG), deadline_s=DEADLINE_S)
            if isinstance(answer, Refused) and answer.code == "episode_over":
                return
    except EpisodeOver:
        return


async def let_time_pass() -> None:
    """Until the episode is over; a world that is not there any more needs no time."""
    try:
        await host(foreign_operator(wait), RUN, RUN / "credentials" / "operator.json")
    except (BusError, HostingError) as error:
        sys.stderr.write(f"the company does not answer: {error}\n")


def ended() -> None:
    """Wait for the end of the company's process, which holds the lock while it lives."""
    with LOCK.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


def main() -> None:
    """Time passes in a process of its own, which may not know that the world is gone: the lock does."""
    passing = subprocess.Popen([sys.executable, __file__, "pass"])
    ended()
    passing.kill()
    passing.wait()


if __name__ == "__main__":
    if sys.argv[1:] == ["pass"]:
        log_to(Path("/world/finish.jsonl"))
        anyio.run(let_time_pass)
    else:
        main()
