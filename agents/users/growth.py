"""Who comes, and what is said: joins and word of mouth. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from agents.users import lots
from agents.users.constants import Tuning
from agents.users.population.columns import Longs, Population
from bus.scenario import Scenario

AS_GOOD_AS_FREE = 0.1
"""Of the price at the start: what costs less attracts nobody more (assumed; C)."""


@dataclass(frozen=True)
class Standing:
    """What the whole market knows of the company, whoever computes it: the same in every shard."""

    alive: int
    """Paying customers, all of them."""
    heard: float = 1.0
    """Satisfaction, 0 to 1, as far as it has been talked about."""
    reputation: float = 1.0
    """What the market thinks of the company, 0 to 1."""


def begin(scenario: Scenario) -> Standing:
    """As the episode begins: the month before has been talked about."""
    users = scenario.users
    return Standing(users.customers, users.inherited_quality, users.inherited_quality)


def dearness(scenario: Scenario, listed: Mapping[str, int]) -> float:
    """List prices of a seat by plan against those at the start, averaged over the plans that newcomers would take.

    `AS_GOOD_AS_FREE` at least: an operator may ask nothing at all.
    """
    sections, before = scenario.users.segments.values(), scenario.billing.price_per_seat
    weighed = sum(one.share * (max(1, listed[one.plan]) / max(1, before[one.plan])) for one in sections)
    return max(AS_GOOD_AS_FREE, weighed / sum(one.share for one in sections))


def hourly_joins(standing: Standing, scenario: Scenario, tuning: Tuning, dear: float = 1.0) -> float:
    """Newcomers expected in an hour: Bass (1969; A), `(p + q N/M) (M - N)` with q scaled by reputation, all of it by price.

    Set so that at full reputation the scenario's number of customers come in a month, `imitation` of them by word of mouth.
    `dear` is `dearness`: price multiplies the hazard (as in Robinson and Lakhani 1975; form A, constant elasticity C).
    """
    begun = scenario.users.customers
    market = begun * tuning.market_size
    wanted = scenario.users.joins_per_month * begun / (market - begun) / 30 / 24
    innovation = wanted * (1 - tuning.imitation)
    imitation = wanted * tuning.imitation * market / begun
    left = max(0.0, market - standing.alive)
    hazard = innovation + imitation * standing.reputation * standing.alive / market
    return float(hazard * left * dear**-tuning.newcomer_elasticity)


def arrivals(population: Population, expected: float, hour: np.uint64) -> Longs:
    """How many come to each of the population's user agents, of `expected` in the whole world.

    Each agent has a Poisson stream of its own, by inversion (Devroye 1986), so nobody's newcomers hang on another's.
    """
    agents = np.arange(population.first, population.last)
    mean = expected / len(population.agents)
    luck = lots.uniform(lots.keys(hour, agents))
    count = np.zeros(len(agents), np.int64)
    chance = cumulative = float(np.exp(-mean))
    while (above := luck >= cumulative).any() and cumulative < 1 - 1e-15:
        count += above
        chance *= mean / int(count.max())
        cumulative += chance
    return count


def spoken(standing: Standing, alive: int, satisfaction: float, hours: float, tuning: Tuning) -> Standing:
    """The standing after some hours in which `alive` customers were that content on average.

    First an experience must be talked about, then it moves the reputation; bad news travels faster (Anderson 1998; sign B).
    """
    if not alive:
        return Standing(0, 0.0, 0.0)
    heard = standing.heard + (1 - 0.5 ** (hours / 24 / tuning.speaking_days)) * (satisfaction - standing.heard)
    speed = tuning.bad_news_speed if heard < standing.reputation else 1.0
    step = 1 - 0.5 ** (hours * speed / 24 / tuning.reputation_days)
    return Standing(alive, heard, standing.reputation + step * (heard - standing.reputation))
