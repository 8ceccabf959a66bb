"""Places in running sums: from a table of first guesses, then step by step, all at once. Pure.

The method of guide tables (Chen and Asau 1974; Devroye 1986, III.2.4): about one look for each number, where a binary
search takes twenty.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]
Number = TypeVar("Number", np.int64, np.float64)
_GUESSES = 256
"""Guesses for each row of a table: a power of two, so that a number's guess is exact."""


def step_up(bounds: NDArray[Number], found: Places, wanted: NDArray[Number]) -> Places:
    """Move each of `found` up to the first of `bounds` above its `wanted`; in place. There must be one."""
    behind = np.flatnonzero(bounds.take(found, mode="clip") <= wanted)  # clipping is quicker than checking
    while len(behind):
        found[behind] += 1
        behind = behind[bounds[found[behind]] <= wanted[behind]]
    return found


@dataclass(frozen=True)
class Line:
    """Running sums of whole numbers, ascending: whose piece lies at a place."""

    bounds: NDArray[np.int64]
    guesses: NDArray[np.int32]
    """Narrow, as a million of them hardly stay in the cache."""
    shift: int

    @classmethod
    def of(cls, bounds: NDArray[np.int64], shift: int) -> "Line":
        """With a guess for every `2 ** shift` units."""
        counts = np.bincount(bounds >> shift)
        guesses = np.zeros(len(counts) + 1, np.int32)
        np.cumsum(counts, out=guesses[1:])
        return cls(bounds, guesses, shift)

    def find(self, place: NDArray[np.int64]) -> Places:
        """How many bounds are not above each place; places are at least 0 and below the last bound."""
        guess = self.guesses.take(place >> self.shift, mode="clip").astype(np.intp)
        return step_up(self.bounds, guess, place)


@dataclass(frozen=True)
class Table:
    """Running shares, a row for each class: which column a number between 0 and 1 falls into."""

    shares: NDArray[np.float64]
    """Rows x columns, ascending to 1; a row's first sums may be equal."""
    _guesses: NDArray[np.unsignedinteger]
    """Columns, from the beginning of their row, in as few bytes as hold them."""

    @classmethod
    def of(cls, weights: NDArray[np.float64]) -> "Table":
        """From non-negative weights; rows without any are even."""
        sums = weights.sum(axis=1, keepdims=True)
        even = np.full_like(weights, 1 / weights.shape[1])
        shares = np.cumsum(np.divide(weights, sums, out=even, where=sums > 0), axis=1)
        shares[:, -1] = 1.0
        rows = np.arange(len(weights))[:, None]
        cells = rows * (_GUESSES + 1) + np.minimum(np.ceil(shares * _GUESSES), _GUESSES).astype(np.intp)
        counts = np.bincount(cells.ravel(), minlength=len(weights) * (_GUESSES + 1))
        below = np.cumsum(counts.reshape(len(weights), -1), axis=1)[:, :_GUESSES]
        return cls(shares, below.ravel().astype(np.min_scalar_type(weights.shape[1])))

    def find(self, rows: NDArray[np.int64], wanted: NDArray[np.float64]) -> Places:
        """In each of some rows the place of the first share above the wanted number, which is below 1."""
        guess = self._guesses.take(rows * _GUESSES + (wanted * _GUESSES).astype(np.intp), mode="clip")
        begins = rows * self.shares.shape[1]
        found = step_up(self.shares.ravel(), begins + guess, wanted)
        found -= begins
        return found
