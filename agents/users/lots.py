"""Random numbers that belong to rows, not to the order in which rows are asked: a counter-based generator. Pure.

A draw is a hash of a stream, of who draws and of how often (splitmix64: Steele, Lea and Flood 2014). So a customer's luck
does not depend on who else is there, nor on how the user agents are shared out among processes, and two runs on one seed
differ only where their causes differ.
"""

import numpy as np
from numpy.typing import NDArray

from bus.chance import Chance

Keys = NDArray[np.uint64]
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_UNIT = 1.0 / (1 << 53)


def stream(chance: Chance, *name: str | int) -> np.uint64:
    """The 64-bit start of a named stream."""
    return np.uint64(chance.key(*name) & 0xFFFFFFFFFFFFFFFF)


def keys(start: np.uint64 | Keys, rows: NDArray[np.integer]) -> Keys:
    """One key for each row: the `rows`-th draws of the stream, or of each row's own key. Broadcasts."""
    counters = rows.astype(np.uint64)
    counters += np.uint64(1)
    counters *= _STEP
    return _mixed(counters + start)


def uniform(own: Keys, draw: int = 0) -> NDArray[np.float64]:
    """Of each key its `draw`-th number, at least 0 and below 1."""
    with np.errstate(over="ignore"):
        moved = own + _STEP * np.uint64(draw + 1)
    return plain(_mixed(moved))


def plain(own: Keys) -> NDArray[np.float64]:
    """The number that each key is itself: one draw before all those of `uniform`."""
    return np.multiply(own >> np.uint64(11), _UNIT, dtype=np.float64)


def _mixed(state: Keys) -> Keys:
    """The finaliser of splitmix64, in place."""
    state ^= state >> np.uint64(30)
    state *= _FIRST
    state ^= state >> np.uint64(27)
    state *= _SECOND
    state ^= state >> np.uint64(31)
    return state
