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
    Secrets,
    Sql,
    TopRefused,
)
from services.gateway.registry import AnyTool, Arguments, Hand, Tool

Id = Annotated[str, Field(min_length=1, max_length=100)]
Lines = Annotated[int, Field(ge=1, le=2000, description="The newest so many")]
Words = Annotated[str, Field(max_length=300)]
Ref = Annotated[str, Field(min_length=1, max_length=200, description="Branch, tag or commit of your repository")]
Rule = Annotated[str, Field(min_length=1, max_length=200)]
SecretName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$", description="Capitals, digits and _")]
Value = Annotated[str, Field(min_length=1, max_length=8000)]


class DeployArguments(Arguments):
    ref: Ref = "HEAD"
    rollback: Annotated[bool, Field(description="Go back to the release before the live one instead")] = False


class JobArguments(Arguments):
    job: Annotated[Id, Field(description="The id that another answer named")]
    page: Annotated[int, Field(ge=1, description="Of a long answer, counted from 1")] = 1


class ApplyArguments(Arguments):
    ref: Ref = "HEAD"
    plan_only: Annotated[bool, Field(description="Only tell what would change, and what it would cost")] = False


class InstancesArguments(Arguments):
    do: Literal["list", "metrics", "restart", "scale"] = "list"
    instance: Annotated[Id | None, Field(description="Which one to restart; null: all, one after the other")] = None
    count: Annotated[int | None, Field(ge=1, le=64, description="How many to run, with do=scale")] = None
    size: Annotated[Literal["small", "medium", "large"] | None, Field(description="With do=scale; null: as now")] = None
    contains: Annotated[Words, Field(description="With do=metrics: only lines with these characters")] = ""


class LogsArguments(Arguments):
    instance: Annotated[
        Id | None, Field(description="An instance, or job-NAME for a background job; null: all of them")
    ] = None
    contains: Annotated[Words, Field(description="Only lines with these characters")] = ""
    lines: Lines = 200


class AccessLogArguments(Arguments):
    address: Annotated[Words, Field(description="Beginning of the client's address; empty: all")] = ""
    path_contains: Annotated[Words, Field(description="Only paths with these characters")] = ""
    status: Annotated[int | None, Field(ge=100, le=599, description="Only answers of this HTTP status")] = None
    lines: Lines = 200
    by_address: Annotated[
        bool, Field(description="Instead of lines: the addresses refused most (401, 403, 404, 429), worst first")
    ] = False
    hours: Annotated[int, Field(ge=1, le=168, description="How far back by_address counts")] = 24


class SqlArguments(Arguments):
    statement: Annotated[str, Field(min_length=1, max_length=20_000, description="One statement of SQLite's SQL")]


class BackupsArguments(Arguments):
    do: Literal["list", "make", "restore"] = "list"
    backup: Annotated[Id | None, Field(description="Which one to restore")] = None


class FirewallArguments(Arguments):
    block: Annotated[
        tuple[Rule, ...], Field(max_length=200, description="Addresses, networks or paths to turn away")
    ] = ()
    unblock: Annotated[tuple[Rule, ...], Field(max_length=200, description="Rules to take back")] = ()


class SecretsArguments(Arguments):
    keep: Annotated[dict[SecretName, Value], Field(max_length=20, description="Values by name, new or replaced")] = {}
    forget: Annotated[tuple[SecretName, ...], Field(max_length=20, description="Names to delete")] = ()


async def deploy(hand: Hand, given: DeployArguments) -> Part | Refused:
    return await (hand.ask(Rollback()) if given.rollback else hand.ask(Deploy(ref=given.ref)))


async def job(hand: Hand, given: JobArguments) -> Part | Refused:
    if given.job in hand.pages.kept:
        return hand.pages.page(given.job, given.page)
    return await hand.ask(AskJob(job=given.job))


async def apply(hand: Hand, given: ApplyArguments) -> Part | Refused:
    return await hand.ask(Plan(ref=given.ref) if given.plan_only else Apply(ref=given.ref))


async def instances(hand: Hand, given: InstancesArguments) -> Part | Refused:
    if given.do == "list":
        return await hand.ask(AskInstances())
    if given.do == "metrics":
        return await _metrics(hand, given.contains)
    if given.do == "restart":
        return await hand.ask(Restart(instance=given.instance))
    if given.count is None:
        return Refused(code="bad_arguments", detail="instances: do='scale' needs count, how many to run (1 to 64)")
    return await hand.ask(Scale(count=given.count, size=given.size))


async def _metrics(hand: Hand, contains: str) -> Part | Refused:
    found = await hand.ask(Metrics())
    if isinstance(found, Refused) or not contains:
        return found
    lines = [line for line in found.text.splitlines() if contains in line]
    return found.model_copy(update={"text": "\n".join(lines)})


async def logs(hand: Hand, given: LogsArguments) -> Part | Refused:
    return await hand.ask(Logs(instance=given.instance, contains=given.contains, lines=given.lines))


