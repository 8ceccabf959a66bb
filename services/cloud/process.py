"""The process driver: the product as processes in bubblewrap sandboxes, forked from a warm parent."""

import contextlib
import os
import signal
import stat
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import anyio
import anyio.abc
import structlog

from services.cloud import release as releases
from services.cloud.driver import Ended
from services.cloud.egress import Egress
from services.cloud.errors import ProductError
from services.cloud.guard import DISK_BYTES, folder_bytes, guard, written_bytes
from services.cloud.infra import App, Health
from services.cloud.layout import Layout, RunLock
from services.cloud.nursery import Nursery
from services.cloud.pickup import Taken, take
from services.cloud.reach import Pinned, check_health, listener_pid, pinned_when_listening
from services.cloud.warm import Child, Job, WarmParent
from services.sandbox import processes
from services.sandbox.clock import SimulatedClockFile
from services.sandbox.errors import SandboxError
from services.sandbox.sandbox import Sandbox, kill_all
from services.sandbox.spec import Bind, Isolation, Limits, SandboxSpec

READY_SECONDS = 60.0
"""Generous cap in wall time on an instance's start; what never listens fails its deploy."""
RUN_SECONDS = 600.0
"""Generous cap in wall time on a migration or job."""
SQL_SECONDS = 60.0
DATABASE = "app.db"


@dataclass
class ProcessInstance:
    """One instance: a forked process tree and its pinned socket."""

    id: str
    release: str
    child: Child
    socket: Pinned
    _remove: Callable[[Child], Awaitable[None]]

    @property
    def address(self) -> str:
        return self.socket.address

    @property
    def alive(self) -> bool:
        return self.child.alive

    async def ended(self) -> int:
        return await self.child.ended()

    async def stop(self, *, grace_s: float) -> None:
        processes.kill(self.child.pid, signal.SIGTERM)
        with anyio.move_on_after(grace_s):
            await self.child.gone()
        with anyio.CancelScope(shield=True):
            self.socket.close()
            await self._remove(self.child)

    def cpu_ns(self) -> int:
        return processes.tree_cpu_ns(self.child.pid)

    def rss_bytes(self) -> int:
        return processes.tree_rss_bytes(self.child.pid)

    def pin(self, processor: int) -> None:
        processes.pin_tree(self.child.pid, processor)


