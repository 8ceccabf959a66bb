"""What moves the world's clock from the screen, where whoever watches may do that."""

from collections.abc import Awaitable, Callable

from bus.messages.base import Refused
from bus.messages.clock import Regulate, WorldStatus
from bus.simtime import HOUR, SECOND

Remote = Callable[[Regulate], Awaitable[WorldStatus | Refused]]
"""Asks the world's clock. A watcher on a read-only account has none."""

RATES: tuple[float | None, ...] = (60.0, 600.0, 3_600.0, 14_400.0, 86_400.0, None)
"""Simulated seconds for each real second, from slow to as fast as everybody is done."""


def faster(rate: float | None) -> float | None:
    """The next rate above."""
    return next((each for each in RATES if each is None or (rate is not None and each > rate)), None)


def slower(rate: float | None) -> float | None:
    """The next rate below; the slowest stays."""
    below = [each for each in RATES if each is not None and (rate is None or each < rate)]
    return below[-1] if below else rate


def rate_text(rate: float | None) -> str:
    """A rate as people say it."""
    if rate is None:
        return "full speed"
    hours = rate * SECOND / HOUR
    return f"{hours:g} h/s" if hours >= 1 else f"{rate / 60:g} min/s"