async def access_log(hand: Hand, given: AccessLogArguments) -> Part | Refused:
    if given.by_address:
        return await hand.ask(TopRefused(hours=given.hours))
    return await hand.ask(
        AccessLog(address=given.address, path_contains=given.path_contains, status=given.status, lines=given.lines)
    )


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


async def secrets(hand: Hand, given: SecretsArguments) -> Part | Refused:
    return await hand.ask(Secrets(keep=given.keep, forget=given.forget))


TOOLS: tuple[AnyTool, ...] = (
    Tool(
        "deploy",
        "Roll a commit of your repository out to production: build, migrate the database, start new instances, switch "
        "when they are healthy. Answers with a job and ready_at (simulated milliseconds), some minutes ahead; look with "
        "job after that. What serves now serves on until then, and stays if any step fails. Uncommitted changes are not "
        'deployed. Example: {"ref": "HEAD"}. With {"rollback": true} it goes back to the release before instead; '
        "migrations are not undone. Refused: no such commit (git log), or nothing to go back to.",
        DeployArguments,
        deploy,
    ),
    Tool(
        "job",
        "Come back to something that an answer named by id: how a deploy stands (running, succeeded, or failed with the "
        "step and its last output), the answer of a call that had not finished in time, or the next page of an answer too "
        'long for one (16 kB; its `next` says how to ask, and all texts together are the answer). Example: {"job": "j_…"}. '
        "Asking takes time like every call: for a deploy, rather wait until its ready_at. The last 20 long answers are "
        "kept; an unknown id is refused: call the tool again, for less at once.",
        JobArguments,
        job,
    ),
    Tool(
        "apply",
        "Make the hosting as deploy/infra.toml of a commit says: instances, balancer, database plan, jobs, firewall, "
        "limits. Answers with each change and cost_per_month in micro-dollars (1000000 is one dollar). Look first, without "
        'any change. Example: {"plan_only": true}. Does not deploy code. Refused with the key that is wrong if the file '
        "cannot be used; correct it, commit, and apply again.",
        ApplyArguments,
        apply,
    ),
    Tool(
        "instances",
        "The running instances with release, size, restarts and memory (MiB), the live commit, and how busy the instances "
        "(`utilisation`) and the database's writer (`database`) were in the last hour (1.0 is full). "
        'Example: {"do": "list"}. {"do": "metrics"} tells gauges and counters of instances, edge and database as '
        'Prometheus text, as they are now. {"do": "restart"} replaces one or all without a gap; '
        '{"do": "scale", "count": 4} changes their number or size at once, until the next apply. Each costs by the hour. '
        "Refused: an instance that is not there (list them), or a release that does not start (read logs).",
        InstancesArguments,
        instances,
    ),
    Tool(
        "logs",
        "What the product itself prints, newest last, each line after the instance's or job's name. "
        'Example: {"contains": "Traceback", "lines": 500}. Old output of stopped instances is gone. A name without a log '
        "is refused with those there are.",
        LogsArguments,
        logs,
    ),
    Tool(
        "access_log",
        "Requests as the edge in front of the product saw them, newest last: time, client address, method, path, status, "
        'bytes, duration, instance. Filter to keep it short. Example: {"status": 500, "lines": 50}. With '
        '{"by_address": true, "hours": 6} it counts instead which addresses were refused most and how many of their '
        "requests were answered. Customers of one company often share an address.",
        AccessLogArguments,
        access_log,
    ),
    Tool(
        "sql",
        "Run one SQL statement on the production database (SQLite); rows come as a text table, at most 200, cells cut at "
        "200 characters. What you change here is changed for customers at once and without undo: make a backup first. "
        'Example: {"statement": "select name from sqlite_master"}. A statement that fails answers with error: and '
        "SQLite's words; one that takes over a minute is stopped.",
        SqlArguments,
        sql,
    ),
    Tool(
        "backups",
        "List, make or restore backups of the production database and its files. Keeping them costs by size. Restoring "
        "stops all instances for some minutes and loses everything written since the backup. "
        'Example: {"do": "restore", "backup": "b_…"}. Refused: an unknown backup, or more than 50 of them.',
        BackupsArguments,
        backups,
    ),
    Tool(
        "firewall",
        "Turn addresses, networks or paths away at the edge, or let them in again; without arguments, tells the rules. "
        'Acts at once, and blocks everybody behind that address, customers too. Example: {"block": ["203.0.113.7"]}. '
        "Refused: what is no address, network or path, or a rule that stands in deploy/infra.toml (change it there).",
        FirewallArguments,
        firewall,
    ),
    Tool(
        "secrets",
        "Secrets of the product, such as a key of another service: each is an environment variable of its name for "
        "every instance and job started from now on (restart to use it at once), unless deploy/infra.toml sets that "
        "variable. Values are never shown again; without arguments it lists the names. "
        'Example: {"keep": {"MAIL_KEY": "…"}}. Refused: forgetting one that is not there, or more than 50.',
        SecretsArguments,
        secrets,
        private=frozenset({"keep"}),
    ),
)
