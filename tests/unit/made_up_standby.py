"""Worlds that are only made up, for what makes worlds ahead."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anyio.lowlevel import checkpoint

from concern.client.reward import RewardBroken
from concern.client.snapshots import Snapshot
from concern.client.standby import Standby
from services.world.loading import load_scenario


@dataclass(eq=False)
class World:
    """As much of an episode as is asked for here."""

    need: Any
    spare: bool
    dead: asyncio.Event = field(default_factory=asyncio.Event)
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    """Set if it may end."""
    closed: bool = False
    broken: bool = False
    kept: bool | None = None
    id: str = "e_madeup"
    root: Path = Path("e_madeup")

    async def take(self, *, keep: bool) -> bool:
        await checkpoint()
        if self.broken:
            raise RewardBroken("a gap")
        self.kept = keep
        return not self.dead.is_set()

    async def lost(self) -> None:
        await self.dead.wait()

    def kill(self) -> None:
        self.dead.set()
        self.ending.set()

    async def close(self) -> None:
        await self.ending.wait()
        self.closed = True


@dataclass
class Maker:
    """Makes worlds as soon as it is allowed to."""

    open: asyncio.Event = field(default_factory=asyncio.Event)
    begun: int = 0
    at_once: int = 0
    worlds: list[World] = field(default_factory=list)
    error: Exception | None = None

    async def __call__(self, need: Any, spare: bool) -> Any:
        self.begun += 1
        self.at_once += 1
        try:
            await self.open.wait()
        finally:
            self.at_once -= 1
        if self.error is not None:
            raise self.error
        self.worlds.append(World(need, spare))
        return self.worlds[-1]


@asynccontextmanager
async def standby(*, most: int = 8, opened: bool = True, keep: bool = False) -> AsyncGenerator[tuple[Standby, Maker]]:
    make = Maker()
    if opened:
        make.open.set()
    async with Standby(most=most, keep=keep, make=make) as ahead:
        yield ahead, make
    assert all(world.closed for world in make.worlds if world.spare and world.kept is None)


async def settle() -> None:
    """Let everything happen that can."""
    for _ in range(20):
        await checkpoint()


def snapshot(tick: int) -> Snapshot:
    return Snapshot(
        parent="e_parentparent", scenario=load_scenario("short"), seed=1, isolation="full", acts=(), tick=tick,
        events=1, digest="0" * 64,
    )  # fmt: skip
