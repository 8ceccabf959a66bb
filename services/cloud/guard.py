"""Watches from outside what limits inside do not stop: too many processes, a full disk, endless logs."""

import os
import stat
from collections.abc import Callable, Iterable

import anyio
import structlog

from services.cloud.layout import Layout
from services.sandbox import processes
from services.sandbox.spec import MIB

EVERY_S = 2.0
"""Wall time between two looks; what runs away in between meets the sandbox's own limits."""
TREE_PROCESSES = 64
"""Processes of one instance or job."""
DISK_BYTES = 4096 * MIB
"""Of everything that the product may write. Above it instances end, and do not start again until there is room."""
LOG_BYTES = 16 * MIB
"""Above this a log starts anew: a product that prints for ever loses its old lines."""


def written_bytes(layout: Layout) -> int:
    """Bytes of everything that the product may write."""
    folders = (layout.data, layout.run, layout.mail, layout.log, layout.egress)
    return sum(folder_bytes(str(folder)) for folder in folders)


def folder_bytes(folder: str, *, skip: tuple[str, ...] = ()) -> int:
    """Bytes of a folder's files by their names' sizes, links not followed; endings in `skip` do not count."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            if not name.endswith(skip):
                try:
                    total += os.lstat(os.path.join(parent, name)).st_size
                except FileNotFoundError:
                    continue
    return total


def trim_logs(folder: str) -> None:
    """Start logs anew that have grown beyond their cap."""
    for entry in os.scandir(folder):
        status = entry.stat(follow_symlinks=False)
        if stat.S_ISREG(status.st_mode) and status.st_size > LOG_BYTES:
            os.truncate(entry.path, 0)


async def guard(layout: Layout, trees: Callable[[], Iterable[int]]) -> None:
    """Look around for ever. `trees` gives the host pids at the top of each instance and job."""
    log = structlog.get_logger().bind(service="cloud")
    while True:
        await anyio.sleep(EVERY_S)
        trim_logs(str(layout.log))
        full = written_bytes(layout) > DISK_BYTES
        for pid in list(trees()):
            if full or len(processes.descendants(pid)) > TREE_PROCESSES:
                log.warning("ended a runaway process", pid=pid, reason="disk" if full else "processes")
                processes.kill_tree(pid)
