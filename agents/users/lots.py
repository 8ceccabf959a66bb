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
_ROUNDS = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
_LAST = np.uint64(31)
_MASK = (1 << 64) - 1
_UNIT = 1.0 / (1 << 53)
_BLOCK = 1 << 14
"""Numbers that are mixed at a time: they stay in the cache."""


def stream(chance: Chance, *name: str | int) -> np.uint64:
    """The 64-bit start of a named stream."""
    return np.uint64(chance.key(*name) & _MASK)


def keys(start: np.uint64 | Keys, rows: NDArray[np.integer]) -> Keys:
    """One key for each row: the `rows`-th draws of the stream, or of each row's own key."""
    counters = rows.astype(np.uint64)
    counters += np.uint64(1)
    counters *= _STEP
    counters += start
    spare = _spare(len(counters))
    for begin in range(0, len(counters), _BLOCK):
        _mix(counters[begin : begin + _BLOCK], spare)
    return counters


def uniform(own: Keys, draw: int = 0) -> NDArray[np.float64]:
    """Of each key its `draw`-th number, at least 0 and below 1."""
    step = np.uint64(int(_STEP) * (draw + 1) & _MASK)
    found = np.empty(len(own), np.float64)
    moved, spare = _spare(len(own)), _spare(len(own))
    for begin in range(0, len(own), _BLOCK):
        part = own[begin : begin + _BLOCK]
        block = moved[: len(part)]
        _mix(np.add(part, step, out=block), spare)
        block >>= np.uint64(11)
        np.multiply(block, _UNIT, out=found[begin : begin + _BLOCK])
    return found


def plain(own: Keys) -> NDArray[np.float64]:
    """The number that each key is itself: one draw before all those of `uniform`."""
    return np.multiply(own >> np.uint64(11), _UNIT, dtype=np.float64)


def _mix(state: Keys, spare: Keys) -> None:
    """The finaliser of splitmix64, in place; `spare` is room for as many or more."""
    shifted = spare[: len(state)]
    for shift, factor in _ROUNDS:
        state ^= np.right_shift(state, shift, out=shifted)
        state *= factor
    state ^= np.right_shift(state, _LAST, out=shifted)


def _spare(count: int) -> Keys:
    return np.empty(min(count, _BLOCK), np.uint64)
