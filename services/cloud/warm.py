"""The warm parent as seen from outside: asks it to fork, and finds out by the kernel's word what came of it."""

import contextlib
import json
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import anyio
import anyio.abc

from services.cloud.errors import ProductError
from services.cloud.warm_script import LINE_BYTES
from services.sandbox import processes
from services.sandbox.errors import SandboxError
from services.sandbox.sandbox import Sandbox, end, kill_all

LIBRARIES = (
    "aiohttp.web",
    "aiosqlite",
    "alembic.command",
    "argon2",
    "asyncio",
    "email.message",
    "html",
    "jinja2",
    "logging.config",
    "multipart",
    "orjson",
    "pydantic",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "sqlalchemy.ext.asyncio",
    "sqlalchemy.orm",
    "sqlite3",
    "structlog",
    "uvloop",
)
"""Third-party (and slow standard) modules loaded before the first fork; missing ones are skipped."""
START_SECONDS = 60.0
"""Generous cap in wall time on the warm parent's own start and on one fork."""
TOLD_SECONDS = 10.0
"""Generous cap in wall time on the warm parent's word of an exit status, after the kernel's of the end."""
SWEEPS = 20
"""Rounds against orphans that fork on; process limits end the growth long before."""


@dataclass(frozen=True)
class Job:
    """One process to fork. Paths are inside paths already resolved by `Sandbox.path`."""

    id: str
    cwd: str
    env: Mapping[str, str]
    log: str
    argv: Sequence[str] = ()
    entry: str | None = None
    """`module:function`, called in the fork instead of running `argv`."""
    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    gc_threshold: int = 0
    """New objects between collections of the youngest; 0 for Python's own number."""
    preload: str | None = None
    """Module of the release in `cwd` that is imported once; such processes are forked from where it is loaded."""


@dataclass
class Child:
    """A forked process."""

    id: str
    pid: int
    """On the host, found through /proc, not told by anybody inside."""
    parent: "WarmParent"
    _fd: int
    _code: int | None = None
    _told: anyio.Event = field(default_factory=anyio.Event)
    _gone: anyio.Event = field(default_factory=anyio.Event)
    _waiting: anyio.Lock = field(default_factory=anyio.Lock)

    async def gone(self) -> None:
        """Wait until the kernel says that it has ended."""
        if not self._gone.is_set():
            async with self._waiting:
                if not self._gone.is_set():
                    await anyio.wait_readable(self._fd)
                    self._gone.set()

    async def ended(self) -> int:
        """Wait for its end; its exit status if anybody told us, else -1."""
        await self.gone()
        with anyio.move_on_after(TOLD_SECONDS):
            await self._told.wait()
        return -1 if self._code is None else self._code

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return processes.alive(self.pid)

    def told(self, code: int | None) -> None:
        """The warm parent reports an exit status (it may lie, and only tells the operator), or never will."""
        self._code = code
        self._told.set()

    def close(self) -> None:
        """Free the descriptor."""
        os.close(self._fd)


@cache
def _script() -> str:
    return Path(__file__).with_name("warm_script.py").read_text()


