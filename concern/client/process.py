"""Starting a world's own process, and ending it so that nothing is left."""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import anyio
import anyio.to_thread

from concern.client import removal
from concern.client.hatchery import HatcheryLost, hatchery
from concern.client.order import Order, Started
from concern.supervisor import LOG

END_WITHIN_S = 15.0
"""Real seconds for a world to end by itself before it is killed."""


class NotStarted(Exception):
    """A world could not be built or hosted; the text says why."""


class Process(Protocol):
    """What we need of a process."""

    @property
    def pid(self) -> int: ...

    async def wait(self) -> object:
        """Return when it has ended."""
        ...


@dataclass
class WorldProcess:
    """One world's process tree, started by us."""

    root: Path
    process: Process

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        """End it at once, as a crash would: its broker and sandboxes die with it."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def taken(self) -> None:
        """A spare world belongs to somebody from now on: it may go on without this process."""
        hatchery.taken(self.root)

    async def ended(self) -> None:
        """Wait for its end; kill it if that does not come."""
        with anyio.move_on_after(END_WITHIN_S):
            await self.process.wait()
        self.kill()
        await self.process.wait()


async def start_world(order: Order, *, with_us: bool = False, spare: bool = False) -> WorldProcess:
    """Build and host a world; returns when it can be played. `NotStarted` if it cannot.

    The run's directory is made here, and removed again if nothing comes of it. `with_us`: it dies with this process,
    however that ends (on Linux). `spare`: until it is `taken`, it ends and leaves nothing when this process ends.
    """
    if spare:
        try:
            await hatchery.expect(order.root)
        except HatcheryLost as error:
            raise NotStarted(str(error)) from error
    path = order.write()
    try:
        with (order.root / LOG).open("ab") as log:
            hatched = await hatchery.hatch(path, log.fileno(), with_us=with_us, spare=spare)
        world = WorldProcess(order.root, hatched)
        try:
            await _playable(world, await hatched.first_line())
        except BaseException:  # the boundary to the world's process: it ends with our attempt
            with anyio.CancelScope(shield=True):
                world.kill()
                await hatched.wait()
            raise
    except HatcheryLost as error:
        await remove(order.root)
        raise NotStarted(str(error)) from error
    except BaseException:  # the same
        with anyio.CancelScope(shield=True):
            await remove(order.root)
        raise
    return world


async def remove(root: Path) -> None:
    """Remove a run's directory, when what was killed in it is dead. `OSError` if something still writes there."""
    await anyio.to_thread.run_sync(removal.remove, root)


async def _playable(world: WorldProcess, line: bytes) -> None:
    if not line:
        told = await anyio.Path(world.root / LOG).read_text(errors="replace")
        raise NotStarted(f"the world's process ended without a word; the end of its log: {told[-800:].strip()}")
    error = Started.model_validate_json(line).error
    if error is not None:
        raise NotStarted(error)
