"""What is said of a tick: columns of each user agent, the evidence of pain, and the load. Pure."""

from collections.abc import Sequence

import numpy as np

from agents.users.activity import Sessions
from agents.users.journeys import Journey, Outcome
from agents.users.outcomes import FINE
from agents.users.population.columns import SEGMENTS, Ints, Longs, Population
from bus.messages.users import (
    CohortWorked,
    CustomerJoined,
    CustomersInherited,
    JourneyCounts,
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
    for code, agent in enumerate(population.agents):
        rows = [int(row) for row in np.flatnonzero(customers.agent == code)]
        events.append(
            CustomersInherited(
                agent=agent.ident,
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
    population: Population, sessions: Sessions, outcomes: dict[tuple[str, int], Outcome], hurts: Longs
) -> list[PainFelt]:
    """The executed sessions that failed, with what shows it; in the order of customer and session."""
    customers = population.customers
    rows = {name: row for row, name in enumerate(customers.ident)}
    events: list[PainFelt] = []
    for (customer, ordinal), one in sorted(outcomes.items()):
        if one.failure is None or customer not in rows:
            continue
        row = rows[customer]
        events.append(
            PainFelt(
                agent=population.agents[int(customers.agent[row])].ident,
                customer=customer,
                kind=one.failure.kind,
                amount=Micros(int(hurts[ordinal]) if ordinal < len(sessions) else 0),
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
    executed: set[int],
    hurts: Longs,
    names: Sequence[str],
) -> list[CohortWorked]:
    """One columnar message a user agent."""
    customers = population.customers
    real = np.zeros(len(sessions), np.bool_)
    real[sorted(executed)] = True
    of_session = customers.agent[sessions.customer]
    satisfaction = population.satisfaction()
    people = np.bincount(population.people.customer, minlength=len(customers))
    events: list[CohortWorked] = []
    for code, agent in enumerate(population.agents):
        alive = (customers.agent == code) & customers.alive
        mine = of_session == code
        counts = [
            np.bincount(sessions.journey[mine & only], minlength=len(names)) for only in (True, real, kinds != FINE)
        ]
        events.append(
            CohortWorked(
                agent=agent.ident,
                tick=tick,
                customers=int(alive.sum()),
                users=int(people[alive].sum()),
                active=len(np.unique(sessions.person[mine])),
                journeys=tuple(
                    JourneyCounts(journey=name, sessions=int(every), executed=int(run), failed=int(failed))
                    for name, every, run, failed in zip(names, *counts, strict=True)
                    if every
                ),
                satisfaction=round(float(satisfaction[alive].mean()), 6) if alive.any() else 0.0,
                pain=Micros(int(hurts[mine].sum())),
            )
        )
    return events


def load(tick: int, sessions: Sessions, newcomers: int, journeys: Sequence[Journey]) -> LoadOffered:
    """Requests by kind of work: of all sessions, executed or not."""
    counts = np.bincount(sessions.journey, minlength=len(journeys))
    counts[-1] += newcomers
    requests: dict[str, float] = {}
    for journey, count in zip(journeys, counts, strict=True):
        for kind, each in journey.work.items():
            requests[kind] = requests.get(kind, 0.0) + each * int(count)
    return LoadOffered(tick=tick, requests={kind: round(total) for kind, total in sorted(requests.items())})


def shared(population: Population, outcomes: Sequence[Outcome]) -> list[LinkShared]:
    """Addresses that were sent outside."""
    customers = population.customers
    agents = {name: int(code) for name, code in zip(customers.ident, customers.agent, strict=True)}
    return [
        LinkShared(
            agent=population.agents[agents[one.customer]].ident,
            customer=one.customer,
            target=link.target,
            nonce=link.nonce,
        )
        for one in outcomes
        for link in one.shared
        if one.customer in agents
    ]
