"""The company's hosting: releases, instances, the edge, jobs, usage and alerts. Owner: cloud."""

from typing import Literal

from bus.messages.base import Command, Done, Event, Part
from bus.money import Micros
from bus.simtime import SimTime

Isolation = Literal["full", "partial", "none"]


class EdgeOpened(Event):
    """Where the edge listens for the world's users and attackers."""

    type: Literal["cloud.edge.opened/1"] = "cloud.edge.opened/1"
    socket: str | None
    """Path of a unix socket, relative to the world's directory."""
    host: str | None = None
    port: int | None = None
    isolation: Isolation


class ReleaseBuilt(Event):
    type: Literal["cloud.release.built/1"] = "cloud.release.built/1"
    release: str
    commit: str
    files: int


class ReleaseLive(Event):
    """A release serves all traffic from now on."""

    type: Literal["cloud.release.live/1"] = "cloud.release.live/1"
    release: str
    commit: str
    previous: str | None
    rolled_back: bool = False
    job: str | None = None


class ReleaseFailed(Event):
    """A deploy did not happen; what served before serves on."""

    type: Literal["cloud.release.failed/1"] = "cloud.release.failed/1"
    commit: str
    step: Literal["build", "migrate", "start", "health"]
    detail: str
    job: str | None = None


class DemandProfiled(Event):
    """What a release costs to serve, as paired ratios to the pinned reference release (see services/cloud/demand.py)."""

    type: Literal["cloud.release.profiled/1"] = "cloud.release.profiled/1"
    release: str
    ratio: dict[str, float]
    """CPU by kind of work, reference = 1; quantised."""
    leak_bytes: dict[str, int]
    """Memory that a request leaves behind, in bytes; quantised. The mean over all kinds, told of each (docs/adr/0006)."""
    cached: bool


class InstanceChanged(Event):
    type: Literal["cloud.instance.changed/1"] = "cloud.instance.changed/1"
    instance: str
    release: str
    size: str
    state: Literal["starting", "ready", "draining", "stopped", "crashed", "out_of_memory"]


class AlertRaised(Event):
    type: Literal["cloud.alert.raised/1"] = "cloud.alert.raised/1"
    alert: str
    kind: Literal[
        "errors",
        "instance_down",
        "out_of_memory",
        "overload",
        "database",
        "slow",
        "job_failed",
        "login_failures",
        "disk",
    ]
    detail: str


class AlertCleared(Event):
    type: Literal["cloud.alert.cleared/1"] = "cloud.alert.cleared/1"
    alert: str
    kind: str


class JobEnded(Event):
    type: Literal["cloud.job.ended/1"] = "cloud.job.ended/1"
    job: str
    exit_code: int
    detail: str


class ServiceMeasured(Event):
    """How the product served this tick, for everybody who was not executed over HTTP."""

    type: Literal["cloud.service.measured/1"] = "cloud.service.measured/1"
    tick: int
    release: str | None
    instances: int
    available: float
    """Share of the tick in which at least one instance served, 0 to 1."""
    utilisation: float
    """Work of the instances over their capacity; above 1 it did not fit."""
    database: float = 0.0
    """The same of the database's writer."""
    latency_ms: dict[str, float]
    """Mean time in the system by kind of work, in reference milliseconds of simulated hardware."""
    timed_out: float
    """Share of the offered requests that gave up, 0 to 1."""


class UsageLine(Part):
    item: Literal["instances", "database", "storage", "egress", "backups", "mail"]
    quantity: float
    unit: str
    cost: Micros


class UsageMetered(Event):
    """The hosting bill for one tick."""

    type: Literal["cloud.usage.metered/1"] = "cloud.usage.metered/1"
    tick: int
    lines: tuple[UsageLine, ...]


class JobTicket(Part):
    """Long work that was accepted: it goes on by itself."""

    job: str
    ready_at: SimTime


class JobState(Part):
    job: str
    kind: str
    state: Literal["running", "succeeded", "failed"]
    detail: str
    ready_at: SimTime


class Deploy(Command[JobTicket]):
    """Build a git ref of the operator's repository and roll it out."""

    type: Literal["cloud.deploy/1"] = "cloud.deploy/1"
    ref: str = "HEAD"


class Rollback(Command[JobTicket]):
    """Back to the release that was live before."""

    type: Literal["cloud.rollback/1"] = "cloud.rollback/1"


class AskJob(Command[JobState]):
    type: Literal["cloud.job/1"] = "cloud.job/1"
    job: str


class Restart(Command[Done]):
    """Restart one instance, or all of them one after the other."""

    type: Literal["cloud.restart/1"] = "cloud.restart/1"
    instance: str | None = None


class InstanceInfo(Part):
    instance: str
    release: str
    size: str
    state: str
    restarts: int
    memory_mb: int


class InstanceList(Part):
    instances: tuple[InstanceInfo, ...]
    release: str | None
    commit: str | None
    previous: str | None
    utilisation: float
    """Of the instances, in the last hour; 1 is full."""
    database: float = 0.0
    """The same of the database's writer, for which a larger plan is there and no further instance."""


