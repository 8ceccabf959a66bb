"""The cloud's decisions, pure: when work is due, what a tick costs, and what is worth an alert."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bus.messages.cloud import Backup, UsageLine
from bus.money import Micros, share
from bus.scenario import CloudSection
from bus.simtime import HOUR, MINUTE, SimTime
from services.cloud.infra import HOURS_PER_MONTH, Infra, Job, instance_price

GIB = 1 << 30
LONGEST_BACKOFF = 60 * MINUTE
"""Most that a crash-looping instance waits before it is started again (Kubernetes waits 5 min; B)."""
STORAGE_STEP = 64 << 20
"""Storage is metered in steps: databases grow by pages and journals whose number hangs on real time."""
BODY_STEPS = 2**0.5
ERROR_SHARE, ERROR_MINIMUM = 0.05, 10
SLOW_MS = 1_000.0
FULL = 0.9
LOGIN_FAILURES = 50
"""Refused requests of one address in one tick that are worth an alert."""
DISK_BYTES: dict[str, int] = {"basic": 20 * GIB, "standard": 100 * GIB}
"""Storage of a database plan (common sizes of entry plans; C)."""

JobKind = Literal["deploy", "rollback"]
JobStateName = Literal["running", "succeeded", "failed"]


@dataclass
class CloudJob:
    """Long work that the operator asked for."""

    id: str
    kind: JobKind
    commit: str
    """What to deploy; empty for a rollback."""
    ready_at: SimTime
    state: JobStateName = "running"
    detail: str = ""


@dataclass
class State:
    """What the cloud knows beside its running processes."""

    desired: Infra
    jobs: dict[str, CloudJob] = field(default_factory=dict[str, CloudJob])
    revive_at: dict[str, SimTime] = field(default_factory=dict[str, SimTime])
    """Members that are down, and when their back-off ends."""
    blocked: set[str] = field(default_factory=set[str])
    """Firewall rules set by command, beside those of the infrastructure file."""
    secrets: dict[str, str] = field(default_factory=dict[str, str])
    """By name; in the environment of what is started."""
    backups: list[Backup] = field(default_factory=list[Backup])
    alerts: dict[str, str] = field(default_factory=dict[str, str])
    """By kind, the id of the alert that is up."""
    raised: int = 0
    looked_at: SimTime = SimTime(0)
    """Scheduled jobs up to here have run."""
    backlog_s: float = 0.0
    body_bytes: float = 0.0
    """Mean body of a response, on a coarse grid."""
    utilisation: float = 0.0
    """Of the instances, in the last hour."""
    database: float = 0.0
    """Of the database's writer."""

    def rules(self) -> list[str]:
        """All firewall rules."""
        return sorted(self.blocked | set(self.desired.firewall.blocked))

    def waiting(self) -> list[CloudJob]:
        """Jobs that have not been done yet, in the order in which they will be."""
        return sorted((job for job in self.jobs.values() if job.state == "running"), key=lambda job: job.ready_at)


def ready_time(state: State, now: SimTime, minutes: int) -> SimTime:
    """When new long work is done: one after the other."""
    waiting = state.waiting()
    begin = max([now, *(job.ready_at for job in waiting)])
    return SimTime(begin + minutes * MINUTE)


