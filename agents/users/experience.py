"""What sessions leave behind in people: quality, an average of success, and pain, which fades. Pure, in place."""

import numpy as np

from agents.users.activity import Sessions
from agents.users.constants import PAIN, PAIN_KINDS, Tuning
from agents.users.outcomes import FINE, Conditions
from agents.users.population.columns import Floats, Ints, Longs, Population
from bus.messages.users import PainKind
from bus.money import Micros

AMOUNTS = np.array([PAIN[kind] for kind in PAIN_KINDS], np.int64)
_TRUST = np.array([kind in ("lost_item", "foreign_item", "broken_promise") for kind in PAIN_KINDS])
_SLOW = PAIN_KINDS.index("slow")


def fade(population: Population, hours: float, tuning: Tuning) -> None:
    """Let pain grow old."""
    pain = population.customers.pain
    pain[:] = np.rint(pain * 0.5 ** (hours / 24 / tuning.half_life_days)).astype(np.int64)


def live_through(population: Population, sessions: Sessions, outcome: Ints, state: Conditions, tuning: Tuning) -> Longs:
    """Add what a tick's sessions were like to everybody's quality and pain.

    Returns the pain of each session in micro-dollars.
    """
    customers = population.customers
    agents = population.agents
    rows = sessions.customer
    failed = outcome != FINE
    kind = np.where(failed, outcome, 0)
    trust = np.array([agent.trust_weight for agent in agents])[customers.agent[rows]]
    speed = np.array([agent.speed_weight for agent in agents])[customers.agent[rows]]
    scale = tuning.pain_scale * customers.stakes[rows]
    hurt = AMOUNTS[kind] * np.where(_TRUST[kind], trust, 1.0) * failed * scale
    waited = state.seconds[sessions.journey] * AMOUNTS[_SLOW] * speed * ~failed * scale
    hurt, waited = np.rint(hurt).astype(np.int64), np.rint(waited).astype(np.int64)
    np.add.at(customers.pain, (rows[failed], kind[failed]), hurt[failed])
    np.add.at(customers.pain, (rows, np.full(len(rows), _SLOW)), waited)
    _average(population, rows, np.where(failed, 0.0, state.discount[sessions.journey]), tuning)
    return hurt + waited


def hurt(population: Population, row: int, kind: PainKind, times: float, tuning: Tuning) -> Micros:
    """Hurt one customer outside a session, `times` the amount for each of its seats; returns the pain."""
    customers = population.customers
    amount = round(PAIN[kind] * times * tuning.pain_scale * float(customers.stakes[row]) * int(customers.seats[row]))
    customers.pain[row, PAIN_KINDS.index(kind)] += amount
    return Micros(amount)


def _average(population: Population, rows: Ints, success: Floats, tuning: Tuning) -> None:
    """Move each active customer's quality towards the success of its sessions: the memory is about 30 days."""
    customers, people = population.customers, population.people
    count = np.bincount(rows, minlength=len(customers))
    total = np.bincount(rows, success, minlength=len(customers))
    active = np.flatnonzero(count)
    usual = np.bincount(people.customer, people.rate, minlength=len(customers))[active] * 5 / 7
    step = 1 - np.exp(-count[active] / np.maximum(usual * tuning.quality_days, 1e-6))
    before = customers.quality[active]
    customers.quality[active] = (before + step * (total[active] / count[active] - before)).astype(np.float32)
