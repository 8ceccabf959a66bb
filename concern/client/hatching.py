"""The hatchery: a process that has loaded all that a world needs, and forks one for each order.

Loading takes a second of a processor, as much as anything else in a world's beginning. It speaks over its standard
input, a socket: for each message (an `Egg`, with the log and the world's standard output) it answers with the world's
pid and a descriptor of its process. A message without descriptors names the directory of a spare world: to come (`COMES`),
or taken by somebody (`TAKEN`).
It ends when that socket does; the worlds go on, but for spare ones that nobody has taken: of these nothing stays.
"""

import gc
import importlib
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from bus.messages.base import Part
from bus.server import die_with_parent
from concern.client.removal import remove

MODULES = (
    "agents.attackers.service",
    "agents.users.service",
    "agents.users.shard",
    "concern.client.hosting",
    "services.billing.service",
    "services.cloud.service",
    "services.desk.service",
    "services.gateway.service",
    "services.recorder.service",
    "services.scorer.service",
    "services.world.service",
    "tui.viewer",
)
"""What is loaded before the first fork; whatever else a world imports it finds by itself."""
COMES, TAKEN = b"+", b"-"
EGG_BYTES = 1 << 20


class Egg(Part):
    """One world to fork."""

    order: Path
    """Its order's file."""
    folder: Path
    """Its working directory."""
    environment: dict[str, str]
    with_us: bool
    """Whether it dies with the hatchery, which ends with whoever asked."""
    spare: bool = False
    """Whether it is made ahead: unless somebody has taken it, it goes with the hatchery, and its directory with it."""


def main() -> int:
    """Load, then fork for ever; the end of the socket is the end."""
    for name in MODULES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is loaded stays shared between the worlds
    control = socket.socket(fileno=os.dup(0))
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    spares: dict[Path, int | None] = {}
    try:
        while True:
            readable, _, _ = select.select([control, ended], [], [])
            if ended in readable:
                os.read(ended, 4096)
                _reap(spares)
            if control in readable:
                data, descriptors, _, _ = socket.recv_fds(control, EGG_BYTES, 2, socket.MSG_CMSG_CLOEXEC)
                if not data:
                    return 0
                if descriptors:
                    egg = Egg.model_validate_json(data)
                    pid = _hatch(control, egg, descriptors)
                    spares |= {egg.order.parent: pid} if egg.spare else {}
                elif data.startswith(COMES):
                    spares[Path(os.fsdecode(data[1:]))] = None
                else:
                    spares.pop(Path(os.fsdecode(data[1:])), None)
    except ConnectionResetError:  # whoever asked was killed before it had read an answer
        return 0
    finally:
        _remove(spares)


def _hatch(control: socket.socket, egg: Egg, descriptors: list[int]) -> int:
    """Fork one world and say which process it is."""
    bind = die_with_parent() if egg.with_us else None
    pid = os.fork()
    if pid == 0:
        _become(egg, descriptors, bind)
    for descriptor in descriptors:
        os.close(descriptor)
    process = os.pidfd_open(pid)
    with suppress(BrokenPipeError):  # whoever asked is gone: the next look at the control tells
        socket.send_fds(control, [b"%d" % pid], [process])
    os.close(process)
    return pid


def _become(egg: Egg, descriptors: list[int], bind: Callable[[], None] | None) -> NoReturn:
    """In the child: be the world's own process."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if bind is not None:
            bind()
        os.setsid()
        log, output = descriptors
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (output, 1), (log, 2)):
            os.dup2(source, target)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        os.environ.clear()
        os.environ.update(egg.environment)
        os.chdir(egg.folder)
        Path("/proc/self/comm").write_text(egg.order.parent.name, encoding="utf-8")  # for people who look at processes
        from concern.client import hosting

        status = hosting.main(egg.order)
    except BaseException:  # the boundary of the world's process: it must not go on as a hatchery
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _reap(spares: dict[Path, int | None]) -> None:
    """Collect the worlds that have ended; whoever asked for them has a descriptor that tells."""
    with suppress(ChildProcessError):
        while pid := os.waitpid(-1, os.WNOHANG)[0]:
            spares |= {root: None for root, of in spares.items() if of == pid}


def _remove(spares: Mapping[Path, int | None]) -> None:
    """End the worlds that nobody has taken, and remove their directories: nobody else would."""
    for pid in filter(None, spares.values()):
        for kill in (os.kill, os.killpg):  # one that was just forked has no group yet
            with suppress(ProcessLookupError):
                kill(pid, signal.SIGKILL)
    for root, pid in spares.items():
        if pid is not None:
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)
        try:
            remove(root)
        except OSError as error:  # nobody is left to be told, and the others go all the same
            sys.stderr.write(f"concern: {root} is not removed: {error}\n")
