"""The operator's role, played by a foreign agent over MCP: HTTP beside a world, or standard input and output."""

from functools import partial

import anyio
from anyio.abc import TaskStatus
from mcp.server.stdio import stdio_server

from bus.context import Context
from bus.messages.gateway import AskTools, AwaitEnd, CallTool
from bus.service import Run, Service
from services.gateway.mcp.bridge import Bridge
from services.gateway.mcp.web import Place, web

FAREWELL_S = 10.0
"""Real seconds that an agent has, after the end, to ask and be told that the episode is over."""


async def over_http(ctx: Context, *, place: Place, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
    """Serve an agent at a place until the episode is over and the agent knows."""
    bridge = Bridge(ctx)
    served = web(bridge.server(), place)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(served.serve, [place.listener])
            task_status.started()
            await bridge.ended()
            with anyio.move_on_after(FAREWELL_S):
                await bridge.told_end.wait()
            served.stop()
    finally:
        place.listener.close()


async def over_stdio(ctx: Context, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
    """Serve the agent that started this process, until it closes standard input."""
    server = Bridge(ctx).server()
    async with stdio_server() as (read, write):
        task_status.started()
        await server.run(read, write, server.create_initialization_options())


def foreign_operator(run: Run) -> Service:
    """The operator's role for an agent that is not ours: it can call tools, and nothing else."""
    return Service(name="operator", run=run, asks=(AskTools, AwaitEnd, CallTool), account="OPERATOR", participant=False)


def operator_at(place: Place) -> Service:
    """A foreign operator at a place."""
    return foreign_operator(partial(over_http, place=place))


def operator_on_stdio() -> Service:
    """A foreign operator that started this process."""
    return foreign_operator(over_stdio)
