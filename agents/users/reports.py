"""What is said of a tick: columns of each user agent, the evidence of pain, and the load. Pure."""

from collections.abc import Mapping, Sequence

import numpy as np

from agents.users.activity import Sessions
from agents.users.journeys import Journey, Outcome
from agents.users.outcomes import FINE
from agents.users.population.columns import SEGMENTS, Ints, Longs, Population
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


def worked(
    population: Population,
    tick: int,
    sessions: Sessions,
    kinds: Ints,
    executed: Sequence[int],
    hurts: Longs,
    names: Sequence[str],
) -> list[CohortWorked]:
    """One columnar message a user agent."""
    customers = population.customers
    size, first = len(population.cohorts), population.first
    agent = customers.agent[sessions.customer] - first
    cell = agent * len(names) + sessions.journey
    every, run, failed = (
        np.bincount(cells, minlength=size * len(names)).reshape(size, len(names))
        for cells in (cell, cell[list(executed)], cell[np.flatnonzero(kinds != FINE)])
    )
    active = np.bincount(agent[np.flatnonzero(np.diff(sessions.person, prepend=-1))], minlength=size).tolist()
    hurt = np.flatnonzero(hurts)
    felt = np.bincount(agent[hurt], hurts[hurt], minlength=size).tolist()
    alive = np.flatnonzero(customers.alive)
    whose = customers.agent[alive] - first
    heads = np.bincount(whose, minlength=size)
    seats = np.bincount(whose, customers.seats[alive], minlength=size).tolist()
    content = np.bincount(whose, customers.content[alive], minlength=size) / np.maximum(heads, 1)
    there, kind = np.nonzero(every)
    ends = np.searchsorted(there, np.arange(size + 1)).tolist()
    said = [names[place] for place in kind.tolist()]
    columns = [table[there, kind].tolist() for table in (every, run, failed)]
    return [
        CohortWorked(
            agent=population.agents[first + code].ident,
            tick=tick,
            customers=count,
            users=int(seats[code]),
            active=active[code],
            journey=tuple(said[begin:end]),
            sessions=tuple(columns[0][begin:end]),
            executed=tuple(columns[1][begin:end]),
            failed=tuple(columns[2][begin:end]),
            satisfaction=round(satisfied, 6),
            pain=Micros(int(felt[code])),
        )
        for code, (count, satisfied, begin, end) in enumerate(
            zip(heads.tolist(), content.tolist(), ends[:-1], ends[1:], strict=True)
        )
    ]


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
