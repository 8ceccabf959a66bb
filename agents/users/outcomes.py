"""What becomes of sessions that nobody executes: they follow the measured outcomes of those that were. Pure.

Pooled for each journey since the last release went live, with what was known before as a small prior
(MEASURED.md 2.5: the failure rate, not the demand, decides how large a sample must be).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from agents.users.activity import Sessions
from agents.users.constants import PAIN_KINDS, Tuning
from agents.users.journeys import Journey
from agents.users.population.columns import Floats, Ints
from bus.messages.cloud import ServiceMeasured
from bus.messages.users import PainKind

FINE = -1
"""Code of a session that went well."""
OUTAGE = PAIN_KINDS.index("outage")


@dataclass
class Pool:
    """Measured failures by journey and kind."""

    journeys: int
    prior_sessions: float
    seen: Floats = field(init=False)
    failed: Floats = field(init=False)
    """Journeys x kinds."""
    prior: Floats = field(init=False)
    """Failure shares before the release: journeys x kinds."""

    def __post_init__(self) -> None:
        self.prior = np.zeros((self.journeys, len(PAIN_KINDS)), np.float32)
        self._forget()

    def observe(self, journey: int, kind: PainKind | None) -> None:
        """An executed session ended. Outages are not pooled: they belong to their moment, not to the release."""
        if kind == "outage":
            return
        self.seen[journey] += 1
        if kind is not None:
            self.failed[journey, PAIN_KINDS.index(kind)] += 1

    def new_release(self) -> None:
        """Other code serves from now on: what is known becomes the prior."""
        self.prior = self.shares()
        self._forget()

    def shares(self) -> Floats:
        """The expected share of failing sessions: journeys x kinds."""
        weighed = self.prior * np.float32(self.prior_sessions) + self.failed
        return np.asarray(weighed / (self.seen + self.prior_sessions)[:, None], np.float32)

    def _forget(self) -> None:
        self.seen = np.zeros(self.journeys, np.float32)
        self.failed = np.zeros((self.journeys, len(PAIN_KINDS)), np.float32)


@dataclass(frozen=True)
class Conditions:
    """How the service ran lately, by journey."""

    seconds: Floats
    """Waiting for one answer beyond what is comfortable."""
    outage: Floats
    """Chance that a session meets an outage or gives up."""
    discount: Floats
    """What slowness leaves of a session's quality, 0 to 1."""


def conditions(measured: ServiceMeasured | None, journeys: Sequence[Journey], tuning: Tuning) -> Conditions:
    """What people feel of the last measured tick. Before the first one everything is well."""
    count = len(journeys)
    if measured is None:
        return Conditions(np.zeros(count, np.float32), np.zeros(count, np.float32), np.ones(count, np.float32))
    latency = np.array([_latency(journey, measured) for journey in journeys])
    requests = np.array([sum(journey.work.values()) for journey in journeys])
    over = np.maximum(latency - tuning.comfortable_ms, 0.0)
    bearable = tuning.unbearable_ms - tuning.comfortable_ms
    gives_up = 1 - (1 - measured.timed_out) ** requests
    return Conditions(
        seconds=(np.minimum(over, bearable) / 1000 * requests).astype(np.float32),
        outage=(1 - measured.available * (1 - gives_up)).astype(np.float32),
        discount=(1 - np.clip(over / bearable, 0, 1)).astype(np.float32),
    )


def draw_outcomes(
    sessions: Sessions, shares: Floats, outage: Floats, known: dict[int, int], rng: np.random.Generator
) -> Ints:
    """The outcome of each session: `FINE` or an index of `PAIN_KINDS`.

    `known` are the executed ones, by position. An outage of the measured hour may still meet a session that went well.
    """
    draws = rng.random((2, len(sessions)))
    bounds = np.cumsum(shares, axis=1)[sessions.journey]
    kinds: NDArray[np.intp] = (draws[0][:, None] >= bounds).sum(axis=1)
    outcome = np.where(kinds < len(PAIN_KINDS), kinds, FINE).astype(np.int32)
    for position, kind in known.items():
        outcome[position] = kind
    cut = (outcome == FINE) & (draws[1] < outage[sessions.journey])
    outcome[cut] = OUTAGE
    return outcome


def _latency(journey: Journey, measured: ServiceMeasured) -> float:
    """Mean milliseconds of the journey's requests."""
    parts = [(measured.latency_ms.get(kind, 0.0), weight) for kind, weight in journey.work.items()]
    return sum(latency * weight for latency, weight in parts) / sum(weight for _, weight in parts)
