"""Plan and seats at a renewal: a multinomial logit (McFadden 1974; A) over what is on offer. Pure.

The outside option, to leave, is the hazard of `decisions`: the upper level of a nested logit. Who stays chooses among
staying as it is, one seat more or less, and each other plan.
"""

from dataclasses import dataclass

import numpy as np

from agents.users import lots
from agents.users.constants import Tuning
from agents.users.decisions import deciding, renewing
from agents.users.population.columns import Doubles, Floats, Longs, Population, Rows
from bus.scenario import MOST_SEATS
from bus.simtime import SimTime

STAY, GROW, SHRINK, PLANS = 0, 1, 2, 3
"""Alternatives by number; plan code p is `PLANS + p`."""
_CHOICE = 2
"""Number of the draw of a customer's day."""


@dataclass(frozen=True)
class Change:
    """What a customer takes from now on."""

    row: int
    plan_code: int
    seats: int


def utilities(population: Population, rows: Rows, listed: Longs, at_start: Longs, tuning: Tuning) -> Floats:
    """Log-weights of the alternatives against staying (0): rows x alternatives; `-inf` for what there is not.

    `listed` is by plan code the price of a seat now, `at_start` what it was. What plans are worth is not told apart from
    what was chosen at the start's prices: only changes of price move anybody, as a share of what a seat is worth.
    """
    customers = population.customers
    seats, plan = customers.seats[rows], customers.plan_code[rows]
    happy = customers.content[rows].astype(np.float64) * 0.6
    change = tuning.seat_change / (1 - tuning.seat_change)
    found = np.full((len(rows), PLANS + len(listed)), -np.inf)
    found[:, STAY] = 0
    found[:, GROW] = np.where(seats < MOST_SEATS, np.log(np.maximum(happy * change, 1e-9)), -np.inf)
    found[:, SHRINK] = np.where(seats > 1, np.log((1 - happy) * change), -np.inf)
    ordinary = np.log(tuning.plan_change / max(1, len(listed) - 1))
    stake = customers.value[rows] * tuning.choice_scale / customers.price_sensitivity[rows]
    risen = customers.price[rows] / seats - at_start[plan]
    for code, (price, before) in enumerate(zip(listed, at_start, strict=True)):
        gain = (risen - (price - before)) / stake
        found[:, PLANS + code] = np.where(plan == code, -np.inf, ordinary + np.clip(gain, -30, 30))
    return found.astype(np.float32)


def shares(weights: Floats) -> Doubles:
    """The chance of each alternative: rows add up to 1."""
    raised = np.exp(weights.astype(np.float64))
    return raised / raised.sum(axis=1, keepdims=True)


def changes(
    population: Population, now: SimTime, listed: Longs, at_start: Longs, tuning: Tuning, days: np.uint64
) -> list[Change]:
    """Who takes another plan or another number of seats in this hour."""
    rows = deciding(population, now)
    rows = rows[renewing(population, rows, now)]
    customers = population.customers
    chance = shares(utilities(population, rows, listed, at_start, tuning))
    luck = lots.uniform(lots.keys(days, customers.number[rows]), _CHOICE)
    chosen = (luck[:, None] >= np.cumsum(chance, axis=1)[:, :-1]).sum(axis=1)
    found: list[Change] = []
    for place in np.flatnonzero(chosen != STAY):
        row, what = int(rows[place]), int(chosen[place])
        seats = int(customers.seats[row]) + {GROW: 1, SHRINK: -1}.get(what, 0)
        found.append(Change(row, what - PLANS if what >= PLANS else int(customers.plan_code[row]), seats))
    return found
