"""Drawing a world's customers and their people. Pure: the same scenario and seed give the same population anywhere."""

import numpy as np

from agents.users.constants import draw_tuning
from agents.users.population.cohorts import UserAgent, draw_agents
from agents.users.population.columns import (
    REFERENCE_VALUE,
    SEGMENTS,
    Customers,
    Flags,
    Ints,
    People,
    Population,
    no_pain,
)
from agents.users.population.names import company_name, office_address
from bus.chance import Chance
from bus.ids import derive_id
from bus.scenario import Scenario
from bus.simtime import DAY

MONTH = 30 * DAY
"""Length of a paid month."""


def draw(scenario: Scenario, chance: Chance) -> Population:
    """The customers that the company has when the episode begins."""
    users = scenario.users
    agents = draw_agents(users.agents, chance)
    rng = chance.numpy("users", "population")
    agent = np.sort(rng.integers(0, len(agents), users.customers)).astype(np.int32)
    segment = _segments(scenario, agents, agent, rng)
    tenure = rng.exponential(240.0, users.customers).astype(np.float32) + 30
    paid_from = -rng.integers(0, MONTH // 1000, users.customers).astype(np.int64) * 1000
    rows = [derive_id("cu", "customer", index) for index in range(users.customers)]
    customers = draw_customers(scenario, chance, agents, rows, agent, segment, rng)
    customers.tenure_days, customers.paid_from = tenure, paid_from
    customers.panel = _panel(scenario, agent, segment, rng)
    _even_out(customers)
    return Population(agents, customers, draw_people(scenario, chance, customers, 0, rng))


def draw_customers(
    scenario: Scenario,
    chance: Chance,
    agents: tuple[UserAgent, ...],
    ident: list[str],
    agent: Ints,
    segment: Ints,
    rng: np.random.Generator,
    first_row: int = 0,
) -> Customers:
    """Rows for customers of which user agent and segment are known; `first_row` continues the names."""
    count = len(ident)
    sections = [scenario.users.segments[SEGMENTS[code]] for code in segment]
    seats = np.array([rng.integers(s.seats[0], s.seats[1] + 1) for s in sections], np.int32)
    plan = [s.plan for s in sections]
    prices = scenario.billing.price_per_seat
    price = np.array([prices[name] for name in plan], np.int64) * seats
    of = [agents[int(code)] for code in agent]
    return Customers(
        ident=ident,
        name=[company_name(first_row + row, chance) for row in range(count)],
        address=[office_address(chance.python("users", "office", name)) for name in ident],
        agent=agent,
        segment=segment,
        plan=plan,
        seats=seats,
        zone=np.array([a.zone for a in of], np.int32) + rng.integers(-2, 3, count).astype(np.int32),
        weekend=np.array([a.weekend for a in of], np.float32),
        api_habit=np.clip(np.array([a.api_habit for a in of]) * rng.lognormal(0, 0.4, count), 0.0, 1.0).astype(
            np.float32
        ),
        stakes=np.array([s.base_value / REFERENCE_VALUE for s in sections], np.float32),
        price_sensitivity=(np.array([a.price_sensitivity for a in of]) * rng.lognormal(0, 0.3, count)).astype(
            np.float32
        ),
        patience=(np.array([s.patience for s in sections]) * rng.lognormal(0, 0.25, count)).astype(np.float32),
        impatience=np.array([a.impatience for a in of], np.float32),
        churn_weight=rng.gamma(draw_tuning(chance).frailty, 1 / draw_tuning(chance).frailty, count).astype(np.float32),
        quality=np.ones(count, np.float32),
        pain=no_pain(count),
        tenure_days=np.zeros(count, np.float32),
        paid_from=np.zeros(count, np.int64),
        price=price,
        wallet=(price * rng.uniform(1.5, 4.0, count)).astype(np.int64),
        income=(price * rng.uniform(1.05, 1.6, count)).astype(np.int64),
        decides_at=rng.integers(0, 24, count).astype(np.int32),
        alive=np.ones(count, np.bool_),
        panel=np.zeros(count, np.bool_),
    )


def draw_people(
    scenario: Scenario, chance: Chance, customers: Customers, first_row: int, rng: np.random.Generator
) -> People:
    """One person a seat; `first_row` is the row of the first of these customers in the population."""
    shape = draw_tuning(chance).frailty
    owner = np.repeat(np.arange(len(customers), dtype=np.int32) + np.int32(first_row), customers.seats)
    rate = rng.gamma(shape, scenario.users.sessions_per_user_day / shape, len(owner)).astype(np.float32)
    return People(owner, rate)


def _segments(scenario: Scenario, agents: tuple[UserAgent, ...], agent: Ints, rng: np.random.Generator) -> Ints:
    """Segment codes: the scenario's shares, bent by each user agent's own mix."""
    shares = np.array([scenario.users.segments[name].share for name in SEGMENTS])
    weights = np.array([shares * np.array(one.segment_bias) for one in agents])
    bounds = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    return (rng.random(len(agent))[:, None] > bounds[agent, :-1]).sum(axis=1).astype(np.int32)


def _panel(scenario: Scenario, agent: Ints, segment: Ints, rng: np.random.Generator) -> Flags:
    """Who is executed for real: in proportion to each stratum of segment and user agent, at least one of each."""
    if scenario.users.panel == "all" or scenario.users.panel >= len(agent):
        return np.ones(len(agent), np.bool_)
    strata = agent.astype(np.int64) * len(SEGMENTS) + segment
    order = np.lexsort((rng.random(len(agent)), strata))
    place = np.empty(len(agent), np.int64)
    place[order] = np.arange(len(agent)) - np.searchsorted(strata[order], strata[order])
    share = place / np.bincount(strata)[strata]
    chosen = np.zeros(len(agent), np.bool_)
    chosen[np.lexsort((rng.random(len(agent)), share))[: scenario.users.panel]] = True
    return chosen


def _even_out(customers: Customers) -> None:
    """Scale the individual hazards so that their mean in each segment is 1: the segment's churn is then its base rate."""
    for code in range(len(SEGMENTS)):
        rows = customers.segment == code
        if rows.any():
            customers.churn_weight[rows] /= customers.churn_weight[rows].mean()
