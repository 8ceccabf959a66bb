"""A sandbox that runs programs: `run` for one that ends, `start` for one that stays."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import anyio
from anyio.abc import ByteReceiveStream, Process

from services.sandbox import processes
from services.sandbox.command import account, launch
from services.sandbox.interpreter import interpreter
from services.sandbox.spec import MIB, SandboxSpec
from services.sandbox.view import View

DRAIN_BYTES = 64 * MIB
"""A program that prints more than this is ended: reading and dropping its words costs us CPU."""
GONE_SECONDS = 30.0
"""Generous cap in wall time on the death of what was killed; a process in an uninterruptible call may outlast it."""


@dataclass(frozen=True)
class Completed:
    """How a program ended."""

    code: int
    """Exit status; negative for a signal."""
    stdout: bytes
    stderr: bytes
    timed_out: bool = False
    truncated: bool = False
    """Whether output beyond the cap was dropped."""


class Sandbox:
    """Programs of one spec. Each call makes a fresh sandbox over the same declared folders."""

    def __init__(self, spec: SandboxSpec) -> None:
        self.spec = spec
        self.view = View(spec, interpreter())

    def path(self, inside: str) -> str:
        """Where an inside path really is for the program (see `View.path`)."""
        return self.view.path(inside)

    @property
    def python(self) -> str:
        """The interpreter with the third-party packages, as a program inside calls it."""
        return self.path("/opt/venv/bin/python")

    def hand_over(self, *folders: Path) -> None:
        """Give folders and what is in them to the account that programs run as, if that is not ours."""
        owner = account(self.spec, self.view)
        if owner is None:
            return
        for folder in folders:
            os.chown(folder, *owner)
            for parent, names, files in os.walk(folder):
                for name in (*names, *files):
                    os.chown(os.path.join(parent, name), *owner, follow_symlinks=False)

    async def start(
        self,
        argv: Sequence[str],
        *,
        stdin: int | IO[bytes] | None = subprocess.DEVNULL,
        stdout: int | IO[bytes] | None = subprocess.PIPE,
        stderr: int | IO[bytes] | None = subprocess.PIPE,
    ) -> Process:
        """Start a program that stays; it dies with us. End it with `end(process)`."""
        return await anyio.open_process(
            launch(self.spec, self.view, argv),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env={},
            cwd="/",
            start_new_session=True,
        )

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        timeout: float = 60.0,  # noqa: ASYNC109 (ends the program, not this call)
        output_cap: int = 64 * 1024,
    ) -> Completed:
        """Run a program to its end. `timeout` in seconds of wall time; `output_cap` in bytes for each stream."""
        process = await self.start(argv, stdin=subprocess.PIPE)
        out, err = _Sink(output_cap), _Sink(output_cap)
        finished = False
        try:
            with anyio.move_on_after(timeout):
                async with anyio.create_task_group() as group:
                    group.start_soon(_feed, process, stdin)
                    group.start_soon(out.fill, process.stdout, process)
                    group.start_soon(err.fill, process.stderr, process)
                    await process.wait()
                finished = True
        finally:
            await end(process)
        assert process.returncode is not None
        truncated = out.truncated or err.truncated
        return Completed(process.returncode, bytes(out.kept), bytes(err.kept), not finished, truncated)


async def end(process: Process) -> None:
    """Kill a sandbox's whole tree and reap it; safe to call twice."""
    with anyio.CancelScope(shield=True):
        if process.returncode is None:
            await kill_all(process.pid)
        await process.wait()
        await process.aclose()


async def kill_all(pid: int) -> None:
    """Kill a process and all below it, and wait until the kernel says that they are gone."""
    descriptors: list[int] = []
    try:
        for each in [pid, *processes.descendants(pid)]:
            with contextlib.suppress(ProcessLookupError):
                descriptors.append(os.pidfd_open(each))
        processes.kill_tree(pid)
        with anyio.move_on_after(GONE_SECONDS):
            for descriptor in descriptors:
                await anyio.wait_readable(descriptor)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


async def _feed(process: Process, data: bytes) -> None:
    assert process.stdin is not None
    try:
        if data:
            await process.stdin.send(data)
        await process.stdin.aclose()
    except (anyio.BrokenResourceError, anyio.ClosedResourceError):
        return


class _Sink:
    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.kept = bytearray()
        self.seen = 0

    @property
    def truncated(self) -> bool:
        return self.seen > self.cap

    async def fill(self, stream: ByteReceiveStream | None, process: Process) -> None:
        assert stream is not None
        try:
            async for chunk in stream:
                self.kept += chunk[: max(0, self.cap - len(self.kept))]
                self.seen += len(chunk)
                if self.seen > self.cap + DRAIN_BYTES:
                    processes.kill(process.pid, signal.SIGKILL)
        except anyio.BrokenResourceError:
            return
