"""Drawing a world's customers and their people. Pure: the same scenario and seed give the same population anywhere."""

from functools import partial

import numpy as np

from agents.users.activity import SPREAD
from agents.users.constants import PAIN_KINDS, Tuning, draw_tuning
from agents.users.population.cohorts import Habits, draw_agents, habits
from agents.users.population.columns import (
    REFERENCE_VALUE,
    SEGMENTS,
    WEIGHT,
    Customers,
    Floats,
    Ints,
    Longs,
    People,
    Population,
    Rows,
    no_pain,
    some,
)
from agents.users.population.names import company_name, office_address
from agents.users.sampling import draw_panel, stratum
from agents.users.wants import Wish, draw_wants
from bus.chance import Chance
from bus.ids import derive_id
from bus.scenario import Scenario
from bus.simtime import DAY

MONTH = 30 * DAY
"""Length of a paid month."""


def draw(scenario: Scenario, chance: Chance, wishes: tuple[Wish, ...] = ()) -> Population:
    """The customers that the company has when the episode begins."""
    users = scenario.users
    tuning = draw_tuning(chance)
    agents = draw_agents(users.agents, chance)
    own = habits(agents)
    rng = chance.numpy("users", "population")
    agent = np.sort(rng.integers(0, len(agents), users.customers)).astype(np.int32)
    segment = draw_segments(scenario, own, agent, rng)
    numbers = np.arange(users.customers, dtype=np.int64)
    customers = draw_customers(scenario, tuning, chance, own, numbers, agent, segment, rng, wishes)
    customers.tenure_days = rng.exponential(240.0, users.customers).astype(np.float32) + np.float32(30)
    customers.paid_from = -rng.integers(0, MONTH // 1000, users.customers).astype(np.int64) * 1000
    people = draw_people(scenario, tuning, customers, rng)
    place_in_strata(scenario, customers)
    size = len(numbers) if users.panel == "all" else users.panel
    customers.panel = draw_panel(customers.stratum, size, chance.numpy("users", "secret panel"))
    _even_out(customers, tuning)
    population = Population(agents, customers, people, tuning.half_life_days * 24)
    _remember(population, scenario, chance)
    return population


def part_of(population: Population, first: int, last: int) -> Population:
    """The customers of the user agents from `first` to before `last`: a shard of the world."""
    agent = population.customers.agent
    part = chosen(population, np.flatnonzero((agent >= first) & (agent < last)))
    return Population(part.agents, part.customers, part.people, part.half_life_hours, first, last)


def chosen(population: Population, rows: Rows) -> Population:
    """Some of the customers, by ascending rows, with their people."""
    people = population.people
    mine = np.flatnonzero(np.isin(people.customer, rows))
    owners = np.searchsorted(rows, people.customer[mine]).astype(np.int32)
    customers = some(population.customers, rows)
    return Population(population.agents, customers, People(owners, people.weight[mine]), population.half_life_hours)


def draw_customers(
    scenario: Scenario,
    tuning: Tuning,
    chance: Chance,
    own: Habits,
    numbers: Longs,
    agent: Ints,
    segment: Ints,
    rng: np.random.Generator,
    wishes: tuple[Wish, ...] = (),
) -> Customers:
    """Rows for customers of which user agent and segment are known."""
    count = len(numbers)
    sections = [scenario.users.segments[name] for name in SEGMENTS]
    prices = scenario.billing.price_per_seat
    plans = tuple(prices)
    least, most = (np.array([section.seats[end] for section in sections]) for end in (0, 1))
    seats = rng.integers(least[segment], most[segment] + 1).astype(np.int32)
    plan = np.array([plans.index(section.plan) for section in sections], np.int32)[segment]
    each = np.array([prices[name] for name in plans], np.int64)[plan]
    price = each * seats
    value = np.array([section.base_value for section in sections], np.float32)[segment]
    frailty = tuning.frailty
    idents = [derive_id("cu", "customer", int(number)) for number in numbers]
    return Customers(
        plans=plans,
        offices=partial(_office, chance),
        number=numbers,
        ident=idents,
        name=[company_name(int(number), chance) for number in numbers],
        agent=agent,
        segment=segment,
        plan_code=plan,
        seats=seats,
        zone=own.zone[agent] + rng.integers(-SPREAD, SPREAD + 1, count).astype(np.int32),
        weekend=own.weekend[agent],
        api_habit=np.clip(own.api_habit[agent] * rng.lognormal(0, 0.4, count), 0.0, 1.0).astype(np.float32),
        value=value,
        stakes=value / np.float32(REFERENCE_VALUE),
        price_sensitivity=(own.price_sensitivity[agent] * rng.lognormal(0, 0.3, count)).astype(np.float32),
        patience=_around([section.patience for section in sections], segment, rng),
        impatience=own.impatience[agent],
        churn_weight=rng.gamma(frailty, 1 / frailty, count).astype(np.float32),
        writes=rng.gamma(frailty, 1 / frailty, count).astype(np.float32),
        usual=np.zeros(count, np.float32),
        stratum=np.zeros(count, np.int32),
        quality=np.ones(count, np.float32),
        pain=no_pain(count),
        felt_at=np.zeros(count, np.float32),
        content=np.ones(count, np.float32),
        reference=each.astype(np.float32),
        # From a stream of their own: whatever people wish for, they are the same people.
        wants=draw_wants(wishes, segment, chance.numpy("users", "wants", int(numbers[0]))),
        tenure_days=np.zeros(count, np.float32),
        paid_from=np.zeros(count, np.int64),
        price=price,
        wallet=(price * rng.uniform(1.5, 4.0, count)).astype(np.int64),
        income=(price * rng.uniform(1.05, 1.6, count)).astype(np.int64),
        decides_at=rng.integers(0, 24, count).astype(np.int32),
        alive=np.ones(count, np.bool_),
        panel=np.zeros(count, np.bool_),
    )


def draw_people(scenario: Scenario, tuning: Tuning, customers: Customers, rng: np.random.Generator) -> People:
    """One person a seat, whose `customer` counts from 0; also tells the customers how much they use the product."""
    owner = np.repeat(np.arange(len(customers), dtype=np.int32), customers.seats)
    rate = rng.gamma(tuning.frailty, scenario.users.sessions_per_user_day / tuning.frailty, len(owner))
    weight = np.maximum(np.rint(rate * WEIGHT), 1).astype(np.int32)
    customers.usual = (np.bincount(owner, weight, minlength=len(customers)) / WEIGHT).astype(np.float32)
    return People(owner, weight)


def draw_segments(scenario: Scenario, own: Habits, agent: Ints, rng: np.random.Generator) -> Ints:
    """Segment codes: the scenario's shares, bent by each user agent's own mix."""
    shares = np.array([scenario.users.segments[name].share for name in SEGMENTS])
    weights = shares * own.segment_bias
    bounds = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    return (rng.random(len(agent))[:, None] > bounds[agent, :-1]).sum(axis=1).astype(np.int32)


def _office(chance: Chance, ident: str) -> str:
    return office_address(chance.python("users", "office", ident))


def _around(middles: list[float], segment: Ints, rng: np.random.Generator) -> Floats:
    return (np.array(middles)[segment] * rng.lognormal(0, 0.25, len(segment))).astype(np.float32)


def place_in_strata(scenario: Scenario, customers: Customers) -> None:
    """Each customer's stratum, by its plan, tenure, and whether it uses the product more than is usual in its segment."""
    sections = [scenario.users.segments[name] for name in SEGMENTS]
    middle = np.array([sum(section.seats) / 2 for section in sections]) * scenario.users.sessions_per_user_day
    heavy = customers.usual > middle[customers.segment]
    customers.stratum = stratum(customers.plan_code, customers.tenure_days, heavy)


def _remember(population: Population, scenario: Scenario, chance: Chance) -> None:
    """What the month before has left in people: how well it went, and what still hurts."""
    users, customers = scenario.users, population.customers
    rng = chance.numpy("users", "inherited feelings")
    count = len(customers)
    worse = np.minimum(rng.gamma(2.0, 0.5, count) * (1 - users.inherited_quality), 1.0)
    customers.quality[:] = 1 - worse
    hurt = np.rint(customers.price * users.inherited_pain * rng.gamma(2.0, 0.5, count)).astype(np.int64)
    population.suffer(np.arange(count), np.full(count, PAIN_KINDS.index("error")), hurt)
    customers.content[:] = population.satisfaction(np.arange(count))


def _even_out(customers: Customers, tuning: Tuning) -> None:
    """Scale the individual hazards so that their mean in each segment is 1: the segment's churn is then its base rate."""
    weight = customers.churn_weight * tuning.tenure_factor(customers.tenure_days)
    for code in range(len(SEGMENTS)):
        rows = customers.segment == code
        if rows.any():
            customers.churn_weight[rows] /= weight[rows].mean()
