"""The screen as a role on the bus."""

from anyio import TASK_STATUS_IGNORED
from anyio.abc import TaskStatus

from bus.context import Context
from bus.messages import PUBLIC_FAMILIES
from bus.service import Service


async def _run(ctx: Context, *, task_status: TaskStatus[None] = TASK_STATUS_IGNORED) -> None:
    # Whoever only names the role should not wait for the screen's libraries.
    from tui.app import watch
    from tui.feed import listening
    from tui.playbill import Playbill

    async with listening(ctx) as source:
        task_status.started()
        await watch(source, Playbill.of_world(ctx.world.file))


viewer = Service(
    name="viewer",
    run=_run,
    subscribes=PUBLIC_FAMILIES,
    account="VIEW",
    participant=False,
)
"""Takes no part in the barrier, says nothing, and asks nothing. Its `run` returns when the person leaves."""
