"""A market without a product: sessions fail by a rule of their own, so that what is executed shows what is extrapolated."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from agents.users.constants import draw_tuning
from agents.users.growth import Standing
from agents.users.journeys import Failure, Outcome
from agents.users.market import Market
from agents.users.merge import LivedPart, Said, Whole
from agents.users.products import product_named
from agents.users.requests import wanted
from agents.users.sessions import Assignment
from agents.users.shard import Parts, messages, shard_name
from bus import codec
from bus.chance import Chance
from bus.ids import parse_episode_id
from bus.messages.base import Event
from bus.scenario import Scenario
from bus.simtime import HOUR, SimTime

EPISODE = parse_episode_id("e_aaaaaaaaaaaa")
Rule = Callable[[Assignment], bool]
"""Whether a session fails."""


def one_in(share: float) -> Rule:
    """A share of the sessions fails, always the same ones."""

    def fails(one: Assignment) -> bool:
        text = f"{one.account.customer} {one.ordinal} {one.journey.name}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") < share * 2**32

    return fails


def outcomes_of(assignments: Sequence[Assignment], fails: Rule) -> list[Outcome]:
    """What came of sessions, in the order in which a bench gives it."""
    wrong = Failure("error", "save", "POST /x", "500", "it broke", None)
    found = [
        Outcome(one.account.customer, one.ordinal, one.journey.name, wrong if fails(one) else None)
        for one in assignments
    ]
    return sorted(found, key=lambda one: (one.customer, one.ordinal))


@dataclass
class World:
    """A market in some shards, hour by hour, with whatever others say."""

    scenario: Scenario
    seed: int
    shards: int = 1
    fails: Rule = field(default_factory=lambda: one_in(0.0))

    def __post_init__(self) -> None:
        chance, product = Chance(self.seed), product_named("tracker")
        wishes = wanted(product.name, self.scenario.users.wishes, chance)
        self.markets = [
            Market(self.scenario, chance, product, shard, self.shards, wishes) for shard in range(self.shards)
        ]
        journeys = self.markets[0].journeys
        self.whole = Whole(draw_tuning(chance), journeys, Standing(self.scenario.users.customers))
        self.executed = 0

    async def live(self, hours: int, heard: Callable[[int], Sequence[Event]] = lambda tick: ()) -> list[str]:
        """All that the market says, as it stands on the wire."""
        told: list[str] = []
        learned: list[Said] = []
        for tick in range(hours):
            now = SimTime(tick * HOUR)
            parts = [self._part(market, tick, now, learned, heard(tick)) for market in self.markets]
            if self.shards > 1:
                parts = await handed_in(parts, tick)
            learned = self.whole.put_together(tick, parts)
            told += [f"{one.event.model_dump_json()} because of {one.cause}" for one in learned]
        return told

    def _part(
        self, market: Market, tick: int, now: SimTime, learned: Sequence[Said], heard: Sequence[Event]
    ) -> LivedPart:
        said = market.inherited() if tick == 0 else []
        for one in learned:
            market.learn(one.event, SimTime((tick - 1) * HOUR))
        for event in heard:
            market.hear(event, now)
        plan = market.open_tick(tick, now)
        plan.said[:0] = said
        self.executed += len(plan.assignments)
        return market.close_tick(plan, outcomes_of(plan.assignments, self.fails))


async def handed_in(parts: Sequence[LivedPart], tick: int) -> list[LivedPart]:
    """Parts that went over the wire, the last shard's first."""
    desk = Parts(len(parts))
    for shard, part in reversed(list(enumerate(parts))):
        head = codec.RequestHead(id="1", episode=EPISODE, sender=shard_name(shard), sim_time=SimTime(0))
        for message in messages(shard, tick, part):
            asked = codec.decode_command(codec.encode_command(head, message))
            await desk.take(asked.head, asked.command)
    return desk.of(tick)
