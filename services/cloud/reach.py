"""Reaching an instance: its socket, pinned so that it cannot be exchanged for another, and its health page."""

import os
import socket
import stat
import struct
from pathlib import Path

import anyio

from services.cloud.errors import ProductError

HEALTH_SECONDS = 10.0
"""Generous cap in wall time on one health answer."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.005, 0.1
HEAD_BYTES = 16 * 1024


class Pinned:
    """A unix socket in a folder that the product may write.

    The product could replace its socket by a link to one of the host's; so the inode is opened without following links,
    and connections go to the descriptor.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
        if not stat.S_ISSOCK(os.fstat(self._descriptor).st_mode):
            os.close(self._descriptor)
            raise FileNotFoundError(f"{path.name} is not a socket")

    @property
    def address(self) -> str:
        """What to connect to. Short, whatever the length of the world's path."""
        return f"/proc/self/fd/{self._descriptor}"

    def close(self) -> None:
        """Free the descriptor."""
        os.close(self._descriptor)


def listener_pid(address: str) -> int:
    """The host's number of the process that listens on a unix socket, told by the kernel."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        probe.connect(address)
        return struct.unpack("3i", probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


async def pinned_when_listening(path: Path) -> Pinned:
    """Wait until something listens on the socket; the caller sets the deadline and watches the process."""
    wait = FIRST_WAIT_S
    while True:
        try:
            pinned = Pinned(path)
        except FileNotFoundError:
            pass
        else:
            try:
                listener_pid(pinned.address)
                return pinned
            except OSError:
                pinned.close()
        await anyio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT_S)


async def check_health(address: str, path: str) -> None:
    """Ask the health page once. ProductError("health") unless it answers 2xx or 3xx."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    head = b""
    try:
        with anyio.fail_after(HEALTH_SECONDS):
            async with await anyio.connect_unix(address) as stream:
                await stream.send(request)
                while b"\r\n" not in head and len(head) < HEAD_BYTES:
                    head += await stream.receive()
    except TimeoutError:
        raise ProductError("health", f"GET {path} did not answer within {HEALTH_SECONDS:g} s") from None
    except (OSError, anyio.EndOfStream, anyio.BrokenResourceError):
        raise ProductError("health", f"GET {path} closed the connection without an answer") from None
    line = head.split(b"\r\n", 1)[0].decode("latin-1")
    words = line.split(" ")
    if len(words) < 2 or not words[0].startswith("HTTP/1.") or words[1][:1] not in ("2", "3"):
        raise ProductError("health", f"GET {path} answered {line[:200]!r}")
