"""A leak is one only if it shows again and again: the allocator's steps are not the release's."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate, chain, repeat
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from services.cloud.demand import DemandCache, ProbeRequest
from services.cloud.fleet import Software
from services.cloud.probing import DemandProbe, Opened, Session

pytestmark = pytest.mark.anyio
KIB = 1024
ROUNDS = 4


@dataclass
class Grown:
    """A session whose instance grows by so many bytes a window."""

    windows: Iterator[int]

    def __post_init__(self) -> None:
        # Memory is read before and after each window; between windows nothing happens.
        steps = chain.from_iterable((0, window) for window in self.windows)
        sizes = accumulate(steps, initial=10_000_000)
        next(sizes)
        read: Callable[[], int] = lambda: next(sizes)  # noqa: E731 (an iterator's next, as an attribute)
        self.instance = SimpleNamespace(rss_bytes=read)

    async def send(self, request: ProbeRequest) -> int:
        return 1


@pytest.mark.parametrize(
    ("windows", "left"),
    [
        ([0, 0, 0, 0, 0], 0),
        ([900, 64, 64, 64, 64], 16 * KIB),  # the first window fills what is free
        ([900, 64, 0, 64, 64], 0),
        ([900, 64, 64, 0, 64], 0),  # twice by chance
        ([900, 64, 64, 64, 0], 0),
    ],
)
async def test_what_grows_in_every_window_leaks(tmp_path: Path, windows: list[int], left: int) -> None:
    plan = SimpleNamespace(leak_requests=2 * ROUNDS)
    cache = DemandCache(tmp_path / "demand.sqlite")
    software = cast("Software", None)
    probe = DemandProbe(cast("Opened", None), plan, software, tmp_path, cache)  # type: ignore[arg-type]
    mine = cast("Session", Grown(window * KIB for window in windows))
    theirs = cast("Session", Grown(repeat(0)))
    assert await probe._leak([ProbeRequest(path="/")], mine, theirs) == left  # pyright: ignore[reportPrivateUsage]
    cache.close()
