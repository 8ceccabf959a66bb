"""What becomes of sessions that nobody executes: they follow the measured outcomes of those that were. Pure.

Pooled by cell (journey x stratum) since the last release went live, with what was known before as a small prior
(MEASURED.md 2.5: the failure rate, not the demand, decides how large a sample must be).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from agents.users import lots
from agents.users.activity import Sessions
from agents.users.constants import PAIN_KINDS, Tuning
from agents.users.journeys import Journey
from agents.users.population.columns import Doubles, Floats, Ints, Longs
from agents.users.sampling import BURST, LEAST
from bus.messages.cloud import ServiceMeasured

FINE = -1
"""Code of a session that went well."""
OUTAGE = PAIN_KINDS.index("outage")
_FAILS, _CUT = 3, 4
"""Numbers of the draws of a session's key."""


@dataclass
class Pool:
    """Measured failures: journeys x strata x kinds."""

    weight: Doubles
    """Of an executed session by journey and stratum, as the design gives it."""
    prior_sessions: float
    daily: float
    """Sessions that run on a usual day; after a release as many run in a burst."""
    seen: Longs = field(init=False)
    failed: Longs = field(init=False)
    prior: Floats = field(init=False)
    """Failure shares before the release: journeys x strata x kinds."""

    def __post_init__(self) -> None:
        self.prior = np.zeros((*self.weight.shape, len(PAIN_KINDS)), np.float32)
        self._forget()

    def observe(self, journey: int, stratum: int, kind: int, times: int = 1) -> None:
        """Executed sessions ended, `FINE` or in a kind of pain. Outages belong to their moment, not to the release."""
        if kind == OUTAGE:
            return
        self.seen[journey, stratum] += times
        if kind != FINE:
            self.failed[journey, stratum, kind] += times
        self._known = None

    def new_release(self) -> None:
        """Other code serves from now on: what is known becomes the prior."""
        self.prior = self.shares()
        self._forget()

    @property
    def burst(self) -> float:
        """How much more often than usual sessions are to run."""
        return BURST if self.seen.sum() < self.daily else 1.0

    def shares(self) -> Floats:
        """The expected share of failing sessions: journeys x strata x kinds.

        A cell with enough sessions stands alone; the thin ones of a journey are collapsed, each session with its weight.
        """
        if self._known is None:
            self._known = self._estimated()
        return self._known

    def _estimated(self) -> Floats:
        seen = self.seen[:, :, None]
        prior = self.prior_sessions  # of a whole journey: a cell has its part of it
        part = prior * seen / np.maximum(seen.sum(axis=1, keepdims=True), 1)
        alone = (part * self.prior + self.failed) / np.maximum(part + seen, 1e-12)
        thin = np.where(self.seen < LEAST, self.seen, 0)
        weighed = self.weight * thin
        count, size = thin.sum(axis=1), weighed.sum(axis=1)
        scale = np.divide(count, size, out=np.zeros(len(count)), where=size > 0)
        weight = self.weight * scale[:, None] * (self.seen < LEAST)
        together = (weight[:, :, None] * self.failed).sum(axis=1, keepdims=True)
        together = (prior * self.prior + together) / (prior + count)[:, None, None]
        lent = np.where((count == 0)[:, None, None], self._of_journey(), together)
        return np.where(seen >= LEAST, alone, lent).astype(np.float32)

    def _of_journey(self) -> Doubles:
        """For cells without any session where all others stand alone: what those know."""
        weight = self.weight[:, :, None]
        size = (self.weight * self.seen).sum(axis=1)[:, None, None]
        mean = np.divide(
            (weight * self.failed).sum(axis=1, keepdims=True),
            size,
            out=np.zeros((len(size), 1, len(PAIN_KINDS))),
            where=size > 0,
        )
        return np.where(size > 0, mean, self.prior)

    def _forget(self) -> None:
        self.seen = np.zeros(self.weight.shape, np.int64)
        self.failed = np.zeros((*self.weight.shape, len(PAIN_KINDS)), np.int64)
        self._known: Floats | None = None


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


def draw_outcomes(sessions: Sessions, shares: Floats, outage: Floats, known: dict[int, int]) -> Ints:
    """The outcome of each session: `FINE` or an index of `PAIN_KINDS`.

    `known` are the executed ones, by position. An outage of the measured hour may still meet a session that went well.
    """
    outcome = np.full(len(sessions), FINE, np.int32)
    if shares.any():
        luck, likely = lots.uniform(sessions.key, _FAILS), shares.sum(axis=2)
        near = np.flatnonzero(luck < likely.max())
        fails = near[luck[near] < likely[sessions.journey[near], sessions.stratum[near]]]
        bounds = np.cumsum(shares, axis=2)[sessions.journey[fails], sessions.stratum[fails]]
        kinds: NDArray[np.intp] = (luck[fails, None] >= bounds[:, :-1]).sum(axis=1)
        outcome[fails] = kinds
    for position, kind in known.items():
        outcome[position] = kind
    if outage.any():
        cut = lots.uniform(sessions.key, _CUT) < outage[sessions.journey]
        outcome[cut & (outcome == FINE)] = OUTAGE
    return outcome


def _latency(journey: Journey, measured: ServiceMeasured) -> float:
    """Mean milliseconds of the journey's requests."""
    parts = [(measured.latency_ms.get(kind, 0.0), weight) for kind, weight in journey.work.items()]
    return sum(latency * weight for latency, weight in parts) / sum(weight for _, weight in parts)
