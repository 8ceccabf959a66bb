"""The market's hour in Mesa, as its users write models: an agent a person, an object a company. Driven by lines on stdin.

The same tick as ours in its main parts; see `polars_market.py`. Sessions and failures are counted by user agent and journey, and
nothing is said of them: beside a million steps that would not show.
"""

import math
import sys
import time
from bisect import bisect
from collections import Counter
from itertools import accumulate
from random import Random

import mesa

SEATS, JOURNEYS, KINDS, STRATA, FAILING = 120, 18, 9, 18, 0.013
PER_AGENT = 8


class Company:
    """What is kept by customer."""

    def __init__(self, number: int, random: Random) -> None:
        self.agent, self.segment, self.stratum = number // PER_AGENT, random.randrange(3), random.randrange(STRATA)
        self.zone, self.decides_at = random.randrange(-3, 4), random.randrange(24)
        self.price, self.reference = 1440.0, 12.0
        self.sensitivity, self.patience = random.lognormvariate(0, 0.3), random.lognormvariate(0, 0.25)
        self.frailty, self.writes = random.gammavariate(2, 0.5), random.gammavariate(2, 0.5)
        self.tenure, self.trust = random.expovariate(1 / 240), random.uniform(0.7, 2)
        self.quality, self.alive = 1.0, True
        self.pain = [0.0] * KINDS

    @property
    def burden(self) -> float:
        """Pain as a share of the price."""
        return sum(self.pain) / self.price

    def pass_an_hour(self, random: Random, hour: int) -> None:
        """Pain fades; once a day it decides."""
        self.pain = [each * 0.9976 for each in self.pain]
        if self.alive and hour == self.decides_at:
            dearer = max(0.0, math.log(self.price / SEATS / self.reference))
            moved = 3.2 * self.burden + 5 * (1 - self.quality) + 1.6 * self.sensitivity * dearer
            ordinary = 0.0015 * self.frailty * ((1 + self.tenure / 180) / 2.5) ** -0.25
            hazard = 1 / (1 + (1 - ordinary) / ordinary * math.exp(-moved))
            self.alive = random.random() >= hazard and self.burden <= self.patience


class Person(mesa.Agent):
    """Works by the hour, and minds what fails."""

    def __init__(self, model: mesa.Model, company: Company, rate: float) -> None:
        super().__init__(model)
        self.company, self.rate = company, rate

    def step(self) -> None:
        """One hour."""
        model, company = self.model, self.company
        share = model.hours[(model.hour + company.zone) % 24] * self.rate / 24
        if not company.alive or model.random.random() >= share:
            return
        journey = bisect(model.mix[company.agent * 3 + company.segment], model.random.random())
        journey = min(journey, JOURNEYS - 1)
        failed = model.random.random() < model.failing[journey * STRATA + company.stratum]
        company.quality += 0.0003 * ((not failed) - company.quality)
        model.sessions[company.agent, journey] += 1
        if failed:
            company.pain[model.random.randrange(KINDS)] += 0.85 * company.trust
            model.failed[company.agent, journey] += 1
            model.complaints += model.random.random() < 0.05 * company.writes


class Market(mesa.Model):
    """All of it."""

    def __init__(self, people: int, seed: int) -> None:
        super().__init__(seed=seed)
        self.hour, self.complaints = 6, 0
        self.hours = [1 + 0.66 * math.sin((hour - 7) / 24 * 2 * math.pi) for hour in range(24)]
        self.sessions: Counter[tuple[int, int]] = Counter()
        self.failed: Counter[tuple[int, int]] = Counter()
        self.companies = [Company(number, self.random) for number in range(people // SEATS + 1)]
        agents = len(self.companies) // PER_AGENT + 1
        self.mix = []
        for _ in range(agents * 3):
            weights = [self.random.gammavariate(1, 1) for _ in range(JOURNEYS)]
            self.mix.append([each / sum(weights) for each in accumulate(weights)])
        self.failing = [self.random.lognormvariate(0, 0.8) * FAILING / 1.38 for _ in range(JOURNEYS * STRATA)]
        for number in range(people):
            Person(self, self.companies[number // SEATS], self.random.gammavariate(2, 0.75))

    def step(self) -> None:
        """One hour of everybody."""
        self.sessions.clear()
        self.failed.clear()
        self.agents.do("step")
        for company in self.companies:
            company.pass_an_hour(self.random, self.hour % 24)
        self.hour += 1


if __name__ == "__main__":
    market = Market(int(sys.argv[1]), 1)
    print("ready", flush=True)
    for _ in sys.stdin:
        begun = time.process_time()
        market.step()
        print(time.process_time() - begun, sum(market.sessions.values()), flush=True)
