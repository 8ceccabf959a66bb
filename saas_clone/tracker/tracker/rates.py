"""How often an API token may ask: so many requests a minute, counted in this instance."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

WINDOW_SECONDS = 60
MOST_TOKENS = 10_000
"""Tokens that are counted at one time; of more, the one that has been quiet longest starts anew."""


@dataclass
class Count:
    """Requests of one token in its present minute."""

    since: float
    used: int = 0


@dataclass(frozen=True)
class Standing:
    """Where a token stands after a request."""

    limit: int
    remaining: int
    reset_seconds: int
    exceeded: bool

    def headers(self) -> dict[str, str]:
        """Return what the client is told with every answer."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


class Rates:
    """Counts. The clock is monotonic: setting the machine's time neither frees nor locks anybody."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = per_minute
        self._clock = clock
        self._counts: OrderedDict[str, Count] = OrderedDict()

    def take(self, token: str) -> Standing:
        """Count a request."""
        moment = self._clock()
        count = self._counts.get(token)
        if count is None or moment - count.since >= WINDOW_SECONDS:
            count = self._counts[token] = Count(moment)
        self._counts.move_to_end(token)
        if len(self._counts) > MOST_TOKENS:
            self._counts.popitem(last=False)
        exceeded = count.used >= self._limit
        count.used += not exceeded
        reset = max(1, round(count.since + WINDOW_SECONDS - moment))
        return Standing(self._limit, self._limit - count.used, reset, exceeded)
