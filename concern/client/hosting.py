"""A world in a process of its own, as the episode client orders it (`concern.client.hatching` forks it).

It answers on standard output with one line, when it can be played or cannot be built, and says nothing more. It lives
until it is over and every handle has hung up; without any handle it ends after a while by itself.
"""

import asyncio
import os
import sys
from functools import partial
from pathlib import Path

import anyio

from bus.context import Context
from bus.host import log_to
from bus.loop import run
from bus.server import Leaf
from bus.transport.protocol import BusError
from bus.world import World
from catalog.reading import CatalogError
from concern import cast
from concern.building import Wish, build_world
from concern.client.holders import Holders
from concern.client.order import SOCKET, Order, Started
from concern.history import HistoryError
from concern.supervisor import LOG, Ended, supervisor
from services.sandbox.errors import SandboxError
from tui.feed import listening
from tui.remote import Remote
from tui.state import Business, reduce

BUILT, NOT_BUILT, FAILED = 0, 2, 1


def main(path: Path) -> int:
    """Build and host the world of an order's file; returns the exit status."""
    order = Order.model_validate_json(path.read_bytes())
    log_to(order.root / LOG)
    try:
        world = run(build_world(_wish(order), order.root, order.episode))
    except (SandboxError, CatalogError, HistoryError) as error:
        _tell(str(error))
        return NOT_BUILT
    try:
        ended = run(_host(world, order))
    except BusError as error:
        _tell(str(error))
        return FAILED
    return FAILED if ended.failures else BUILT


def _wish(order: Order) -> Wish:
    return Wish(order.scenario, order.seed, cast.CLIENT, order.isolation)


async def _host(world: World, order: Order) -> Ended:
    holders = Holders(order.orphan_s)
    host = supervisor(world)
    host.farewell = holders.read
    host.leaf = None if order.leaf is None else Leaf(order.leaf)
    async with await anyio.create_unix_listener(order.root / SOCKET, mode=0o600) as listener:
        serving = asyncio.create_task(listener.serve(holders.serve), name="handles")
        try:
            return await host.run((*cast.services(), *cast.agents(world)), partial(_follow, holders=holders))
        finally:
            serving.cancel()


async def _follow(ctx: Context, remote: Remote, *, holders: Holders) -> Business:
    """Say that the world can be played; leave it, which voids it, when nobody wants it any more."""
    del remote
    _tell(None)
    business = Business()
    async with anyio.create_task_group() as tasks, listening(ctx) as source:

        async def leave() -> None:
            await holders.unwanted()
            tasks.cancel_scope.cancel()

        tasks.start_soon(leave)
        async for delivered in source:
            business = reduce(business, delivered)
            if business.over:
                break
        tasks.cancel_scope.cancel()
    return business


def _tell(error: str | None) -> None:
    sys.stdout.write(Started(pid=os.getpid(), error=error).model_dump_json() + "\n")
    sys.stdout.flush()
