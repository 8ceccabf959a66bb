"""Where worlds come from: one process beside ours that has everything loaded and forks them (`concern.client.hatching`)."""

import asyncio
import atexit
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Lock

import anyio
import anyio.to_thread

from concern.client.hatching import COMES, TAKEN, Egg

END_WITHIN_S = 15.0
"""Real seconds for the hatchery to remove spare worlds when we end."""


class HatcheryLost(Exception):
    """The hatchery ended instead of forking a world; its last words are on standard error."""


class Hatched:
    """A forked world's process, as we see it: not our child, so the kernel tells us of its end by a descriptor."""

    def __init__(self, pid: int, process: int, output: int) -> None:
        self.pid = pid
        self._output = output
        self._end = asyncio.create_task(_ended(process), name=f"awaits the end of {pid}")

    async def wait(self) -> None:
        """Return when it has ended."""
        await asyncio.shield(self._end)

    async def first_line(self) -> bytes:
        """What it says on standard output, until the end of a line or of its life. To be called once."""
        said = b""
        try:
            while not said.endswith(b"\n"):
                await anyio.wait_readable(self._output)
                if not (more := os.read(self._output, 1 << 16)):
                    break
                said += more
        finally:
            os.close(self._output)
        return said


class Hatchery:
    """The process, started with the first world that is asked for, and again if it is gone. It ends with us."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0
        self._alone = Lock()

    async def hatch(self, order: Path, log: int, *, with_us: bool, spare: bool = False) -> Hatched:
        """Fork a world whose standard error goes to `log`. `HatcheryLost` if there is no hatchery to be had.

        `spare`: unless it is `taken` meanwhile, it ends with the hatchery, and its order's directory with it.
        """
        egg = Egg(order=order, folder=Path.cwd(), environment=dict(os.environ), with_us=with_us, spare=spare)
        output, theirs = os.pipe()
        # a thread goes on when whoever waits for it is cancelled: what it asked for must be known, and its descriptors open
        asking = asyncio.create_task(anyio.to_thread.run_sync(self._ask, egg, (log, theirs)))
        try:
            pid, process = await asyncio.shield(asking)
        except BaseException:  # the boundary to the hatchery: nobody will read what a world says that was not given us
            with anyio.CancelScope(shield=True), suppress(HatcheryLost):
                await _end_unwanted((await asking)[1])
            os.close(output)
            raise
        finally:
            os.close(theirs)
        return Hatched(pid, process, output)

    async def expect(self, root: Path) -> None:
        """A spare world's directory is about to be made: it must not stay if we end before the world is forked."""
        await anyio.to_thread.run_sync(self._expect, root)

    def taken(self, root: Path) -> None:
        """The spare world of a directory has an owner from now on. Needs no answer, so it waits for nobody."""
        if self._control is not None and self._owner == os.getpid():
            with suppress(OSError):  # it is gone, and so nothing of it can end the world
                self._control.send(TAKEN + os.fsencode(root))

    def _expect(self, root: Path) -> None:
        with self._alone:
            try:
                self._running().send(COMES + os.fsencode(root))
            except OSError as error:
                raise HatcheryLost(f"the process that forks worlds does not listen: {error}") from error

    def _ask(self, egg: Egg, descriptors: tuple[int, int]) -> tuple[int, int]:
        """A new world's pid and a descriptor of its process. Blocks: for a second if it is the first."""
        with self._alone:
            control = self._running()
            try:
                socket.send_fds(control, [egg.model_dump_json().encode()], descriptors)
                told, processes, _, _ = socket.recv_fds(control, 64, 1, socket.MSG_CMSG_CLOEXEC)
            except OSError as error:
                raise HatcheryLost(f"the process that forks worlds does not answer: {error}") from error
        if not told:
            raise HatcheryLost("the process that forks worlds ended without a word")
        return int(told), processes[0]

    def _running(self) -> socket.socket:
        """The line to the hatchery of this very process: a fork of ours must not speak on it."""
        alive = self._process is not None and self._process.poll() is None
        if self._control is None or not alive or self._owner != os.getpid():
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            argv = [sys.executable, "-m", "concern.client"]
            with theirs:
                self._process = subprocess.Popen(
                    argv, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, start_new_session=True
                )
            self._owner = os.getpid()
            atexit.register(_end, self._process, self._control, self._owner)
        return self._control


async def _ended(process: int) -> None:
    """Return when a process has ended, and close its descriptor."""
    try:
        await anyio.wait_readable(process)
    finally:
        os.close(process)


async def _end_unwanted(process: int) -> None:
    """End a world that was forked for somebody who does not want it any more."""
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(process, signal.SIGKILL)
    await _ended(process)


def _end(process: subprocess.Popen[bytes], control: socket.socket, owner: int) -> None:
    if owner != os.getpid():
        return
    with suppress(OSError):
        control.shutdown(socket.SHUT_RDWR)  # in whatever processes of ours it is open, too
    try:
        process.wait(END_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


hatchery = Hatchery()
"""Of this process."""
