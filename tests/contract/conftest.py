"""One made-up world on both transports: contract tests run against the twin and the real broker."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from made_up_world import Bus, MemoryBus, NatsBus, nats_bus


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(params=["memory", "nats"])
async def bus(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Bus]:
    if request.param == "memory":
        yield MemoryBus()
        return
    async with nats_bus(tmp_path / "broker") as made:
        yield made


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncGenerator[NatsBus]:
    """The real broker alone, for what only it can suffer."""
    async with nats_bus(tmp_path / "broker") as made:
        yield made
