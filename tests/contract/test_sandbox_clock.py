"""Programs in the sandbox live in simulated time, in every thread, also while it moves on."""

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import anyio
import pytest

from services.sandbox.clock import SimulatedClockFile
from services.sandbox.sandbox import Sandbox
from services.sandbox.spec import SandboxSpec

pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 2, tzinfo=UTC)
CALLS = 60_000
SCRIPT = f"""
import threading, time
seen = set()
def look():
    for _ in range({CALLS}):
        seen.add(int(time.time()))
threads = [threading.Thread(target=look) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(*sorted(seen))
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_no_thread_ever_sees_another_clock(tmp_path: Path) -> None:
    clock = SimulatedClockFile(tmp_path / "clock", START)
    sandbox = Sandbox(SandboxSpec(state=tmp_path / "state", clock=clock.folder))
    hours: list[datetime] = []
    seen: list[int] = []

    async def look() -> None:
        done = await sandbox.run([sandbox.python, "-I", "-c", SCRIPT], output_cap=1 << 20)
        assert done.code == 0, done.stderr
        seen.extend(int(word) for word in done.stdout.split())
        tasks.cancel_scope.cancel()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(look)
        for number in count():  # however long the interpreter takes to start
            hours.append(START + timedelta(hours=number))
            clock.set(hours[-1])
            await anyio.lowlevel.checkpoint()
    assert len(seen) > 1, "the clock never moved while the threads looked"
    assert set(seen) <= {int(moment.timestamp()) for moment in hours}
