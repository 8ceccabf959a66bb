"""All figures of the last `make bench` in one table: `python -m benchmarks.table`; `--forget` before a new one."""

import sys

from benchmarks.rows import forget, kept

NAMES = (
    "population", "messages", "days", "clients", "reward", "neighbour", "coverage", "latency", "hub", "reset",
)  # fmt: skip


def main() -> int:
    """Print the table; 0 if every benchmark has run and met its bounds, else 1."""
    if sys.argv[1:] == ["--forget"]:
        forget(NAMES)
        return 0
    good = True
    for name in NAMES:
        found = kept(name)
        if found is None:
            print(f"{name:<10} has not run to its end")
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
