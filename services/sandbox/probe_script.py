# ruff: noqa: T201 (a program whose output is its answer)
"""What an attacker would try first, run inside a sandbox by `services.sandbox.containment`. Reads one JSON object of
canaries from standard input and prints one JSON object of what it got. Standard library only, no import of ours."""

import ctypes
import json
import os
import signal
import socket
import sys
import time

CLONE_NEWUSER = 0x10000000


def readable(path: str) -> str:
    """Text of a file, or nothing."""
    try:
        with open(path, "rb") as file:
            return file.read(1 << 20).decode("utf-8", "replace")
    except OSError:
        return ""


def pids() -> list[str]:
    """Processes that /proc shows."""
    try:
        return [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def descriptors() -> str:
    """Whatever inherited descriptors give away."""
    found = ""
    for number in range(3, 256):
        try:
            found += os.pread(number, 4096, 0).decode("utf-8", "replace")
        except OSError:
            continue
    return found


def connects(family: int, address: object) -> bool:
    """Whether a stream socket reaches an address."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as client:
            client.settimeout(5)
            client.connect(address)  # pyright: ignore[reportArgumentType]
            return True
    except OSError:
        return False


def writes(path: str) -> bool:
    """Whether a file can be made at a path."""
    try:
        with open(path, "w"):
            pass
        os.unlink(path)
        return True
    except OSError:
        return False


def sets_clock() -> bool:
    """Whether the machine's clock can be set (to what it says now)."""
    try:
        time.clock_settime(time.CLOCK_REALTIME, time.clock_gettime(time.CLOCK_REALTIME))
        return True
    except OSError:
        return False


def signals(pid: int) -> bool:
    """Whether a host process takes a signal; a number that names one of our own processes proves nothing."""
    if str(pid) in pids() and "canary-" not in readable(f"/proc/{pid}/cmdline"):
        return False
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, signal.SIGTERM)
        return True
    except OSError:
        return False


def main() -> None:
    """Try everything and report."""
    job = json.loads(sys.stdin.read())
    got = {
        "environment": [readable(f"/proc/{pid}/environ") for pid in pids()],
        "descriptors": job["canary"] in descriptors(),
        "files": job["canary"] in readable(job["file"]),
        "tcp": connects(socket.AF_INET, ("127.0.0.1", job["port"])),
        "abstract_sockets": connects(socket.AF_UNIX, "\0" + job["canary"]),
        "path_sockets": connects(socket.AF_UNIX, job["socket"]),
        "processes": any(job["canary"] in readable(f"/proc/{pid}/cmdline") for pid in pids()),
        "signals": signals(job["pid"]),
        "packages": writes(job["packages"] + "/canary.pth"),
        "clock": sets_clock(),
        "root_account": os.getuid() == 0,
        "new_namespaces": ctypes.CDLL(None).unshare(CLONE_NEWUSER) == 0,
    }
    print(json.dumps(got))


if __name__ == "__main__":
    main()