class WarmParent:
    """One sandbox that holds the instances and jobs of one world. `serve` runs for as long as it lives."""

    def __init__(
        self, sandbox: Sandbox, libraries: Sequence[str] = LIBRARIES, *, folder: str = "", module: str = ""
    ) -> None:
        """`module` of a release in `folder` (a path inside) is loaded too, for one that forks only its processes."""
        self.sandbox = sandbox
        self._loads = [json.dumps(list(libraries)), folder, module]
        self._process: anyio.abc.Process | None = None
        self._control: anyio.abc.SocketStream | None = None
        self._ready = anyio.Event()
        self.gone = anyio.Event()
        """Set when it has died, and all that it held with it."""
        self._warm = 0
        self._waiting: dict[str, tuple[anyio.Event, list[int]]] = {}
        self._children: dict[int, Child] = {}
        self._nests: set[int] = set()
        """Host pids of the processes below the warm parent that hold a release, and fork in their turn."""

    @property
    def pid(self) -> int:
        """Host process at the top of the sandbox."""
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether forks can be asked of it. Before it is ready they would be taken for the parent itself."""
        return self._control is not None and self._ready.is_set()

    async def serve(self, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Start, report readiness, listen until it dies or we are cancelled; ends with everything below it dead."""
        ours, theirs = socket.socketpair()
        said = self.sandbox.spec.state / "warm-parent.log"
        with theirs, said.open("ab") as log:
            argv = [self.sandbox.python, "-I", "-c", _script(), *self._loads]
            self._process = await self.sandbox.start(argv, stdin=theirs.fileno(), stdout=log, stderr=log)
        try:
            async with await anyio.abc.SocketStream.from_socket(ours) as self._control:
                async with anyio.create_task_group() as group:
                    group.start_soon(self._listen, self._control, group.cancel_scope)
                    with anyio.move_on_after(START_SECONDS):
                        await self._ready.wait()
                    if self._ready.is_set():
                        task_status.started()
                    else:
                        group.cancel_scope.cancel()
        finally:
            self._control = None
            for told, _ in self._waiting.values():
                told.set()
            for child in self._children.values():
                child.told(None)
            await end(self._process)
            self.gone.set()
        if not self._ready.is_set():
            raise SandboxError(f"the warm parent did not start; it said: {said.read_text(errors='replace')[-500:]}")

    async def fork(self, job: Job) -> Child:
        """Start a process. ProductError("start") if the sandbox is dead or the process ended before it was found."""
        if self._control is None or not self.alive:
            raise ProductError("start", "the sandbox is down")
        told, answer = self._waiting[job.id] = (anyio.Event(), [])
        word: dict[str, Any] = {
            "id": job.id, "argv": list(job.argv), "entry": job.entry, "cwd": job.cwd, "env": dict(job.env),
            "log": job.log, "limits": dict(job.limits), "gc_threshold": job.gc_threshold, "preload": job.preload,
        }  # fmt: skip
        try:
            await self._control.send(json.dumps(word).encode() + b"\n")
            with anyio.move_on_after(START_SECONDS):
                await told.wait()
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            raise ProductError("start", "the sandbox went down") from None
        finally:
            del self._waiting[job.id]
        if not answer:
            raise ProductError("start", "the sandbox did not answer")
        child = self._found(job.id, answer[0])
        with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            await self._control.send(json.dumps({"seen": answer[0]}).encode() + b"\n")
        return child

    async def sweep(self) -> None:
        """Kill what ended processes left behind: their orphans are adopted by the warm parent."""
        for _ in range(SWEEPS):
            known = set(self.trees())
            strays = [pid for pid in self._forked() if pid not in known and processes.alive(pid)]
            if not strays:
                return
            for pid in strays:
                await kill_all(pid)

    def processes(self) -> list[int]:
        """Host pids of everything below the warm parent that has not ended, but for loaded releases."""
        found = [pid for pid in processes.descendants(self._warm) if processes.alive(pid)]
        return [pid for pid in found if pid not in self._nests]

    def trees(self) -> list[int]:
        """Host pids of what was forked and has not ended."""
        return [child.pid for child in self._children.values()]

    def _found(self, name: str, inner: int) -> Child:
        for pid in self._forked():
            if pid not in self.trees() and processes.inner_pid(pid) == inner:
                child = Child(name, pid, self, os.pidfd_open(pid))
                self._children[inner] = child
                return child
        raise ProductError("start", "the sandbox named a process that is not there")

    def _has_ended(self, inner: object) -> bool:
        """Whether a child of ours with this number inside is gone, by the kernel's word."""
        child = self._children.get(inner) if isinstance(inner, int) else None
        return child is not None and not child.alive

    def _forked(self) -> list[int]:
        """Children of the warm parent that hold no release, and children of those that do."""
        below = processes.children(self._warm)
        self._nests.intersection_update(below)
        nested = [pid for nest in sorted(self._nests) for pid in processes.children(nest)]
        return [pid for pid in below if pid not in self._nests] + nested

    def _deepest(self) -> int:
        pid = self.pid
        while below := processes.children(pid):
            pid = below[0]
        return pid

    async def _listen(self, control: anyio.abc.SocketStream, scope: anyio.CancelScope) -> None:
        pending = b""
        try:
            async for data in control:
                *lines, pending = (pending + data).split(b"\n")
                for line in lines:
                    self._hear(line)
                if len(pending) > LINE_BYTES:
                    break
        except anyio.BrokenResourceError:
            pass
        scope.cancel()

    def _hear(self, line: bytes) -> None:
        try:
            word: Any = json.loads(line)
            said, pid = word["said"], word.get("pid", 0)
        except (ValueError, TypeError, KeyError, AttributeError):
            return
        if said == "ready" and not self._ready.is_set():
            self._warm = self._deepest()
            self._ready.set()
        elif said == "nest" and self._ready.is_set():
            self._nests.update(each for each in processes.children(self._warm) if processes.inner_pid(each) == pid)
        elif said == "started" and word.get("id") in self._waiting and isinstance(pid, int):
            told, answer = self._waiting[word["id"]]
            answer.append(pid)
            told.set()
        elif said == "ended" and isinstance(word.get("code"), int) and self._has_ended(pid):
            self._children.pop(pid).told(word["code"])
