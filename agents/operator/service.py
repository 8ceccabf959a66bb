"""The operator's loop as a service: it lives in the account OPERATOR and can call the gateway, nothing else."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import anyio
from anyio.abc import TaskStatus

from agents.operator.duties.repairs import Fix
from agents.operator.policies import Policy, find_policy, noop
from agents.operator.tools import Tools
from bus.context import Context, EpisodeOver
from bus.messages.base import Refused
from bus.messages.gateway import AskTools, AwaitEnd, BeginTurn, CallTool, Charge, EndTurn, Outage, RunHarness
from bus.service import Run, Service

if TYPE_CHECKING:
    from agents.operator.model.endpoint import Endpoint
    from agents.operator.model.loop import Host


async def run(ctx: Context, *, policy: Policy, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
    """Let a policy operate until the episode is over; after one that returns early, time passes without it."""
    tools = Tools(ctx)
    task_status.started()
    try:
        await policy(tools)
        await noop(tools)
    except EpisodeOver:
        ctx.log.info("the operator is done")


def operator_service(policy: str, fixes: Sequence[Fix] = (), infra: str | None = None) -> Service:
    """The operator's service with a policy by name, on a hosting of its own if one is given. `UnknownPolicy` lists the choices."""
    return Service(
        name="operator",
        run=partial(run, policy=find_policy(policy, fixes, infra)),
        asks=(AskTools, BeginTurn, CallTool, EndTurn),
        account="OPERATOR",
        participant=False,
    )


async def run_model(
    ctx: Context, *, endpoint: "Endpoint", machine: "Host", task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
) -> None:
    """Let a model operate until the episode is over; when its budget is used up, time passes without it."""
    from agents.operator.model.loop import make_loop  # here, so that only worlds with a model load its client

    tools = Tools(ctx)
    task_status.started()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_leave_at_the_end, ctx, tasks.cancel_scope)
        try:
            async with endpoint.opened() as model:
                loop = await make_loop(ctx, tools, model, machine)
                await loop.operate()
            await noop(tools)
        except EpisodeOver:
            ctx.log.info("the operator is done")
        tasks.cancel_scope.cancel()


async def _leave_at_the_end(ctx: Context, scope: anyio.CancelScope) -> None:
    """The episode may end while a model thinks, or an endpoint is waited for."""
    while True:
        answer = await ctx.ask(AwaitEnd())
        if not isinstance(answer, Refused) or answer.code == "episode_over":
            scope.cancel()
            return


def model_operator(run: Run) -> Service:
    """The operator's role for a model. Its host may also charge for tokens, run the harness, and tell of outages."""
    return Service(
        name="operator",
        run=run,
        asks=(AskTools, AwaitEnd, BeginTurn, CallTool, Charge, EndTurn, Outage, RunHarness),
        account="OPERATOR",
        participant=False,
    )
