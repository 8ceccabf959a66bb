"""The edge's memory of requests: a file outside the sandbox and the newest lines at hand."""

from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import orjson

from bus.simtime import HOUR, SimTime, clock_text

KEPT = 50_000
"""Lines held in memory for the console."""
FILE_BYTES = 256 << 20
"""The file grows no further; the newest lines stay in memory."""
PATH_BYTES = 300
REFUSALS = frozenset((401, 403, 404, 429))


class Line(NamedTuple):
    """One request as the edge saw it."""

    at: SimTime
    client: str
    method: str
    path: str
    status: int
    sent: int
    """Bytes of the response's body."""
    took: str
    """Real duration in decades: real time is noise, and only people read this."""
    instance: str
    error: str


def bucket(seconds: float) -> str:
    """`<10ms`, `<100ms`, `<1s`, `<10s` or `slower`."""
    for bound, name in ((0.01, "<10ms"), (0.1, "<100ms"), (1.0, "<1s"), (10.0, "<10s")):
        if seconds < bound:
            return name
    return "slower"


def _place(line: Line) -> tuple[SimTime, str]:
    """Parallel requests of different clients end in no particular order; those of one client do."""
    return line.at, line.client


class AccessLog:
    """Requests, oldest first."""

    def __init__(self, path: Path) -> None:
        self.lines: deque[Line] = deque(maxlen=KEPT)
        self._latest: deque[SimTime] = deque(maxlen=KEPT)
        """For each line the latest time of it and of all before it: requests end in no particular order."""
        self._path = path
        self._written = path.stat().st_size if path.exists() else 0
        self._pending: list[Line] = []

    def add(self, line: Line) -> None:
        """Remember a request; it reaches the file at the next `flush`."""
        self.lines.append(line)
        self._latest.append(max(line.at, self._latest[-1]) if self._latest else line.at)
        self._pending.append(line)
        if len(self._pending) >= 1_000:
            self.flush()

    def flush(self) -> None:
        """Write what is pending, in the order of simulated time and address."""
        data = b"".join(orjson.dumps(line._asdict()) + b"\n" for line in sorted(self._pending, key=_place))
        self._pending.clear()
        if data and self._written + len(data) <= FILE_BYTES:
            with self._path.open("ab") as file:
                file.write(data)
            self._written += len(data)

    def search(self, address: str, path: str, status: int | None, count: int) -> list[str]:
        """The newest matching lines as text, newest last. `address` is matched from its beginning."""
        found: list[str] = []
        for line in sorted(self.lines, key=_place)[::-1]:
            if len(found) >= count:
                break
            if line.client.startswith(address) and path in line.path and status in (None, line.status):
                found.append(as_text(line))
        return found[::-1]

    def refused(self, since: SimTime) -> list[tuple[str, int, int]]:
        """(address, refused, answered) since a time, worst first; at most 50."""
        counts: dict[str, list[int]] = {}
        for line in self._since(since):
            count = counts.setdefault(line.client, [0, 0])
            count[0 if line.status in REFUSALS else 1] += 1
        rows = [(client, refused, answered) for client, (refused, answered) in counts.items() if refused]
        return sorted(rows, key=lambda row: (-row[1], row[0]))[:50]

    def _since(self, since: SimTime) -> Iterable[Line]:
        """Newest first; it looks no further back than there can be any."""
        for line, latest in zip(reversed(self.lines), reversed(self._latest), strict=True):
            if latest < since:
                return
            if line.at >= since:
                yield line


def as_text(line: Line) -> str:
    """One line for people."""
    error = f" edge:{line.error}" if line.error else ""
    return (
        f"{clock_text(line.at)}:{line.at % HOUR // 1000 % 60:02d} {line.client} {line.method} {line.path} "
        f"{line.status} {line.sent}B {line.took} {line.instance or '-'}{error}"
    )
