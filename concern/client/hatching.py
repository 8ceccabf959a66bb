"""The hatchery: a process that has loaded all that a world needs, and forks one for each order.

Loading takes a second of a processor, as much as anything else in a world's beginning. It speaks over its standard
input, a socket: for each message (an `Egg`, with the log and the world's standard output) it answers with the world's
pid and a descriptor of its process. It ends when that socket does; the worlds go on.
"""

import gc
import importlib
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from bus.messages.base import Part
from bus.server import die_with_parent

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
    while True:
        readable, _, _ = select.select([control, ended], [], [])
        if ended in readable:
            os.read(ended, 4096)
            _reap()
        if control in readable:
            data, descriptors, _, _ = socket.recv_fds(control, EGG_BYTES, 2, socket.MSG_CMSG_CLOEXEC)
            if not data:
                return 0
            _hatch(control, Egg.model_validate_json(data), descriptors)


def _hatch(control: socket.socket, egg: Egg, descriptors: list[int]) -> None:
    """Fork one world and say which process it is."""
    bind = die_with_parent() if egg.with_us else None
    pid = os.fork()
    if pid == 0:
        _become(egg, descriptors, bind)
    for descriptor in descriptors:
        os.close(descriptor)
    process = os.pidfd_open(pid)
    socket.send_fds(control, [b"%d" % pid], [process])
    os.close(process)


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


def _reap() -> None:
    """Collect the worlds that have ended; whoever asked for them has a descriptor that tells."""
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        return
