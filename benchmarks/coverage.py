"""Do the 95 % intervals of the extrapolation cover what they should? 1,000 replications at each sample size.

A made-up market whose truth is known: sessions of 18 journeys x 18 strata with sizes as uneven as real ones, failing at
rates that differ by journey, by stratum and by chance (about 1.3 % in all, as on an inherited product, and 6 % on a bad
one). Each replication draws sessions by the design and asks `estimate`. Bound: 93-97 %.
"""

import sys

import numpy as np

from agents.users.sampling import estimate, sessions_chance
from benchmarks.rows import Row, tell

REPLICATIONS = 1_000
BOUNDS = (93.0, 97.0)
CASES = ((0.013, 315), (0.013, 1_005), (0.06, 315), (0.06, 1_005))
"""Share of sessions that fail, and sessions executed."""


def main() -> int:
    """All cases; 0 if they lie within the bounds."""
    rows: list[Row] = []
    for case, (share, executed) in enumerate(CASES):
        coverage, bias, half = measure(share, executed, np.random.Generator(np.random.PCG64(case)))
        name = f"% covered: {share:.1%} fail, {executed:,} executed (bias {bias:+.2%}, half width {half:.2%})"
        rows.append(Row(name, coverage * 100, *BOUNDS))
    return tell("coverage", rows)


def measure(share: float, executed: int, rng: np.random.Generator) -> tuple[float, float, float]:
    """Coverage, relative bias and mean half width of the interval for the market's share of failing sessions."""
    everybody = np.outer(rng.lognormal(0, 0.9, 18), rng.lognormal(0, 0.8, 18)) * 400
    truth = np.outer(rng.lognormal(0, 0.9, 18), rng.lognormal(0, 0.4, 18))
    truth *= share * everybody.sum() / (truth * everybody).sum()
    truth = np.minimum(truth, 0.9)
    real = float((truth * everybody).sum() / everybody.sum())
    likely = sessions_chance(everybody, executed)
    covered, found, halves = 0, [], []
    for _ in range(REPLICATIONS):
        seen = rng.binomial(rng.poisson(everybody), likely)
        failed = rng.binomial(seen, truth)
        told = estimate(seen, failed, 1 / likely, everybody)
        covered += told.low <= real <= told.high
        found.append(told.share)
        halves.append((told.high - told.low) / 2)
    return covered / REPLICATIONS, float(np.mean(found)) / real - 1, float(np.mean(halves))


if __name__ == "__main__":
    sys.exit(main())
