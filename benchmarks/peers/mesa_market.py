"""The market's hour in Mesa, as its users write models: an agent a person, an object a company. Driven by lines on stdin."""

import math
import sys
import time
from random import Random

import mesa

SEATS, JOURNEYS, FAILING = 120, 18, 0.013


class Company:
    """What is kept by customer."""

    def __init__(self, price: float, decides_at: int) -> None:
        self.price, self.decides_at = price, decides_at
        self.quality, self.pain, self.alive = 1.0, 0.0, True

    def hour(self, random: Random, hour: int) -> None:
        """Pain fades; once a day it decides."""
        self.pain *= 0.9976
        if self.alive and hour == self.decides_at:
            moved = 3.2 * self.pain / self.price + 5 * (1 - self.quality)
            self.alive = random.random() >= 1 / (1 + math.exp(6.5 - moved))


class Person(mesa.Agent):
    """Works by the hour, and minds what fails."""

    def __init__(self, model: mesa.Model, company: Company, rate: float, zone: int) -> None:
        super().__init__(model)
        self.company, self.rate, self.zone = company, rate, zone

    def step(self) -> None:
        """One hour."""
        model = self.model
        company = self.company
        share = model.hours[(model.hour + self.zone) % 24] * self.rate / 24
        if company.alive and model.random.random() < share:
            model.sessions[int(model.random.random() * JOURNEYS)] += 1
            failed = model.random.random() < FAILING
            company.quality += 0.001 * ((not failed) - company.quality)
            if failed:
                company.pain += 0.85


class Market(mesa.Model):
    """All of it."""

    def __init__(self, people: int, seed: int) -> None:
        super().__init__(seed=seed)
        self.hour = 0
        self.hours = [1 + 0.66 * math.sin((hour - 7) / 24 * 2 * math.pi) for hour in range(24)]
        self.sessions = [0] * JOURNEYS
        self.companies = [Company(1440.0, self.random.randrange(24)) for _ in range(people // SEATS + 1)]
        for number in range(people):
            rate = self.random.gammavariate(2, 0.75)
            Person(self, self.companies[number // SEATS], rate, self.random.randrange(-3, 4))

    def step(self) -> None:
        """One hour of everybody."""
        self.sessions = [0] * JOURNEYS
        self.agents.do("step")
        for company in self.companies:
            company.hour(self.random, self.hour % 24)
        self.hour += 1


if __name__ == "__main__":
    market = Market(int(sys.argv[1]), 1)
    print("ready", flush=True)
    for _ in sys.stdin:
        begun = time.process_time()
        market.step()
        print(time.process_time() - begun, sum(market.sessions), flush=True)
