"""The gateway's service: between the operator, which is untrusted, and the company's services."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from typing import Any, cast

import anyio
from anyio.abc import TaskStatus

from bus.context import Context, Handler, Step
from bus.messages import billing, cloud, desk
from bus.messages.clock import AskStatus, Regulate, Void
from bus.messages.gateway import (
    ActionEnded,
    AskTools,
    AwaitEnd,
    BeginTurn,
    CallTool,
    Charge,
    EndTurn,
    Outage,
    RunHarness,
    TurnEnded,
)
from bus.service import Service
from services.gateway.calls import Calls
from services.gateway.door import Door
from services.gateway.harness import Harness
from services.gateway.outages import Outages
from services.gateway.tools import BY_NAME
from services.gateway.turns import Turns
from services.gateway.workspace import Workspace

FAREWELL_S = 5.0
"""Real seconds that an operator has, after the end, to ask and be told that the episode is over."""
LINGER_S = 0.25
"""Real seconds for the last answer to leave."""


async def run(
    ctx: Context, *, wall: Callable[[], float], task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
) -> None:
    """The gateway's life: until the operator was told that the episode is over."""
    turns = Turns(ctx, wall)
    workspace = Workspace(ctx.world)
    async with anyio.create_task_group() as tasks:
        harness = Harness(workspace, BY_NAME) if ctx.world.file.model is not None else None
        door = Door(turns, workspace, Calls(tasks), harness)
        handlers: dict[type[Any], Handler] = {
            AskTools: door.on_tools,
            BeginTurn: door.on_begin,
            EndTurn: door.on_end,
            Charge: door.on_charge,
        }
        beside: dict[type[Any], Handler] = {
            AwaitEnd: door.on_end_of_episode,
            CallTool: door.on_call,
            Outage: Outages(ctx).on_outage,
            RunHarness: door.on_harness,
        }
        tasks.start_soon(partial(ctx.serve, handlers, beside=beside))
        task_status.started()
        await _phases(ctx, turns)
        turns.finish()
        with anyio.move_on_after(FAREWELL_S):
            await door.told_end.wait()
        with anyio.move_on_after(LINGER_S):
            await anyio.sleep_forever()
        tasks.cancel_scope.cancel()


async def _phases(ctx: Context, turns: Turns) -> None:
    """Every operator's phase, until the episode ends between two of them or within one."""
    async with aclosing(cast("AsyncGenerator[Step]", ctx.steps())) as steps:
        async for step in steps:
            await turns.take(step)
            if turns.over:
                return


def gateway_service(wall: Callable[[], float]) -> Service:
    """The gateway with a source of wall time in seconds: trainers are told when a turn was, and nothing is booked by it."""
    return Service(
        name="gateway",
        run=partial(run, wall=wall),
        publishes=(ActionEnded, TurnEnded),
        subscribes=("cloud", "desk"),
        serves=(AskTools, AwaitEnd, BeginTurn, CallTool, Charge, EndTurn, Outage, RunHarness),
        asks=(
            AskStatus,
            Regulate,
            Void,
            cloud.Deploy,
            cloud.Rollback,
            cloud.AskJob,
            cloud.Restart,
            cloud.AskInstances,
            cloud.Plan,
            cloud.Apply,
            cloud.Scale,
            cloud.Logs,
            cloud.Metrics,
            cloud.AccessLog,
            cloud.TopRefused,
            cloud.Sql,
            cloud.AskBackups,
            cloud.MakeBackup,
            cloud.Restore,
            cloud.Firewall,
            cloud.Secrets,
            desk.Inbox,
            desk.ReadTicket,
            desk.Reply,
            desk.PostStatus,
            desk.Announce,
            billing.AskAccount,
            billing.AskFinances,
            billing.Refund,
            billing.SetPlans,
        ),
    )


service = gateway_service(time.time)  # noqa: TID251 (what trainers are told; see above)
