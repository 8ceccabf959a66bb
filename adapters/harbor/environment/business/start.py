"""Runs the company of world.toml until its episode is over, as the account that owns it. Started by `entry`."""

import fcntl
import os
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import anyio

from bus.messages.cloud import Isolation
from concern.building import Wish
from concern.foreign import Door
from concern.running import RunRequest, run_world
from services.sandbox.containment import probe
from services.sandbox.errors import SandboxError
from services.sandbox.spec import Isolation as Level
from services.world.loading import load_scenario

RUN = Path("/world/run")
LOCK = Path("/world/lock")
"""Held for as long as the company runs, so that others can wait for its end without asking again and again."""
PORT = 8931


async def allowed(levels: Sequence[str]) -> Isolation:
    """The first of these levels of isolation that this container allows; `SystemExit` if it is none of them."""
    for level in levels:
        try:
            reached = await probe(Level(level))
        except SandboxError as error:
            sys.stderr.write(f"isolation {level}: {error}\n")
            continue
        if reached.level == level:
            return cast("Isolation", level)
    raise SystemExit("no isolation that the task accepts can be had in this container")


def main() -> int:
    os.umask(0o077)
    task = tomllib.loads(Path(__file__).with_name("world.toml").read_text())
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        level = anyio.run(allowed, task["isolation"])
        wish = Wish(load_scenario(task["scenario"]), task["seed"], task["operator"], level)
        return run_world(RunRequest(wish, RUN, screen=False, door=Door(PORT, token=task["token"])))


if __name__ == "__main__":
    sys.exit(main())
