"""Looking at processes from outside: kinship, names in both pid namespaces, CPU and memory by the kernel's account."""

import os
import signal
import time
from pathlib import Path

CPUCLOCK_SCHED = 2
"""Linux: the per-process clock of another process is `~pid << 3 | 2` (include/linux/posix-timers.h)."""

PF_EXITING = 0x4
"""Linux: the flag of a process that has begun to end (include/linux/sched.h; the ninth word of `/proc/PID/stat`)."""

STOP_ROUNDS = 50
"""Passes over a growing family; process limits end the growth long before."""


def children(pid: int) -> list[int]:
    """Children of every thread of a process; empty when it is gone."""
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            found += [int(word) for word in Path(f"/proc/{pid}/task/{task}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return found
    return found


def descendants(pid: int) -> list[int]:
    """All processes below a process, parents first."""
    found: list[int] = []
    front = [pid]
    while front:
        front = [child for parent in front for child in children(parent)]
        found += front
    return found


def inner_pid(pid: int) -> int | None:
    """The process's number in its own (innermost) namespace; None when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return next((int(line.split()[-1]) for line in lines if line.startswith("NSpid:")), None)


def cpu_ns(pid: int) -> int:
    """Nanoseconds of CPU that a process has used, all its threads, dead ones too; 0 when it is gone."""
    try:
        return time.clock_gettime_ns(~pid << 3 | CPUCLOCK_SCHED)
    except OSError:
        return 0


def tree_cpu_ns(pid: int) -> int:
    """Nanoseconds of CPU of a process, its living descendants, and (in clock ticks) children it has reaped."""
    return sum(cpu_ns(each) + _reaped_ns(each) for each in [pid, *descendants(pid)])


def _reaped_ns(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (int(fields[13]) + int(fields[14])) * (1_000_000_000 // os.sysconf("SC_CLK_TCK"))


def tree_rss_bytes(pid: int) -> int:
    """Resident private memory (anonymous pages) of a process and its descendants, in bytes."""
    total = 0
    for each in [pid, *descendants(pid)]:
        try:
            lines = Path(f"/proc/{each}/status").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:"))
    return total


def pin_tree(pid: int, processor: int) -> None:
    """Let all threads of a process and its descendants run on one processor only, and threads that they begin."""
    for each in [pid, *descendants(pid)]:
        try:
            for thread in os.listdir(f"/proc/{each}/task"):
                os.sched_setaffinity(int(thread), {processor})
        except (FileNotFoundError, ProcessLookupError):
            continue


def alive(pid: int) -> bool:
    """Whether a process exists and has not begun to end: the kernel marks it so before it closes the first descriptor."""
    try:
        state, *_, flags = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:7]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in ("Z", "X") and not int(flags) & PF_EXITING


def kill(pid: int, number: int) -> None:
    """Send a signal to one process of ours; one that is gone is no error."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def kill_tree(pid: int) -> None:
    """Kill a process and everything below it. First all are stopped, so that a fork bomb cannot outrun us."""
    before: list[int] = []
    for _ in range(STOP_ROUNDS):
        family = [pid, *descendants(pid)]
        for each in family:
            kill(each, signal.SIGSTOP)
        if family == before:
            break
        before = family
    for each in before:
        kill(each, signal.SIGKILL)
