"""The market of `scenarios/million.toml` without a product: every executed session goes well."""

import gc
from collections.abc import Sequence
from dataclasses import dataclass, field

from agents.users.constants import draw_tuning
from agents.users.growth import Standing
from agents.users.journeys import Outcome
from agents.users.market import Market
from agents.users.merge import LivedPart, Said, Whole
from agents.users.products import product_named
from agents.users.sessions import Assignment
from bus.chance import Chance
from bus.simtime import HOUR, SimTime
from services.world.loading import load_scenario


@dataclass
class Ours:
    """A million people of a thousand user agents, from six in the morning on."""

    tick: int = 6
    sessions: list[int] = field(default_factory=list[int])

    def __post_init__(self) -> None:
        scenario, chance = load_scenario("million"), Chance(1)
        self.market = Market(scenario, chance, product_named("tracker"))
        self.whole = Whole(draw_tuning(chance), self.market.journeys, Standing(scenario.users.customers))
        gc.freeze()  # as the service does
        self.people = len(self.market.population.people.customer)

    def hour(self) -> LivedPart:
        """One hour of everybody."""
        plan = self.market.open_tick(self.tick, SimTime(self.tick * HOUR))
        self.sessions.append(len(plan.sessions))
        self.tick += 1
        return self.market.close_tick(plan, well(plan.assignments))

    def said(self) -> list[Said]:
        """One hour, and all that the market says of it."""
        said = self.whole.put_together(self.tick, [self.hour()])
        self.market.learn(self.whole.moved, SimTime(self.tick * HOUR))
        return said


def well(assignments: Sequence[Assignment]) -> list[Outcome]:
    """Sessions that went well without being run."""
    return [Outcome(one.account.customer, one.ordinal, one.journey.name, None) for one in assignments]
