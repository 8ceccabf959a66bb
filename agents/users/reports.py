"""What is said of a tick: columns of each user agent, the evidence of pain, and the load. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.users.activity import Sessions
from agents.users.journeys import Journey, Outcome
from agents.users.outcomes import FINE
from agents.users.population.columns import SEGMENTS, Doubles, Ints, Longs, Population, Rows
from bus.messages.users import (
    CohortWorked,
    CustomerJoined,
    CustomersInherited,
    LinkShared,
    LoadOffered,
    PainFelt,
)
from bus.money import Micros
from bus.simtime import SimTime


def inherited(population: Population) -> list[CustomersInherited]:
    """The customers as the episode begins: one message a user agent."""
    customers = population.customers
    events: list[CustomersInherited] = []
    by_agent = np.argsort(customers.agent, kind="stable")
    bounds = np.searchsorted(customers.agent[by_agent], [*population.cohorts, population.last])
    for code, begin, end in zip(population.cohorts, bounds[:-1], bounds[1:], strict=True):
        rows = [int(row) for row in by_agent[begin:end]]
        events.append(
            CustomersInherited(
                agent=population.agents[code].ident,
                customer=tuple(customers.ident[row] for row in rows),
                name=tuple(customers.name[row] for row in rows),
                segment=tuple(SEGMENTS[int(customers.segment[row])] for row in rows),
                plan=tuple(customers.plan[row] for row in rows),
                seats=tuple(int(customers.seats[row]) for row in rows),
                paid_from=tuple(SimTime(int(customers.paid_from[row])) for row in rows),
                wallet=tuple(Micros(int(customers.wallet[row])) for row in rows),
                income=tuple(Micros(int(customers.income[row])) for row in rows),
            )
        )
    return events


def joined(population: Population, row: int) -> CustomerJoined:
    """One new customer."""
    customers = population.customers
    return CustomerJoined(
        agent=population.agents[int(customers.agent[row])].ident,
        customer=customers.ident[row],
        name=customers.name[row],
        segment=SEGMENTS[int(customers.segment[row])],
        plan=customers.plan[row],
        seats=int(customers.seats[row]),
        wallet=Micros(int(customers.wallet[row])),
        income=Micros(int(customers.income[row])),
    )


def pain(
    population: Population, sessions: Sessions, outcomes: Mapping[tuple[str, int], Outcome], hurts: Longs
) -> list[PainFelt]:
    """The executed sessions that failed, with what shows it; in the order of customer and session."""
    customers = population.customers
    felt = np.flatnonzero(hurts)
    felt = felt[customers.panel[sessions.customer[felt]]]
    places = {
        (customers.ident[int(sessions.customer[place])], int(sessions.ordinal[place])): int(hurts[place])
        for place in felt
    }
    events: list[PainFelt] = []
    for (customer, ordinal), one in sorted(outcomes.items()):
        if one.failure is None or customer not in population.row_of:
            continue
        events.append(
            PainFelt(
                agent=population.agents[int(customers.agent[population.row_of[customer]])].ident,
                customer=customer,
                kind=one.failure.kind,
                amount=Micros(places.get((customer, ordinal), 0)),
                journey=one.journey,
                step=f"{one.failure.step}: {one.failure.detail}",
                request=one.failure.request,
                response=one.failure.response,
            )
        )
    return events


@dataclass(frozen=True)
class Worked:
    """A tick of some consecutive user agents as columns: of each of them, and of what each did."""

    tick: int
    first: int
    """The first user agent by number."""
    idents: Sequence[str]
    names: Sequence[str]
    """Of all journeys."""
    customers: Longs
    users: Longs
    active: Longs
    satisfaction: Doubles
    pain: Longs
    ends: Rows
    """By user agent: the place after its last row of the columns below."""
    journey: Rows
    sessions: Longs
    executed: Longs
    failed: Longs

    def events(self) -> list[CohortWorked]:
        """One columnar message a user agent."""
        said = tuple(np.array(self.names, np.object_)[self.journey].tolist())
        sessions, executed, failed = (tuple(each.tolist()) for each in (self.sessions, self.executed, self.failed))
        ends = self.ends.tolist()
        return [
            CohortWorked.made(
                {
                    "type": "users.cohort.worked/2",
                    "agent": agent,
                    "tick": self.tick,
                    "customers": customers,
                    "users": users,
                    "active": active,
                    "journey": said[begin:end],
                    "sessions": sessions[begin:end],
                    "executed": executed[begin:end],
                    "failed": failed[begin:end],
                    "satisfaction": round(satisfied, 6),
                    "pain": pain,
                }
            )
            for agent, customers, users, active, satisfied, pain, begin, end in zip(
                self.idents,
                self.customers.tolist(),
                self.users.tolist(),
                self.active.tolist(),
                self.satisfaction.tolist(),
                self.pain.tolist(),
                [0, *ends[:-1]],
                ends,
                strict=True,
            )
        ]


def worked(
    population: Population,
    tick: int,
    sessions: Sessions,
    kinds: Ints,
    executed: Sequence[int],
    hurts: Longs,
    names: Sequence[str],
) -> Worked:
    """What each user agent's people did in the journeys of these names."""
    customers = population.customers
    size, first, count = len(population.cohorts), population.first, len(names)
    agent = (customers.agent - first).astype(np.intp).take(sessions.customer)
    cell = agent * count + sessions.journey
    every, run, failed = (
        np.bincount(cells, minlength=size * count)
        for cells in (cell, cell[list(executed)], cell[np.flatnonzero(kinds != FINE)])
    )
    begins = np.flatnonzero(np.diff(sessions.person, prepend=-1))
    hurt = np.flatnonzero(hurts)
    alive = np.flatnonzero(customers.alive)
    whose = customers.agent[alive] - first
    heads = np.bincount(whose, minlength=size)
    there = np.flatnonzero(every)
    return Worked(
        tick=tick,
        first=first,
        idents=population.idents,
        names=names,
        customers=heads,
        users=np.bincount(whose, customers.seats[alive], minlength=size).astype(np.int64),
        active=np.bincount(agent[begins], minlength=size),
        satisfaction=np.bincount(whose, customers.content[alive], minlength=size) / np.maximum(heads, 1),
        pain=np.bincount(agent[hurt], hurts[hurt], minlength=size).astype(np.int64),
        ends=np.searchsorted(there, np.arange(1, size + 1) * count),
        journey=there % count,
        sessions=every[there],
        executed=run[there],
        failed=failed[there],
    )


def load(tick: int, counts: Sequence[int], journeys: Sequence[Journey]) -> LoadOffered:
    """Requests by kind of work, from the number of sessions by journey, sign-ups included."""
    requests: dict[str, float] = {}
    for journey, count in zip(journeys, counts, strict=True):
        for kind, each in journey.work.items():
            requests[kind] = requests.get(kind, 0.0) + each * count
    return LoadOffered(tick=tick, requests={kind: round(total) for kind, total in sorted(requests.items())})


def shared(population: Population, outcomes: Sequence[Outcome]) -> list[LinkShared]:
    """Addresses that were sent outside."""
    customers = population.customers
    return [
        LinkShared(
            agent=population.agents[int(customers.agent[population.row_of[one.customer]])].ident,
            customer=one.customer,
            target=link.target,
            nonce=link.nonce,
        )
        for one in outcomes
        for link in one.shared
        if one.customer in population.row_of
    ]
