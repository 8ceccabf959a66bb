"""The customers: how many there are, who comes and goes, how content they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bus.messages.base import Event
from bus.messages.users import CohortWorked, CustomerChurned, CustomerJoined, CustomersInherited, PainFelt, RequestTried
from bus.money import Micros
from tui.state.bounded import added, with_key


@dataclass(frozen=True, slots=True)
class Cohort:
    """One user agent's customers at its latest tick."""

    tick: int
    customers: int
    users: int
    active: int
    satisfaction: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class Market:
    """All cohorts together. Sums since the start count from when the viewer began to hear."""

    cohorts: Mapping[str, Cohort] = field(default_factory=dict[str, Cohort])
    inherited: int = 0
    joined: int = 0
    churned: Mapping[str, int] = field(default_factory=dict[str, int])
    """By reason."""
    sessions: int = 0
    failed_sessions: int = 0
    pain: Micros = field(default=Micros(0))
    requests: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """What customers wished for and looked for, and whether it works."""
    pains: Mapping[str, int] = field(default_factory=dict[str, int])
    """Hurts of panel customers, by kind."""

    @property
    def customers(self) -> int | None:
        """As the user agents count them; None before any was heard."""
        if self.cohorts:
            return sum(cohort.customers for cohort in self.cohorts.values())
        return self.inherited + self.joined - self.left if self.inherited else None

    @property
    def active(self) -> int:
        """Users at work in the latest tick."""
        latest = max((cohort.tick for cohort in self.cohorts.values()), default=0)
        return sum(cohort.active for cohort in self.cohorts.values() if cohort.tick == latest)

    @property
    def left(self) -> int:
        """Customers who churned."""
        return sum(self.churned.values())

    @property
    def satisfaction(self) -> float | None:
        """Mean over all customers, 0 to 1; None before any cohort worked."""
        weight = sum(cohort.customers for cohort in self.cohorts.values())
        if not weight:
            return None
        return sum(cohort.satisfaction * cohort.customers for cohort in self.cohorts.values()) / weight


def heard(market: Market, event: Event) -> Market:
    """The market after one more event."""
    match event:
        case CohortWorked():
            return _worked(market, event)
        case CustomersInherited():
            return replace(market, inherited=market.inherited + len(event.customer))
        case CustomerJoined():
            return replace(market, joined=market.joined + 1)
        case CustomerChurned():
            return replace(market, churned=added(market.churned, event.reason))
        case PainFelt() | RequestTried():
            return _experienced(market, event)
        case _:
            return market


def _worked(market: Market, event: CohortWorked) -> Market:
    cohort = Cohort(event.tick, event.customers, event.users, event.active, event.satisfaction)
    return replace(
        market,
        cohorts=with_key(market.cohorts, event.agent, cohort),
        sessions=market.sessions + sum(event.sessions),
        failed_sessions=market.failed_sessions + sum(event.failed),
        pain=Micros(market.pain + event.pain),
    )


def _experienced(market: Market, event: PainFelt | RequestTried) -> Market:
    if isinstance(event, PainFelt):
        return replace(market, pains=added(market.pains, event.kind))
    return replace(market, requests=with_key(market.requests, event.request, event.works))