class AskInstances(Command[InstanceList]):
    type: Literal["cloud.instances/1"] = "cloud.instances/1"


class PlannedChange(Part):
    what: str
    before: str
    after: str
    cost_per_month: Micros
    """How much dearer (or cheaper) a month becomes."""


class InfraPlan(Part):
    changes: tuple[PlannedChange, ...]
    cost_per_month: Micros


class Plan(Command[InfraPlan]):
    """What `deploy/infra.toml` at a git ref would change, and what it would cost."""

    type: Literal["cloud.plan/1"] = "cloud.plan/1"
    ref: str = "HEAD"


class Apply(Command[InfraPlan]):
    """Make it so."""

    type: Literal["cloud.apply/1"] = "cloud.apply/1"
    ref: str = "HEAD"


class Scale(Command[InfraPlan]):
    """Change the number or size of instances at once; `deploy/infra.toml` wins again at the next apply."""

    type: Literal["cloud.scale/1"] = "cloud.scale/1"
    count: int
    size: Literal["small", "medium", "large"] | None = None


class Text(Part):
    """A page of text."""

    text: str
    next_offset: int | None = None
    """Where the next page begins, if there is more."""


class Logs(Command[Text]):
    """The product's own output, newest last."""

    type: Literal["cloud.logs/1"] = "cloud.logs/1"
    instance: str | None = None
    contains: str = ""
    lines: int = 200


class Metrics(Command[Text]):
    """The platform's metrics of instances and edge, as Prometheus text."""

    type: Literal["cloud.metrics/1"] = "cloud.metrics/1"


class AccessLog(Command[Text]):
    """Requests as the edge saw them, newest last."""

    type: Literal["cloud.access_log/1"] = "cloud.access_log/1"
    address: str = ""
    path_contains: str = ""
    status: int | None = None
    lines: int = 200


class FailedLogins(Part):
    """Addresses with many refused requests, worst first."""

    address: tuple[str, ...]
    refused: tuple[int, ...]
    answered: tuple[int, ...]


class TopRefused(Command[FailedLogins]):
    """Which addresses were refused most (401, 403, 404, 429) in the last hours."""

    type: Literal["cloud.top_refused/1"] = "cloud.top_refused/1"
    hours: int = 24


class Sql(Command[Text]):
    """One statement in the production database's console (inside the sandbox)."""

    type: Literal["cloud.sql/1"] = "cloud.sql/1"
    statement: str


class Backup(Part):
    backup: str
    at: SimTime
    bytes: int


class Backups(Part):
    backups: tuple[Backup, ...]


class AskBackups(Command[Backups]):
    type: Literal["cloud.backups/1"] = "cloud.backups/1"


class MakeBackup(Command[Backup]):
    type: Literal["cloud.make_backup/1"] = "cloud.make_backup/1"


class Restore(Command[Done]):
    type: Literal["cloud.restore/1"] = "cloud.restore/1"
    backup: str


class Mail(Part):
    """A letter of the product, as it lies in somebody's mailbox. Its words are the operator's code's: data."""

    sender: str
    to: str
    subject: str
    text: str
    sent_at: SimTime


class Mailbox(Part):
    mails: tuple[Mail, ...]
    """In the order in which they came."""
    cursor: int
    """For the next question."""


class ReadMailbox(Command[Mailbox]):
    """What came to an address since a cursor (0: ever). For the agents who play people; never for the operator."""

    type: Literal["cloud.mailbox/1"] = "cloud.mailbox/1"
    address: str
    since: int = 0


class FirewallRules(Part):
    blocked: tuple[str, ...]


class Firewall(Command[FirewallRules]):
    """Block or unblock addresses or networks at the edge; without any, tells what is blocked."""

    type: Literal["cloud.firewall/1"] = "cloud.firewall/1"
    block: tuple[str, ...] = ()
    unblock: tuple[str, ...] = ()


class SecretNames(Part):
    names: tuple[str, ...]


class Secrets(Command[SecretNames]):
    """Keep or forget secrets of the product, which instances find in their environment from their next start on.

    Values are never told again; without any, the names are.
    """

    type: Literal["cloud.secrets/1"] = "cloud.secrets/1"
    keep: dict[str, str] = {}
    forget: tuple[str, ...] = ()


class Delivery(Part):
    """A request that the product sent to the outside, as its receiver got it."""

    position: int
    """Counted from 1 in the order of delivery."""
    url: str
    headers: dict[str, str]
    body: str
    status: int
    """What the receiver answered."""


class Deliveries(Part):
    deliveries: tuple[Delivery, ...]
    next: int
    """Ask again with this as `after` for what comes later."""


class AskDeliveries(Command[Deliveries]):
    """What receivers whose URL begins with a prefix got: for those who simulate them, never for the operator."""

    type: Literal["cloud.deliveries/1"] = "cloud.deliveries/1"
    prefix: str
    after: int = 0
