"""The running product: what is deployed, on what, how it serves and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bus.messages.base import Event
from bus.messages.cloud import (
    AlertCleared,
    AlertRaised,
    EdgeOpened,
    InstanceChanged,
    Isolation,
    JobEnded,
    ReleaseFailed,
    ReleaseLive,
    ServiceMeasured,
    UsageMetered,
)
from bus.money import Micros
from bus.simtime import SimTime
from tui.state.bounded import newest_first, with_key, without_key

HAPPENINGS_KEPT = 100
INSTANCES_KEPT = 500
LOADS_KEPT = 96
"""Ticks of utilisation to draw: four days."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One running copy of the product."""

    release: str
    size: str
    state: str


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that has not cleared."""

    kind: str
    detail: str
    at: SimTime


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of the product's history."""

    at: SimTime
    good: bool
    text: str


@dataclass(frozen=True, slots=True)
class Hosting:
    """The cloud as last heard."""

    isolation: Isolation | None = None
    release: str | None = None
    commit: str = ""
    live_since: SimTime | None = None
    instances: Mapping[str, Instance] = field(default_factory=dict[str, Instance])
    alerts: Mapping[str, Alert] = field(default_factory=dict[str, Alert])
    measured: ServiceMeasured | None = None
    """The latest tick's."""
    ticks_measured: int = 0
    available_sum: float = 0.0
    loads: tuple[float, ...] = ()
    """Utilisation of the latest ticks, newest first."""
    cost_per_tick: Micros | None = None
    happenings: tuple[Happening, ...] = ()
    """Newest first."""

    @property
    def uptime(self) -> float | None:
        """Mean availability over the measured ticks, 0 to 1."""
        return self.available_sum / self.ticks_measured if self.ticks_measured else None


def heard(hosting: Hosting, at: SimTime, event: Event) -> Hosting:  # noqa: PLR0911 (one a kind of event)
    """The product after one more event, said at `at`."""
    match event:
        case ServiceMeasured():
            return _measured(hosting, event)
        case InstanceChanged():
            return _instance_changed(hosting, at, event)
        case UsageMetered():
            return replace(hosting, cost_per_tick=Micros(sum(line.cost for line in event.lines)))
        case ReleaseLive():
            verb = "rolled back to" if event.rolled_back else "live:"
            live = replace(hosting, release=event.release, commit=event.commit, live_since=at)
            return _noted(live, at, True, f"{verb} release {event.release}")
        case ReleaseFailed():
            return _noted(hosting, at, False, f"deploy failed at {event.step}: {event.detail}")
        case AlertRaised():
            alert = Alert(event.kind, event.detail, at)
            raised = replace(hosting, alerts=with_key(hosting.alerts, event.alert, alert))
            return _noted(raised, at, False, f"alert {event.kind}: {event.detail}")
        case AlertCleared():
            cleared = replace(hosting, alerts=without_key(hosting.alerts, event.alert))
            return _noted(cleared, at, True, f"cleared {event.kind}")
        case JobEnded() if event.exit_code != 0:
            return _noted(hosting, at, False, f"job {event.job} failed ({event.exit_code}): {event.detail}")
        case EdgeOpened():
            return replace(hosting, isolation=event.isolation)
        case _:
            return hosting


def _measured(hosting: Hosting, event: ServiceMeasured) -> Hosting:
    return replace(
        hosting,
        measured=event,
        release=event.release or hosting.release,
        ticks_measured=hosting.ticks_measured + 1,
        available_sum=hosting.available_sum + event.available,
        loads=newest_first(hosting.loads, event.utilisation, LOADS_KEPT),
    )


def _instance_changed(hosting: Hosting, at: SimTime, event: InstanceChanged) -> Hosting:
    if event.state == "stopped":
        return replace(hosting, instances=without_key(hosting.instances, event.instance))
    instances = with_key(hosting.instances, event.instance, Instance(event.release, event.size, event.state))
    if len(instances) > INSTANCES_KEPT:
        instances = without_key(instances, next(iter(instances)))
    changed = replace(hosting, instances=instances)
    if event.state in ("crashed", "out_of_memory"):
        return _noted(changed, at, False, f"instance {event.instance} {event.state.replace('_', ' ')}")
    return changed


def _noted(hosting: Hosting, at: SimTime, good: bool, text: str) -> Hosting:
    happening = Happening(at, good, text)
    return replace(hosting, happenings=newest_first(hosting.happenings, happening, HAPPENINGS_KEPT))
