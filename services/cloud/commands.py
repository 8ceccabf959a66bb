"""What the operator may ask of its hosting provider, and the answers."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bus.codec import RequestHead
from bus.context import Handler
from bus.ids import derive_id
from bus.messages.base import Command, Done, Part, Refused
from bus.messages.cloud import (
    AccessLog,
    Apply,
    AskBackups,
    AskDeliveries,
    AskInstances,
    AskJob,
    Backup,
    Backups,
    Deliveries,
    Deploy,
    FailedLogins,
    Firewall,
    FirewallRules,
    InfraPlan,
    InstanceInfo,
    InstanceList,
    JobState,
    JobTicket,
    Logs,
    Mailbox,
    MakeBackup,
    Metrics,
    Plan,
    ReadMailbox,
    Restart,
    Restore,
    Rollback,
    Scale,
    SecretNames,
    Secrets,
    Sql,
    Text,
    TopRefused,
)
from bus.simtime import HOUR, SimTime
from services.cloud.errors import ProductError
from services.cloud.hosting import Hosting
from services.cloud.infra import INFRA_PATH, Infra, InfraError, checked_rule, parse, plan
from services.cloud.metering import Metering
from services.cloud.metrics import exposition
from services.cloud.model import CloudJob, ready_time

REMEMBERED = 1_000
"""Answers kept by command id, so that a repeated command is not carried out twice."""
LOG_BYTES = 256 * 1024
TEXT_CHARS = 60_000
MAX_RULES = 1_000
MAX_BACKUPS = 50
MAX_SECRETS = 50


class Commands:
    """Handlers of every command to the cloud. Expected failures are `Refused`; then nothing has changed."""

    def __init__(self, hosting: Hosting, metering: Metering) -> None:
        self.hosting = hosting
        self._metering = metering
        self._answered: OrderedDict[tuple[str, str], Part] = OrderedDict()

    def handlers(self) -> Mapping[type[Command[Any]], Handler]:
        """By command, its handler."""
        table: dict[type[Command[Any]], Callable[[Any], Awaitable[Part | Refused]]] = {
            Deploy: self._deploy,
            Rollback: self._rollback,
            AskJob: self._job,
            Restart: self._restart,
            AskInstances: self._instances,
            Plan: self._plan,
            Apply: self._apply,
            Scale: self._scale,
            Logs: self._logs,
            Metrics: self._metrics,
            AccessLog: self._access_log,
            TopRefused: self._top_refused,
            Sql: self._sql,
            AskBackups: self._backups,
            MakeBackup: self._make_backup,
            Restore: self._restore,
            Firewall: self._firewall,
            Secrets: self._secrets,
        }
        once = {command: self._once(handler) for command, handler in table.items()}
        return {**once, ReadMailbox: self._mailbox, AskDeliveries: self._deliveries}

    def _once(self, handler: Callable[[Any], Awaitable[Part | Refused]]) -> Handler:
        """Catch up with the asker's time, then answer; an id that was answered gets the same answer again."""

        async def handle(head: RequestHead, command: Any) -> Part | Refused:
            async with self.hosting.lock:
                key = (head.sender, head.id)
                if key not in self._answered:
                    await self.hosting.advance(self._now)
                    try:
                        self._answered[key] = await handler(command)
                    except ProductError as error:
                        self._answered[key] = Refused(code=f"{error.step}_failed", detail=error.detail[:4000])
                    except InfraError as error:
                        self._answered[key] = Refused(code="bad_infra", detail=str(error))
                    if len(self._answered) > REMEMBERED:
                        self._answered.popitem(last=False)
                return self._answered[key]

        return handle

    async def _mailbox(self, head: RequestHead, command: ReadMailbox) -> Mailbox:
        """Asked by people in the middle of a tick, so nothing else may happen by it but that mail arrives."""
        del head
        relay = self.hosting.relay
        relay.collect(self._now)
        return relay.mailboxes.since(command.address, command.since)

    @property
    def _now(self) -> SimTime:
        return self.hosting.ctx.now

    # Releases

    async def _deploy(self, command: Deploy) -> JobTicket:
        return self._accept("deploy", await self.hosting.driver.resolve(command.ref))

    async def _rollback(self, command: Rollback) -> JobTicket | Refused:
        del command
        if self.hosting.previous is None:
            return Refused(code="no_previous", detail="there is no release before the live one")
        return self._accept("rollback", "")

    def _accept(self, kind: str, commit: str) -> JobTicket:
        state = self.hosting.state
        minutes = self.hosting.ctx.world.scenario.cloud.deploy_minutes
        job = CloudJob(
            id=derive_id("j", "cloud", len(state.jobs)),
            kind="deploy" if kind == "deploy" else "rollback",
            commit=commit,
            ready_at=ready_time(state, self._now, minutes),
        )
        state.jobs[job.id] = job
        return JobTicket(job=job.id, ready_at=job.ready_at)

    async def _job(self, command: AskJob) -> JobState | Refused:
        job = self.hosting.state.jobs.get(command.job)
        if job is None:
            return Refused(code="no_such_job", detail=f"no job {command.job!r}; deploy and rollback give job ids")
        return JobState(job=job.id, kind=job.kind, state=job.state, detail=job.detail[:4000], ready_at=job.ready_at)

    # Instances and infrastructure

    async def _restart(self, command: Restart) -> Done | Refused:
        members = [one for one in self.hosting.fleet.members if command.instance in (None, one.name)]
        if not members:
            return Refused(code="no_such_instance", detail=f"no instance {command.instance!r}")
        await self.hosting.restart(members)
        return Done()

    async def _instances(self, command: AskInstances) -> InstanceList:
        del command
        hosting = self.hosting
        return InstanceList(
            instances=tuple(
                InstanceInfo(
                    instance=member.name,
                    release=member.software.release,
                    size=member.size,
                    state="ready" if member.up else "down",
                    restarts=member.restarts,
                    memory_mb=self._metering.memory_mb(member),
                )
                for member in hosting.fleet.members
            ),
            release=hosting.live.release if hosting.live else None,
            commit=hosting.live.commit if hosting.live else None,
            previous=hosting.previous.release if hosting.previous else None,
            utilisation=hosting.state.utilisation,
            database=hosting.state.database,
        )

    async def _plan(self, command: Plan) -> InfraPlan:
        return self._planned(await self._infra(command.ref))

    async def _apply(self, command: Apply) -> InfraPlan:
        return await self._change(await self._infra(command.ref))

    async def _scale(self, command: Scale) -> InfraPlan | Refused:
        desired = self.hosting.state.desired
        wanted = {"count": command.count, "size": command.size or desired.instances.size}
        try:
            new = Infra.model_validate(desired.model_dump() | {"instances": wanted})
        except ValueError as error:
            return Refused(code="bad_scale", detail=str(error))
        return await self._change(new)

    async def _infra(self, ref: str) -> Infra:
        return parse(await self.hosting.driver.show(ref, INFRA_PATH))

    def _planned(self, new: Infra) -> InfraPlan:
        return plan(self.hosting.state.desired, new, self.hosting.ctx.world.scenario.cloud)

    async def _change(self, new: Infra) -> InfraPlan:
        planned, before = self._planned(new), self.hosting.state.desired
        self.hosting.state.desired = new
        try:
            await self.hosting.resize()
        except ProductError:
            self.hosting.state.desired = before
            raise
        self.hosting.apply_edge()
        return planned

    # Looking

    async def _logs(self, command: Logs) -> Text | Refused:
        hosting = self.hosting
        names = [member.name for member in hosting.fleet.members] + [
            f"job-{job.name}" for job in hosting.state.desired.job
        ]
        if command.instance is not None:
            if command.instance not in names:
                return Refused(code="no_such_log", detail=f"no log {command.instance!r}; there are {', '.join(names)}")
            names = [command.instance]
        lines = [
            f"{name} | {line}"
            for name in names
            for line in hosting.driver.log_tail(name, LOG_BYTES).splitlines()
            if command.contains in line
        ]
        return Text(text=_newest(lines, command.lines))

    async def _metrics(self, command: Metrics) -> Text:
        del command
        return Text(text=exposition(self.hosting, self._metering))

    async def _access_log(self, command: AccessLog) -> Text:
        count = min(max(command.lines, 1), 2_000)
        lines = self.hosting.edge.log.search(command.address, command.path_contains, command.status, count)
        return Text(text=_newest(lines, count))

    async def _top_refused(self, command: TopRefused) -> FailedLogins:
        rows = self.hosting.edge.log.refused(SimTime(self._now - command.hours * HOUR))
        address, refused, answered = zip(*rows, strict=True) if rows else ((), (), ())
        return FailedLogins(address=tuple(address), refused=tuple(refused), answered=tuple(answered))

    # Data

    async def _sql(self, command: Sql) -> Text:
        return Text(text=(await self.hosting.driver.sql(command.statement))[:TEXT_CHARS])

    async def _backups(self, command: AskBackups) -> Backups:
        del command
        return Backups(backups=tuple(self.hosting.state.backups))

    async def _make_backup(self, command: MakeBackup) -> Backup | Refused:
        del command
        state = self.hosting.state
        if len(state.backups) >= MAX_BACKUPS:
            return Refused(code="too_many_backups", detail=f"there are {MAX_BACKUPS} backups already")
        name = derive_id("b", "cloud", len(state.backups))
        size = await self.hosting.driver.copy_data(name)
        backup = Backup(backup=name, at=self._now, bytes=size)
        state.backups.append(backup)
        return backup

    async def _restore(self, command: Restore) -> Done | Refused:
        hosting = self.hosting
        if all(backup.backup != command.backup for backup in hosting.state.backups):
            return Refused(code="no_such_backup", detail=f"no backup {command.backup!r}")
        await hosting.fleet.halt_all()
        await hosting.driver.restore_data(command.backup)
        minutes = hosting.ctx.world.scenario.cloud.restart_minutes
        for member in hosting.fleet.members:
            hosting.revive_later(member, self._now, minutes)
        return Done()

    async def _firewall(self, command: Firewall) -> FirewallRules | Refused:
        state = self.hosting.state
        try:
            block = {checked_rule(rule) for rule in command.block}
            unblock = {checked_rule(rule) for rule in command.unblock}
        except ValueError as error:
            return Refused(code="bad_rule", detail=str(error))
        if len(state.blocked | block) > MAX_RULES:
            return Refused(code="too_many_rules", detail=f"at most {MAX_RULES} rules")
        fixed = sorted(unblock & set(state.desired.firewall.blocked))
        if fixed:
            return Refused(code="in_infra", detail=f"{', '.join(fixed)}: blocked by {INFRA_PATH}; change it and apply")
        state.blocked = (state.blocked | block) - unblock
        self.hosting.apply_edge()
        return FirewallRules(blocked=tuple(state.rules()))

    async def _secrets(self, command: Secrets) -> SecretNames | Refused:
        kept = self.hosting.state.secrets
        unknown = sorted(set(command.forget) - kept.keys())
        if unknown:
            names = ", ".join(sorted(kept)) or "none"
            return Refused(code="no_such_secret", detail=f"no secret {unknown[0][:80]!r}; there are: {names}")
        new = {name: text for name, text in (kept | command.keep).items() if name not in command.forget}
        if len(new) > MAX_SECRETS:
            return Refused(code="too_many_secrets", detail=f"at most {MAX_SECRETS} are kept; forget one first")
        self.hosting.state.secrets = new
        self.hosting.driver.set_secrets(new)
        return SecretNames(names=tuple(sorted(new)))

    # The outside

    async def _deliveries(self, head: RequestHead, command: AskDeliveries) -> Deliveries:
        """Asking changes nothing: it may be repeated, and time does not pass for it."""
        del head
        return self.hosting.driver.egress.deliveries(command.prefix, command.after)


def _newest(lines: list[str], count: int) -> str:
    text = "\n".join(lines[-max(1, count) :])
    return text[-TEXT_CHARS:]