def due_runs(jobs: Iterable[Job], after: SimTime, until: SimTime) -> list[tuple[SimTime, Job]]:
    """Runs of scheduled jobs after one moment, up to and with another, in order of time and name."""
    runs = [
        (SimTime(at), job)
        for job in jobs
        for at in range((after // job.interval + 1) * job.interval, until + 1, job.interval)
    ]
    return sorted(runs, key=lambda run: (run[0], run[1].name))


def backoff(restarts: int, minutes: int) -> int:
    """Milliseconds of simulated time before a crashed instance is started again; doubles with each restart."""
    return int(min(minutes * MINUTE * 2 ** min(restarts, 10), LONGEST_BACKOFF))


def coarse(mean: float, before: float) -> float:
    """A mean body size on a grid of factor sqrt 2, which only moves when the mean has left the last step's surroundings.

    Real sizes vary by a few bytes (ids drawn by the product); what is booked must not.
    """
    if mean <= 0:
        return before
    if before and before / BODY_STEPS <= mean <= before * BODY_STEPS:
        return before
    step = 64.0
    while step * BODY_STEPS**0.5 < mean:
        step *= BODY_STEPS
    return step


@dataclass(frozen=True)
class Used:
    """What one tick used."""

    members: int
    egress_bytes: int
    storage_bytes: int
    backup_bytes: int
    mails: int = 0
    milliseconds: int = HOUR


def usage(used: Used, infra: Infra, prices: CloudSection) -> tuple[UsageLine, ...]:
    """The hosting bill of one tick; instances are billed while they are rented, serving or not."""
    size = infra.instances.size
    hourly = Micros(used.members * instance_price(size, prices))
    storage = -(-used.storage_bytes // STORAGE_STEP) * STORAGE_STEP
    backups = -(-used.backup_bytes // STORAGE_STEP) * STORAGE_STEP
    hours = used.milliseconds / HOUR
    monthly = GIB * HOURS_PER_MONTH * HOUR
    kept = prices.storage_gb_month * used.milliseconds
    return (
        _line("instances", used.members * hours, f"{size} h", share(hourly, used.milliseconds, HOUR)),
        _line("database", hours, "h", share(prices.database_hour[infra.database.plan], used.milliseconds, HOUR)),
        _line("storage", storage / GIB, "GiB", share(Micros(kept), storage, monthly)),
        _line("egress", used.egress_bytes / 1e9, "GB", share(prices.egress_gb, used.egress_bytes, 10**9)),
        _line("backups", backups / GIB, "GiB", share(Micros(kept), backups, monthly)),
        _line("mail", used.mails, "letters", Micros(0)),
    )


def _line(item: str, quantity: float, unit: str, cost: Micros) -> UsageLine:
    return UsageLine.model_validate({"item": item, "quantity": round(quantity, 9), "unit": unit, "cost": cost})


@dataclass(frozen=True)
class Signs:
    """What a tick showed, for the alerts."""

    answers: Mapping[str, int]
    """Responses by status or edge error."""
    down: tuple[str, ...]
    out_of_memory: tuple[str, ...]
    utilisation: float
    database: float
    slowest: tuple[str, float]
    """Kind of work and its mean latency in milliseconds."""
    refused: tuple[str, int]
    """The address that was refused most, and how often."""
    storage_bytes: int
    failed_jobs: tuple[str, ...]


def alerts(signs: Signs, infra: Infra) -> dict[str, str]:
    """What is wrong now: kind of alert and detail, in a stable order."""
    total = sum(signs.answers.values())
    bad = sum(count for status, count in signs.answers.items() if _is_error(status))
    disk = DISK_BYTES[infra.database.plan]
    found = {
        "errors": f"{bad} of {total} requests failed" if bad >= ERROR_MINIMUM and bad > ERROR_SHARE * total else "",
        "instance_down": ", ".join(signs.down),
        "out_of_memory": ", ".join(signs.out_of_memory),
        "overload": f"utilisation {signs.utilisation:.0%}" if signs.utilisation > FULL else "",
        "database": f"the database's writer is {signs.database:.0%} busy" if signs.database > FULL else "",
        "slow": f"{signs.slowest[0]} takes {signs.slowest[1]:.0f} ms" if signs.slowest[1] > SLOW_MS else "",
        "job_failed": "; ".join(signs.failed_jobs),
        "login_failures": f"{signs.refused[1]} refused requests from {signs.refused[0]}"
        if signs.refused[1] >= LOGIN_FAILURES
        else "",
        "disk": f"{signs.storage_bytes / GIB:.1f} of {disk / GIB:.0f} GiB used"
        if signs.storage_bytes > FULL * disk
        else "",
    }
    return {kind: detail for kind, detail in found.items() if detail}


def _is_error(status: str) -> bool:
    return (not status.isdigit() and status not in ("blocked", "rate_limited")) or status.startswith("5")
