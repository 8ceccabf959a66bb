"""The market's hour written by hand in polars: frames, expressions and joins. Driven by lines on stdin.

The same tick as ours in its main parts: who works, what they come for by user agent, segment and size, what fails by
journey and stratum, nine kinds of pain that fade, quality, who writes, who decides and leaves, and a row of columns an agent.
Not in it, but in ours: which sessions run for real, what support does, renewals and failed payments, newcomers.
"""

import math
import sys
import time

import numpy as np
import polars as pl

SEATS, JOURNEYS, KINDS, STRATA, FAILING = 120, 18, 9, 18, 0.013
PER_AGENT = 8
HOURS = [1 + 0.66 * math.sin((hour - 7) / 24 * 2 * math.pi) for hour in range(24)]


class Market:
    """People, companies and user agents as frames."""

    def __init__(self, people: int, seed: int) -> None:
        self.random = random = np.random.default_rng(seed)
        count = people // SEATS + 1
        agents = count // PER_AGENT + 1
        self.hour = 6
        self.hours = pl.Series(HOURS, dtype=pl.Float32)
        self.people = pl.DataFrame(
            {
                "company": np.arange(people, dtype=np.uint32) // SEATS,
                "rate": random.gamma(2, 0.75, people).astype(np.float32),
            }
        )
        self.companies = pl.DataFrame(
            {
                "company": np.arange(count, dtype=np.uint32),
                "agent": np.arange(count, dtype=np.uint32) // PER_AGENT,
                "segment": random.integers(0, 3, count).astype(np.uint32),
                "stratum": random.integers(0, STRATA, count).astype(np.uint32),
                "zone": random.integers(-3, 4, count).astype(np.int32),
                "usual": np.full(count, SEATS * 1.5 * 21, np.float32),
                "price": np.full(count, 1440, np.float32),
                "sensitivity": random.lognormal(0, 0.3, count).astype(np.float32),
                "reference": np.full(count, 12, np.float32),
                "frailty": random.gamma(2, 0.5, count).astype(np.float32),
                "tenure": random.exponential(240, count).astype(np.float32),
                "patience": random.lognormal(0, 0.25, count).astype(np.float32),
                "writes": random.gamma(2, 0.5, count).astype(np.float32),
                "decides_at": random.integers(0, 24, count).astype(np.int32),
                "quality": np.ones(count, np.float32),
                "alive": np.ones(count, np.bool_),
                **{f"pain{kind}": np.zeros(count, np.float32) for kind in range(KINDS)},
            }
        )
        self.trust = pl.DataFrame(
            {"agent": np.arange(agents, dtype=np.uint32), "trust": random.uniform(0.7, 2, agents).astype(np.float32)}
        )
        weights = random.gamma(1, 1, (agents * 3, JOURNEYS))
        self.mix = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1) + np.arange(agents * 3)[:, None]
        self.failing = pl.Series((random.lognormal(0, 0.8, JOURNEYS * STRATA) * FAILING / 1.38).astype(np.float32))

    def step(self) -> tuple[pl.DataFrame, int]:
        """One hour of everybody; returns what each user agent's people did, and the number of sessions."""
        sessions = self._sessions()
        self._feel(sessions)
        self._decide()
        told = (
            sessions.group_by("agent", "journey")
            .agg(pl.len().alias("sessions"), pl.col("failed").sum().alias("bad"), pl.col("hurt").sum())
            .sort("agent", "journey")
            .group_by("agent", maintain_order=True)
            .agg("journey", "sessions", "bad", pl.col("hurt").sum())
        )
        content = (
            self.companies.filter("alive")
            .group_by("agent")
            .agg(pl.len().alias("companies"), (pl.col("quality") - 0.5 * pl.col("burden")).clip(0, 1).mean())
        )
        self.companies = self.companies.drop("burden")
        self.hour += 1
        return told.join(content, on="agent"), len(sessions)

    def _sessions(self) -> pl.DataFrame:
        luck = self.random.random(len(self.people), np.float32)
        now = self.companies.select(
            (self.hours.gather((self.companies["zone"] + self.hour) % 24) * pl.col("alive") / 24).alias("now")
        )["now"]
        active = self.people.filter(now.gather(self.people["company"]) * self.people["rate"] > luck)
        count = len(active)
        of = active.join(
            self.companies.select("company", "agent", "segment", "stratum", "writes"), on="company", how="left"
        ).join(self.trust, on="agent", how="left")
        place = of["agent"].to_numpy().astype(np.int64) * 3 + of["segment"].to_numpy()
        found = np.searchsorted(self.mix.ravel(), place + self.random.random(count), side="right")
        journey = pl.Series("journey", np.minimum(found - place * JOURNEYS, JOURNEYS - 1).astype(np.uint32))
        fails = self.failing.gather(journey * STRATA + of["stratum"]) > pl.Series(self.random.random(count, np.float32))
        return of.with_columns(
            journey,
            failed=fails,
            kind=pl.Series(self.random.integers(0, KINDS, count).astype(np.uint32)),
            complains=pl.Series(self.random.random(count, np.float32)) < 0.05 * pl.col("writes"),
        ).with_columns(hurt=pl.col("failed") * 0.85 * pl.col("trust"))

    def _feel(self, sessions: pl.DataFrame) -> None:
        felt = sessions.group_by("company").agg(
            pl.len().cast(pl.Float32).alias("n"),
            pl.col("failed").sum().alias("bad"),
            *(
                (pl.col("hurt") * (pl.col("kind") == kind)).sum().cast(pl.Float32).alias(f"new{kind}")
                for kind in range(KINDS)
            ),
        )
        new = [f"new{kind}" for kind in range(KINDS)]
        self.companies = (
            self.companies.join(felt, on="company", how="left", maintain_order="left")
            .with_columns(pl.col("n", "bad", *new).fill_null(0))
            .with_columns(
                quality=pl.col("quality")
                + (1 - (-pl.col("n") / pl.col("usual")).exp())
                * (1 - pl.col("bad") / pl.max_horizontal("n", 1) - pl.col("quality")),
                **{f"pain{kind}": pl.col(f"pain{kind}") * 0.9976 + pl.col(f"new{kind}") for kind in range(KINDS)},
            )
            .drop("n", "bad", *new)
            .with_columns(burden=pl.sum_horizontal(*(f"pain{kind}" for kind in range(KINDS))) / pl.col("price"))
        )

    def _decide(self) -> None:
        fate = pl.Series(self.random.random(len(self.companies), np.float32))
        moved = (
            3.2 * pl.col("burden")
            + 5 * (1 - pl.col("quality"))
            + 1.6 * pl.col("sensitivity") * (pl.col("price") / SEATS / pl.col("reference")).log().clip(0)
        )
        ordinary = 0.0015 * pl.col("frailty") * ((1 + pl.col("tenure") / 180) / 2.5) ** -0.25
        hazard = 1 / (1 + (1 - ordinary) / ordinary * (-moved).exp())
        self.companies = self.companies.with_columns(
            alive=pl.col("alive")
            & ((pl.col("decides_at") != self.hour % 24) | ((fate >= hazard) & (pl.col("burden") <= pl.col("patience"))))
        )


if __name__ == "__main__":
    market = Market(int(sys.argv[1]), 1)
    print("ready", flush=True)
    for _ in sys.stdin:
        begun = time.process_time()
        _, sessions = market.step()
        print(time.process_time() - begun, sessions, flush=True)
