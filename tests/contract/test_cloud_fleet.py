"""A crash counts in the tick in which the instance broke off, however late the kernel tells of its end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import anyio
import pytest
from cloud_client import Client

from bus.messages.cloud import InstanceChanged
from bus.simtime import SimTime
from services.cloud.driver import Driver
from services.cloud.edge.access import AccessLog
from services.cloud.edge.edge import Edge
from services.cloud.fleet import Fleet, Software
from services.cloud.infra import App, Health

pytestmark = pytest.mark.anyio


@dataclass
class Scripted:
    """One instance that breaks off its first exchange; the kernel tells of its end when `dead` is set."""

    address: str
    dead: anyio.Event = field(default_factory=anyio.Event)
    alive: bool = True

    async def start(self, *_: object) -> "Scripted":
        return self

    async def ended(self) -> int:
        await self.dead.wait()
        return -1

    async def stop(self, *, grace_s: float) -> None:
        self.dead.set()


@dataclass
class Stand:
    fleet: Fleet
    instance: Scripted
    server: asyncio.Server
    client: Client
    said: list[str]


@asynccontextmanager
async def serving(folder: Path) -> AsyncGenerator[Stand]:
    """A fleet of one instance behind its edge."""
    said: list[str] = []

    async def tell(change: InstanceChanged) -> None:
        said.append(change.state)

    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1 << 16)
        writer.close()

    instance = Scripted(str(folder / "i.sock"))
    edge = Edge(AccessLog(folder / "access.jsonl"), lambda: SimTime(0))
    server = await asyncio.start_unix_server(break_off, instance.address)
    async with edge.listening(folder / "edge.sock"), anyio.create_task_group() as group:
        fleet = Fleet(cast("Driver", instance), edge, group, tell)
        software = Software("r_1", "0" * 40, App(command=("python",)), Health(), None)
        await fleet.serve(await fleet.start(software, "small"))
        client = Client(str(folder / "edge.sock"), "198.51.100.7")
        try:
            yield Stand(fleet, instance, server, client, said)
        finally:
            await client.close()
            server.close()
            group.cancel_scope.cancel()


async def is_told_once_dead(it: Stand) -> None:
    """The crash is told when the kernel tells of the end, and not before."""
    async with anyio.create_task_group() as group:
        group.start_soon(it.fleet.told_crashes)
        await anyio.wait_all_tasks_blocked()
        assert it.said == ["starting", "ready"]
        it.instance.dead.set()
    assert it.said == ["starting", "ready", "crashed"]


async def test_the_end_of_what_broke_off_and_listens_no_more_is_waited_for(tmp_path: Path) -> None:
    async with serving(tmp_path) as it:
        assert (await it.client.get("/")).status == 502
        it.server.close()
        await is_told_once_dead(it)
        assert await it.fleet.told_crashes() == []


async def test_who_has_begun_to_end_may_still_listen_and_is_waited_for(tmp_path: Path) -> None:
    async with serving(tmp_path) as it:
        assert (await it.client.get("/")).status == 502
        it.instance.alive = False
        await is_told_once_dead(it)


async def test_what_broke_off_and_still_listens_has_not_crashed(tmp_path: Path) -> None:
    async with serving(tmp_path) as it:
        assert (await it.client.get("/")).status == 502
        assert await it.fleet.told_crashes() == []
        assert it.said == ["starting", "ready"]
