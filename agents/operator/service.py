"""The operator's loop as a service: it lives in the account OPERATOR and can call the gateway, nothing else."""

from collections.abc import Sequence
from functools import partial

import anyio
from anyio.abc import TaskStatus

from agents.operator.duties.repairs import Fix
from agents.operator.policies import Policy, find_policy, noop
from agents.operator.tools import Tools
from bus.context import Context, EpisodeOver
from bus.messages.gateway import AskTools, BeginTurn, CallTool, EndTurn
from bus.service import Service


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
