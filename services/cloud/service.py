"""The cloud on the bus: hosts the operator's product, and says what became of it."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import anyio
import anyio.abc

from bus.context import Context
from bus.messages import cloud as says
from bus.service import Service
from bus.simtime import SimTime
from services.cloud.commands import Commands
from services.cloud.demand import ProbePlan, Profiler, UnmeasuredProfiler
from services.cloud.edge.access import AccessLog
from services.cloud.edge.edge import Edge
from services.cloud.fleet import Fleet
from services.cloud.hosting import Hosting
from services.cloud.infra import INFRA_PATH, parse
from services.cloud.layout import Layout
from services.cloud.mail import Relay
from services.cloud.metering import Metering
from services.cloud.model import State
from services.cloud.process import ProcessDriver, process_driver
from services.cloud.reference import read_plan, reference_profiler
from services.sandbox.spec import Isolation

EDGE_SOCKET = "edge.sock"


async def run(ctx: Context, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
    """Host the product until the episode is over."""
    async with _hosted(ctx) as (hosting, metering), anyio.create_task_group() as group:
        group.start_soon(ctx.serve, Commands(hosting, metering).handlers())
        task_status.started()
        opened = -1
        async for step in ctx.steps():
            async with hosting.lock:
                if step.tick != opened:
                    await hosting.advance(step.now)
                else:
                    hosting.drain(step.now)
                    await metering.close(step)
            opened = step.tick
        group.cancel_scope.cancel()


@asynccontextmanager
async def _hosted(ctx: Context) -> AsyncGenerator[tuple[Hosting, Metering]]:
    """The product of this world, running; all of it is gone when the context ends."""
    world = ctx.world
    root = world.directory("cloud")
    plan = read_plan(root)
    async with AsyncExitStack() as stack:
        layout = Layout(root, world.root / "workspace")
        isolation, start = Isolation(world.file.isolation), world.scenario.world.start
        secret = world.chance.token("cloud", "product-secret", length=48)
        driver = await stack.enter_async_context(process_driver(layout, isolation, start, secret))
        edge = Edge(AccessLog(root / "access.jsonl"), lambda: ctx.now)
        port = 0 if world.scenario.clock.mode == "live" else None
        bound = await stack.enter_async_context(edge.listening(root / EDGE_SOCKET, port))
        profiler: Profiler = UnmeasuredProfiler()
        if plan is not None:
            profiler = await stack.enter_async_context(reference_profiler(driver, plan, isolation, start))
        group = await stack.enter_async_context(anyio.create_task_group())
        hosting = await _begun(ctx, driver, edge, Fleet(driver, edge, group, ctx.say), profiler)
        await ctx.say(_opened(ctx, bound))
        yield hosting, Metering(hosting, (plan or ProbePlan()).demand())
        await hosting.fleet.halt_all()
        group.cancel_scope.cancel()


async def _begun(ctx: Context, driver: ProcessDriver, edge: Edge, fleet: Fleet, profiler: Profiler) -> Hosting:
    """The company as it is inherited: HEAD is live, as its infrastructure file says."""
    desired = parse(await driver.show("HEAD", INFRA_PATH))
    hosting = Hosting(ctx, driver, edge, fleet, State(desired), profiler, Relay(driver.take_mail))
    hosting.moment(SimTime(0))
    await hosting.begin("HEAD")
    return hosting


def _opened(ctx: Context, port: int | None) -> says.EdgeOpened:
    return says.EdgeOpened(
        socket=f"cloud/{EDGE_SOCKET}",
        host="127.0.0.1" if port else None,
        port=port,
        isolation=ctx.world.file.isolation,
    )


service = Service(
    name="cloud",
    run=run,
    publishes=(
        says.EdgeOpened,
        says.ReleaseBuilt,
        says.ReleaseLive,
        says.ReleaseFailed,
        says.DemandProfiled,
        says.InstanceChanged,
        says.AlertRaised,
        says.AlertCleared,
        says.JobEnded,
        says.ServiceMeasured,
        says.UsageMetered,
    ),
    subscribes=("users",),
    serves=(
        says.Deploy,
        says.Rollback,
        says.AskJob,
        says.Restart,
        says.AskInstances,
        says.Plan,
        says.Apply,
        says.Scale,
        says.Logs,
        says.Metrics,
        says.AccessLog,
        says.TopRefused,
        says.Sql,
        says.AskBackups,
        says.MakeBackup,
        says.Restore,
        says.Firewall,
        says.ReadMailbox,
        says.AskDeliveries,
    ),
)
"""The declaration: permissions, streams and the barrier follow from it."""