class ProcessDriver:
    """Runs one world's product. Made by `process_driver`; implements `services.cloud.driver.Driver`."""

    def __init__(self, layout: Layout, isolation: Isolation, start: datetime, secret: str, limits: Limits) -> None:
        layout.make()
        self.layout = layout
        self.clock = SimulatedClockFile(layout.clock, start)
        self._secret = secret
        self._secrets: Mapping[str, str] = {}
        places = [(layout.releases, "app", False), (layout.run, "run", True)]
        places += [(layout.data, "data", True), (layout.mail, "mail", True), (layout.log, "log", True)]
        places += [(layout.egress, "egress", True)]
        self.egress = Egress(layout.egress)
        self.egress.make()
        binds = tuple(Bind(source, f"/srv/{name}", writable) for source, name, writable in places)
        self._spec = SandboxSpec(
            state=layout.state, binds=binds, isolation=isolation, clock=layout.clock, limits=limits
        )
        self._git = Sandbox(replace(self._spec, binds=(Bind(layout.workspace, "/workspace"),), clock=None))
        self._product = Sandbox(self._spec)
        self._product.hand_over(layout.run, layout.data, layout.mail, layout.log, layout.egress)
        self._warm = WarmParent(self._product)
        self._nursery = Nursery(self._product)
        self._group: anyio.abc.TaskGroup | None = None
        self._restarted = anyio.Event()

    async def serve(self, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Keep a warm parent alive, a new one after each death; ready when the first one is."""
        log = structlog.get_logger().bind(service="cloud")
        async with anyio.create_task_group() as self._group:
            group = self._group
            await group.start(self._warm.serve)
            group.start_soon(guard, self.layout, self._trees)
            task_status.started()
            while True:
                await self._warm.gone.wait()
                log.warning("the sandbox died with all instances; starting it anew")
                self._warm = WarmParent(self._product)
                await group.start(self._warm.serve)
                self._restarted.set()
                self._restarted = anyio.Event()

    async def up(self) -> None:
        """Wait until processes can be started: at once, but after the sandbox's death."""
        while not self._warm.alive:
            await self._restarted.wait()

    async def resolve(self, ref: str) -> str:
        return await releases.resolve(self._git, ref)

    async def build(self, ref: str) -> releases.Release:
        built = await releases.build(self._git, ref, self.layout.releases)
        await self._compile(built)
        return built

    async def show(self, ref: str, path: str) -> bytes | None:
        return await releases.show(self._git, await releases.resolve(self._git, ref), path)

    async def start(self, name: str, release: str, app: App, health: Health, *, place: str = "") -> ProcessInstance:
        """As in the protocol; `place` is a folder below the data for an instance with data of its own."""
        if written_bytes(self.layout) > DISK_BYTES:
            raise ProductError("start", "the disk is full: delete data, or restore a backup")
        socket = self.layout.run / f"{name}.sock"
        await self.up()
        job = self._job(name, release, app, app.command or (), app.entry, place)
        child = await self._warm.fork(replace(job, preload=app.preload))
        pinned: Pinned | None = None
        try:
            pinned = await self._listening(child, socket)
            family = [child.pid, *processes.descendants(child.pid)]
            if listener_pid(pinned.address) not in family:
                raise ProductError("start", f"another process than {name} listens on its socket")
            await check_health(pinned.address, health.path)
        except BaseException as error:  # the boundary to the product's process: it ends with our attempt
            if pinned is not None:
                pinned.close()
            with anyio.CancelScope(shield=True):
                await self._remove(child)
            if isinstance(error, ProductError):
                raise ProductError(error.step, f"{error.detail}\n{self.log_tail(name, 2000)}") from error
            raise
        return ProcessInstance(name, release, child, pinned, self._remove)

    async def run(
        self, name: str, release: str, argv: Sequence[str], app: App, *, place: str = "", loaded: bool = False
    ) -> Ended:
        await self.up()
        job = self._job(name, release, app, argv, None, place)
        warm: WarmParent | None = None
        if loaded and self._group is not None:
            warm = await self._nursery.parent(self._group, job.cwd, argv)
        child = await (warm or self._warm).fork(job)
        code = -1
        try:
            with anyio.move_on_after(RUN_SECONDS):
                code = await child.ended()
        finally:
            with anyio.CancelScope(shield=True):
                await self._remove(child)
        return Ended(code, self.log_tail(name, 2000))

    async def sql(self, statement: str) -> str:
        script = _console()
        database = self._product.path(f"/srv/data/{DATABASE}")
        argv = [self._product.python, "-I", "-S", "-c", script, "sql", database]
        done = await self._product.run(argv, stdin=statement.encode(), timeout=SQL_SECONDS, output_cap=64 * 1024)
        if done.timed_out:
            return f"error: the statement did not end within {SQL_SECONDS:g} s and was stopped"
        return (done.stdout + done.stderr).decode("utf-8", "replace")

    async def copy_data(self, name: str) -> int:
        folder = self.layout.backups / name
        await self.copy_data_into(folder)
        return folder_bytes(str(folder))

    async def copy_data_into(self, folder: Path) -> None:
        """A consistent copy of the data in a new folder of ours."""
        folder.mkdir(parents=True)  # noqa: ASYNC240 (a system call of microseconds)
        await self._console_copy("copy", folder)

    async def restore_data(self, name: str) -> None:
        await self._console_copy("restore", self.layout.backups / name)

    def take_mail(self, most: int) -> Taken:
        return take(self.layout.mail, most)

    def data_bytes(self) -> int:
        return folder_bytes(str(self.layout.data), skip=("-wal", "-shm"))

    def log_tail(self, name: str, max_bytes: int) -> str:
        with contextlib.suppress(OSError):
            descriptor = os.open(self.layout.log / f"{name}.log", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with open(descriptor, "rb") as file:
                status = os.fstat(descriptor)
                if stat.S_ISREG(status.st_mode):
                    file.seek(max(0, status.st_size - max_bytes))
                    return file.read(max_bytes).decode("utf-8", "replace")
        return ""

    def set_clock(self, moment: datetime) -> None:
        self.clock.set(moment)

    def set_secrets(self, secrets: Mapping[str, str]) -> None:
        self._secrets = dict(secrets)

    def hand_over(self, folder: Path) -> None:
        """Give a folder below the data to the product."""
        self._product.hand_over(folder)

    def _job(self, name: str, release: str, app: App, argv: Sequence[str], entry: str | None, place: str) -> Job:
        inside = self._product.path
        data = inside(f"/srv/data/{place}".rstrip("/"))
        values = {
            "socket": inside(f"/srv/run/{name}.sock"),
            "database_url": f"sqlite+aiosqlite:///{data}/{DATABASE}",
            "data": data,
            # Nobody reads what an instance with data of its own sends: its folder goes with the data.
            "mail": f"{data}/mail" if place else inside("/srv/mail"),
            "secret": self._secret,
            "egress": inside("/srv/egress"),
        }
        folder = inside(f"/srv/app/{release}")
        env = {**self._secrets, **app.environment(values)}
        return Job(name, folder, env, inside(f"/srv/log/{name}.log"), tuple(argv), entry)

    def processes(self) -> list[int]:
        """Host pids of all that was started and has not ended, orphans too."""
        return [pid for parent in self._parents() for pid in parent.processes()]

    def _trees(self) -> list[int]:
        return [pid for parent in self._parents() for pid in parent.trees()]

    def _parents(self) -> list[WarmParent]:
        return [self._warm, self._nursery.warm] if self._nursery.warm else [self._warm]

    async def _listening(self, child: Child, socket: Path) -> Pinned:
        """The pinned socket, unless the process ends or the deadline passes first."""
        found: list[Pinned] = []

        async def watch(scope: anyio.CancelScope) -> None:
            await child.gone()
            scope.cancel()

        async with anyio.create_task_group() as group:
            group.start_soon(watch, group.cancel_scope)
            with anyio.move_on_after(READY_SECONDS):
                found.append(await pinned_when_listening(socket))
            group.cancel_scope.cancel()
        if found:
            return found[0]
        if not child.alive:
            raise ProductError("start", "the process ended before it listened on its socket")
        raise ProductError("start", f"nothing listened on the socket within {READY_SECONDS:g} s")

    async def _remove(self, child: Child) -> None:
        """Kill a process with all below it, and clear away what it left."""
        await kill_all(child.pid)
        await child.gone()
        child.close()
        await child.parent.sweep()
        (self.layout.run / f"{child.id}.sock").unlink(missing_ok=True)

    async def _compile(self, built: releases.Release) -> None:
        """Byte-compile the release inside a sandbox, so that not every start does it again. Runs none of its code."""
        spec = replace(self._spec, binds=(Bind(built.folder, "/srv/app", writable=True),), clock=None)
        sandbox = Sandbox(spec)
        sandbox.hand_over(built.folder)
        argv = [sandbox.python, "-I", "-S", "-m", "compileall", "-q", "-x", r"/\.", sandbox.path("/srv/app")]
        await sandbox.run(argv, timeout=RUN_SECONDS)

    async def _console_copy(self, verb: str, folder: Path) -> None:
        bind = Bind(folder, "/srv/backup", writable=True)
        sandbox = Sandbox(replace(self._spec, binds=(*self._spec.binds, bind), clock=None))
        sandbox.hand_over(folder)
        source, target = ("/srv/data", "/srv/backup") if verb == "copy" else ("/srv/backup", "/srv/data")
        places = [sandbox.path(source), sandbox.path(target)]
        argv = [sandbox.python, "-I", "-S", "-c", _console(), verb, *places]
        done = await sandbox.run(argv, timeout=RUN_SECONDS)
        if done.code != 0:
            raise SandboxError(
                f"the {verb} of the product's data failed: {done.stderr.decode(errors='replace')[-500:]}"
            )


@asynccontextmanager
async def process_driver(
    layout: Layout, isolation: Isolation, start: datetime, secret: str, limits: Limits | None = None
) -> AsyncGenerator[ProcessDriver]:
    """A driver with its warm parent up; everything it started is dead when the context ends.

    SandboxError when another one holds the folder, or the sandbox does not start.
    """
    lock = RunLock(layout.root)
    try:
        driver = ProcessDriver(layout, isolation, start, secret, limits or Limits())
        async with anyio.create_task_group() as group:
            await group.start(driver.serve)
            yield driver
            group.cancel_scope.cancel()
    finally:
        lock.release()


def _console() -> str:
    return Path(__file__).with_name("console_script.py").read_text()
