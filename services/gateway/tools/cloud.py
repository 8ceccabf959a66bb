"""Tools over the company's hosting. Long work answers with a job id and the simulated time at which it is ready."""

from typing import Annotated, Literal

from pydantic import Field

from bus.messages.base import Part, Refused
from bus.messages.cloud import (
    AccessLog,
    Apply,
    AskBackups,
    AskInstances,
    AskJob,
    Deploy,
    Firewall,
    Logs,
    MakeBackup,
    Metrics,
    Plan,
    Restart,
    Restore,
    Rollback,
    Scale,
    Sql,
    TopRefused,
)
from services.gateway.registry import AnyTool, Arguments, Hand, Tool

Id = Annotated[str, Field(min_length=1, max_length=100)]
Lines = Annotated[int, Field(ge=1, le=2000)]
Words = Annotated[str, Field(max_length=300)]
Ref = Annotated[str, Field(min_length=1, max_length=200, description="Branch, tag or commit of your repository")]
Rule = Annotated[str, Field(min_length=1, max_length=100)]


class Nothing(Arguments):
    pass


class AtRef(Arguments):
    ref: Ref = "HEAD"


class JobArguments(Arguments):
    job: Id


class RestartArguments(Arguments):
    instance: Annotated[Id | None, Field(description="None: all, one after the other")] = None


class ScaleArguments(Arguments):
    count: Annotated[int, Field(ge=1, le=64)]
    size: Annotated[Literal["small", "medium", "large"] | None, Field(description="None: as now")] = None


class LogsArguments(Arguments):
    instance: Annotated[Id | None, Field(description="None: all")] = None
    contains: Words = ""
    lines: Lines = 200


class AccessLogArguments(Arguments):
    address: Words = ""
    path_contains: Words = ""
    status: Annotated[int, Field(ge=100, le=599)] | None = None
    lines: Lines = 200


class TopRefusedArguments(Arguments):
    hours: Annotated[int, Field(ge=1, le=168)] = 24


class SqlArguments(Arguments):
    statement: Annotated[str, Field(min_length=1, max_length=20_000)]


class BackupsArguments(Arguments):
    do: Literal["list", "make", "restore"] = "list"
    backup: Annotated[Id | None, Field(description="Which one to restore")] = None


class FirewallArguments(Arguments):
    block: Annotated[tuple[Rule, ...], Field(max_length=200, description="Addresses or networks")] = ()
    unblock: Annotated[tuple[Rule, ...], Field(max_length=200)] = ()


async def deploy(hand: Hand, given: AtRef) -> Part | Refused:
    return await hand.ask(Deploy(ref=given.ref))


async def job(hand: Hand, given: JobArguments) -> Part | Refused:
    return await hand.ask(AskJob(job=given.job))


async def rollback(hand: Hand, given: Nothing) -> Part | Refused:
    return await hand.ask(Rollback())


async def restart(hand: Hand, given: RestartArguments) -> Part | Refused:
    return await hand.ask(Restart(instance=given.instance))


async def scale(hand: Hand, given: ScaleArguments) -> Part | Refused:
    return await hand.ask(Scale(count=given.count, size=given.size))


async def plan(hand: Hand, given: AtRef) -> Part | Refused:
    return await hand.ask(Plan(ref=given.ref))


async def apply(hand: Hand, given: AtRef) -> Part | Refused:
    return await hand.ask(Apply(ref=given.ref))


async def instances(hand: Hand, given: Nothing) -> Part | Refused:
    return await hand.ask(AskInstances())


async def logs(hand: Hand, given: LogsArguments) -> Part | Refused:
    return await hand.ask(Logs(instance=given.instance, contains=given.contains, lines=given.lines))


async def metrics(hand: Hand, given: Nothing) -> Part | Refused:
    return await hand.ask(Metrics())


async def access_log(hand: Hand, given: AccessLogArguments) -> Part | Refused:
    return await hand.ask(
        AccessLog(address=given.address, path_contains=given.path_contains, status=given.status, lines=given.lines)
    )


async def top_refused(hand: Hand, given: TopRefusedArguments) -> Part | Refused:
    return await hand.ask(TopRefused(hours=given.hours))


async def sql(hand: Hand, given: SqlArguments) -> Part | Refused:
    return await hand.ask(Sql(statement=given.statement))


async def backups(hand: Hand, given: BackupsArguments) -> Part | Refused:
    if given.do == "make":
        return await hand.ask(MakeBackup())
    if given.do == "list":
        return await hand.ask(AskBackups())
    if given.backup is None:
        return Refused(code="bad_arguments", detail="backups: say which backup to restore (do='list' shows them)")
    return await hand.ask(Restore(backup=given.backup))


async def firewall(hand: Hand, given: FirewallArguments) -> Part | Refused:
    return await hand.ask(Firewall(block=given.block, unblock=given.unblock))


TOOLS: tuple[AnyTool, ...] = (
    Tool(
        "deploy",
        "Build a commit of your repository and roll it out to all instances, with its migrations. Answers with a job; "
        "what serves now serves on until the new release is healthy, and stays if it is not.",
        AtRef,
        deploy,
    ),
    Tool("job", "How a deploy, rollback or other long work stands.", JobArguments, job),
    Tool(
        "rollback",
        "Go back to the release that was live before. Answers with a job. Migrations are not undone.",
        Nothing,
        rollback,
    ),
    Tool("restart", "Restart one instance, or all of them one after the other.", RestartArguments, restart),
    Tool(
        "scale",
        "Change the number or size of instances at once; each costs by the hour. deploy/infra.toml wins again at the "
        "next apply.",
        ScaleArguments,
        scale,
    ),
    Tool("plan", "What deploy/infra.toml of a commit would change, and what a month would cost.", AtRef, plan),
    Tool("apply", "Make the hosting as deploy/infra.toml of a commit says.", AtRef, apply),
    Tool("instances", "The instances, the live release, the one before, and the utilisation.", Nothing, instances),
    Tool("logs", "The product's own output, newest last.", LogsArguments, logs),
    Tool("metrics", "Metrics of instances and edge, as Prometheus text.", Nothing, metrics),
    Tool(
        "access_log",
        "Requests as the edge saw them, newest last; filter to keep it short.",
        AccessLogArguments,
        access_log,
    ),
    Tool(
        "top_refused",
        "Addresses whose requests were refused most (401, 403, 404, 429) in the last hours, and how many were answered.",
        TopRefusedArguments,
        top_refused,
    ),
    Tool(
        "sql",
        "Run one statement in the production database's console. What is changed here is changed for customers.",
        SqlArguments,
        sql,
    ),
    Tool(
        "backups",
        "List, make or restore backups of the production database. Restoring loses what was written since.",
        BackupsArguments,
        backups,
    ),
    Tool(
        "firewall",
        "Block or unblock addresses or networks at the edge; without any, tells what is blocked. Customers may share an "
        "address with an abuser.",
        FirewallArguments,
        firewall,
    ),
)
