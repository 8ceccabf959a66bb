"""List prices over time. A new price holds for months that begin when its notice is over, never for a running one."""

from bisect import bisect_right, insort
from collections.abc import Mapping

from bus.money import Micros
from bus.simtime import SimTime


class PriceList:
    """What a seat costs in a month, by plan and by when the month begins."""

    def __init__(self, price_per_seat: Mapping[str, Micros]) -> None:
        self._steps = {plan: [(_ALWAYS, price)] for plan, price in sorted(price_per_seat.items())}

    @property
    def plans(self) -> tuple[str, ...]:
        return tuple(self._steps)

    def price(self, plan: str, begins: SimTime) -> Micros:
        """Price of a seat for a month of `plan` that begins then. `KeyError` for an unknown plan."""
        steps = self._steps[plan]
        return steps[bisect_right(steps, begins, key=_effective) - 1][1]

    def at(self, begins: SimTime) -> dict[str, Micros]:
        """All plans' prices for months that begin then."""
        return {plan: self.price(plan, begins) for plan in self._steps}

    def announce(self, price_per_seat: Mapping[str, Micros], effective_at: SimTime) -> None:
        """Set prices from a moment on; of two announcements for the same moment the later counts."""
        for plan, price in price_per_seat.items():
            insort(self._steps[plan], (effective_at, price), key=_effective)


_ALWAYS = SimTime(-(2**62))


def _effective(step: tuple[SimTime, Micros]) -> SimTime:
    return step[0]
