"""All figures of the last `make bench` in one table: `python -m benchmarks.table`."""

import sys

from benchmarks.rows import kept

NAMES = (
    "population", "messages", "days", "clients", "reward", "neighbour", "coverage", "latency", "hub", "reset",
)  # fmt: skip


def main() -> int:
    """Print the table; 0 if every benchmark has run and met its bounds, else 1."""
    good = True
    for name in NAMES:
        found = kept(name)
        if found is None:
            print(f"{name:<10} has not run")
            good = False
            continue
        load, rows = found
        for row in rows:
            print(f"{name:<10} {row.told()}")
            good = good and row.met
        print(f"{'':<10} (load {load:.1f} at the end)")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
