"""The market's hour written by hand in polars: two frames, expressions and joins. Driven by lines on stdin."""

import math
import sys
import time

import numpy as np
import polars as pl

SEATS, JOURNEYS, FAILING = 120, 18, 0.013
HOURS = [1 + 0.66 * math.sin((hour - 7) / 24 * 2 * math.pi) for hour in range(24)]


class Market:
    """People and companies as frames."""

    def __init__(self, people: int, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        count = people // SEATS + 1
        self.hour = 0
        self.hours = pl.Series(HOURS, dtype=pl.Float32)
        self.people = pl.DataFrame(
            {
                "company": np.arange(people, dtype=np.uint32) // SEATS,
                "rate": self.random.gamma(2, 0.75, people).astype(np.float32),
                "zone": self.random.integers(-3, 4, people).astype(np.int32),
            }
        )
        self.companies = pl.DataFrame(
            {
                "company": np.arange(count, dtype=np.uint32),
                "agent": np.arange(count, dtype=np.uint32) // 8,
                "price": np.full(count, 1440, np.float32),
                "decides_at": self.random.integers(0, 24, count).astype(np.int32),
                "quality": np.ones(count, np.float32),
                "pain": np.zeros(count, np.float32),
                "alive": np.ones(count, np.bool_),
            }
        )

    def step(self) -> tuple[pl.DataFrame, int]:
        """One hour of everybody; returns what each user agent would say, and the number of sessions."""
        luck = self.random.random(len(self.people), np.float32)
        alive = self.companies["alive"]
        active = self.people.filter(
            (self.hours.gather((self.people["zone"] + self.hour) % 24) * self.people["rate"] / 24 > luck)
            & alive.gather(self.people["company"])
        )
        count = len(active)
        sessions = active.with_columns(
            journey=pl.Series(self.random.integers(0, JOURNEYS, count, dtype=np.int32)),
            failed=pl.Series(self.random.random(count, np.float32) < FAILING),
        )
        felt = sessions.group_by("company").agg(pl.len().alias("n"), pl.col("failed").sum().alias("bad"))
        fate = pl.Series(self.random.random(len(self.companies), np.float32))
        self.companies = (
            self.companies.join(felt, on="company", how="left", maintain_order="left")
            .with_columns(pl.col("n", "bad").fill_null(0))
            .with_columns(
                quality=pl.col("quality")
                + (1 - (-0.001 * pl.col("n")).exp())
                * (1 - pl.col("bad") / pl.max_horizontal("n", 1) - pl.col("quality")),
                pain=pl.col("pain") * 0.9976 + pl.col("bad") * 0.85,
            )
            .with_columns(
                alive=pl.col("alive")
                & (
                    (pl.col("decides_at") != self.hour % 24)
                    | (
                        fate
                        >= 1 / (1 + (6.5 - 3.2 * pl.col("pain") / pl.col("price") - 5 * (1 - pl.col("quality"))).exp())
                    )
                )
            )
            .drop("n", "bad")
        )
        told = (
            sessions.with_columns(agent=pl.col("company") // 8)
            .group_by("agent", "journey")
            .agg(pl.len().alias("sessions"), pl.col("failed").sum().alias("bad"))
        )
        self.hour += 1
        return told, count


if __name__ == "__main__":
    market = Market(int(sys.argv[1]), 1)
    print("ready", flush=True)
    for _ in sys.stdin:
        begun = time.process_time()
        _, sessions = market.step()
        print(time.process_time() - begun, sessions, flush=True)
