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


def live_through(population: Population, sessions: Sessions, outcome: Ints, state: Conditions, tuning: Tuning) -> Longs:
    """Add what a tick's sessions were like to everybody's quality and pain.

    Returns the pain of each session in micro-dollars. Of the sessions that went well in good time only the quality is
    touched.
    """
    failed = np.flatnonzero(outcome != FINE)
    success = state.discount[sessions.journey]
    success[failed] = 0
    _average(population, sessions, success, tuning)
    hurt = np.zeros(len(sessions), np.int64)
    kind, rows = outcome[failed], sessions.customer[failed]
    agent = population.customers.agent[rows]
    trust = np.where(_TRUST[kind], population.habits.trust_weight[agent], 1.0)
    hurt[failed] = np.rint(AMOUNTS[kind] * trust * tuning.pain_scale * population.customers.stakes[rows])
    population.suffer(rows, kind, hurt[failed])
    if state.seconds.any():
        well = np.flatnonzero((outcome == FINE) & (state.seconds[sessions.journey] > 0))
        rows = sessions.customer[well]
        speed = population.habits.speed_weight[population.customers.agent[rows]]
        each = state.seconds[sessions.journey[well]] * AMOUNTS[_SLOW] * speed
        hurt[well] = np.rint(each * tuning.pain_scale * population.customers.stakes[rows])
        population.suffer(rows, np.full(len(rows), _SLOW), hurt[well])
    return hurt


def hurt(
    population: Population, row: int, kind: PainKind, times: float, tuning: Tuning, people: int | None = None
) -> Micros:
    """Hurt one customer outside a session, `times` the amount for each of its seats, or of `people` of them at most.

    Returns the pain.
    """
    customers = population.customers
    seats = int(customers.seats[row])
    touched = seats if people is None else min(people, seats)
    amount = round(PAIN[kind] * times * tuning.pain_scale * float(customers.stakes[row]) * touched)
    population.suffer(np.array([row]), np.array([PAIN_KINDS.index(kind)]), np.array([amount], np.int64))
    return Micros(amount)


def _average(population: Population, sessions: Sessions, success: Floats, tuning: Tuning) -> None:
    """Move each active customer's quality towards the success of its sessions: the memory is about 30 days.

    The sessions of a customer stand together, so runs are summed.
    """
    if not len(sessions):
        return
    customers = population.customers
    begins = np.flatnonzero(np.diff(sessions.customer, prepend=-1))
    rows = sessions.customer[begins]
    count = np.diff(begins, append=len(sessions))
    mean = np.add.reduceat(success, begins) / count
    usual = np.maximum(customers.usual[rows] * (5 / 7 * tuning.quality_days), 1e-6)
    step = 1 - np.exp(-count / usual)
    before = customers.quality[rows]
    customers.quality[rows] = before + step * (mean - before)
