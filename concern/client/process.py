"""Starting a world's own process, and ending it so that nothing is left."""

import asyncio
import os
import shutil
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread

from bus.server import die_with_parent
from concern.client.order import Order, Started
from concern.supervisor import LOG

END_WITHIN_S = 15.0
"""Real seconds for a world to end by itself before it is killed."""


class NotStarted(Exception):
    """A world could not be built or hosted; the text says why."""


@dataclass
class WorldProcess:
    """One world's process tree, started by us."""

    root: Path
    process: asyncio.subprocess.Process

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        """End it at once, as a crash would: its broker and sandboxes die with it."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    async def ended(self) -> None:
        """Wait for its end; kill it if that does not come."""
        with anyio.move_on_after(END_WITHIN_S):
            await self.process.wait()
        self.kill()
        await self.process.wait()


async def start_world(order: Order, *, with_us: bool = False) -> WorldProcess:
    """Build and host a world; returns when it can be played. `NotStarted` if it cannot.

    The run's directory is made here, and removed again if nothing comes of it. `with_us`: it dies with this process,
    however that ends (on Linux).
    """
    path = order.write()
    with (order.root / LOG).open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "concern.client", path, start_new_session=True,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=log,
            preexec_fn=die_with_parent() if with_us else None,
        )  # fmt: skip
    world = WorldProcess(order.root, process)
    try:
        await _playable(world)
    except BaseException:  # the boundary to the world's process: it ends with our attempt
        with anyio.CancelScope(shield=True):
            world.kill()
            await process.wait()
            await remove(order.root)
        raise
    return world


async def remove(root: Path) -> None:
    """Remove a run's directory."""
    await anyio.to_thread.run_sync(shutil.rmtree, root)


async def _playable(world: WorldProcess) -> None:
    assert world.process.stdout is not None, "started with stdout=PIPE"
    line = await world.process.stdout.readline()
    if not line:
        told = (world.root / LOG).read_text(errors="replace")[-800:].strip()
        raise NotStarted(f"the world's process ended without a word; the end of its log: {told}")
    error = Started.model_validate_json(line).error
    if error is not None:
        raise NotStarted(error)
