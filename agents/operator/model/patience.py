"""Trying an endpoint again: pauses that grow, with jitter; an outage that is told, and one that is too long."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from agents.operator.model.endpoint import NoAnswer, PromptRefused, Reply
from bus.chance import Chance

FIRST_S, LONGEST_S = 1.0, 60.0
"""Real seconds of the first pause and of the longest."""
QUICK = 4
"""Failures in a row after which it is an outage, and the world waits."""


class Lost(Exception):
    """The endpoint was away for longer than it may be."""


@dataclass
class Patience:
    """Tries until there is an answer."""

    limit_s: float
    """Real seconds from the first failure in a row to the end of patience."""
    chance: Chance
    pause: Callable[[float], Awaitable[None]]
    """Waits for real seconds."""
    wall: Callable[[], float]
    """Seconds of a clock that only goes forward."""
    tell: Callable[[Literal["down", "up"], str], Awaitable[None]]
    """Tells the world that the endpoint is away, and back."""
    calls: int = 0

    async def ask(self, attempt: Callable[[], Awaitable[Reply]]) -> Reply:
        """The first answer. `Lost` past the limit; what is no failure of the endpoint is raised at once."""
        self.calls += 1
        failures, since = 0, 0.0
        while True:
            try:
                return await self._back(attempt, failures)
            except NoAnswer as failure:
                since = since if failures else self.wall()
                failures += 1
                if failures == QUICK:
                    await self.tell("down", str(failure))
                if self.wall() - since >= self.limit_s:
                    raise Lost(f"{failures} tries failed, the last one with: {failure}") from None
                await self.pause(self.seconds(failures, failure.retry_after))

    async def _back(self, attempt: Callable[[], Awaitable[Reply]], failures: int) -> Reply:
        """One try; whatever the endpoint says, it is back when it says something."""
        try:
            reply = await attempt()
        except PromptRefused:
            if failures >= QUICK:
                await self.tell("up", "it refuses the prompt")
            raise
        if failures >= QUICK:
            await self.tell("up", f"after {failures} tries")
        return reply

    def seconds(self, failures: int, asked: float | None) -> float:
        """How long to wait after so many failures in a row: anything up to a bound that doubles, and what is asked for."""
        most = min(LONGEST_S, FIRST_S * 2 ** min(failures - 1, 10))
        jitter = self.chance.python("operator", "retry", self.calls, failures).uniform(most / 4, most)
        return max(jitter, min(asked or 0.0, LONGEST_S))
