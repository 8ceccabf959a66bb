"""The whole business as a viewer knows it, and the one function that moves it on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from bus.ids import EpisodeId
from bus.messages.base import Delivered, Event
from bus.money import Micros
from bus.simtime import SimTime
from tui.state import attacks, books, clock, desk, hosting, market, operator, rewards
from tui.state.attacks import Attacks
from tui.state.books import Books
from tui.state.clock import Clock
from tui.state.desk import Desk
from tui.state.hosting import Hosting
from tui.state.market import Market
from tui.state.operator import Operator
from tui.state.rewards import Rewards


@dataclass(frozen=True, slots=True)
class Business:
    """One part for each family of events; all of it unknown at first."""

    episode: EpisodeId | None = None
    now: SimTime = field(default=SimTime(0))
    """The latest simulated moment that was heard of."""
    heard: int = 0
    """Events taken in."""
    positions: Mapping[str, int] = field(default_factory=dict[str, int])
    """By family, the last position taken in."""
    clock: Clock = field(default=Clock())
    market: Market = field(default=Market())
    desk: Desk = field(default=Desk())
    hosting: Hosting = field(default=Hosting())
    books: Books = field(default=Books())
    rewards: Rewards = field(default=Rewards())
    operator: Operator = field(default=Operator())
    attacks: Attacks = field(default=Attacks())

    @property
    def over(self) -> bool:
        """Whether nothing more will come: the reward is settled or void."""
        return self.rewards.over is not None


def reduce(state: Business, delivered: Delivered) -> Business:
    """The business after one more event.

    Any start will do: what is said absolutely (books, measures, cohorts) is right after the first whole tick.
    Events of another episode, of no public family, or already taken in (a family's positions only grow)
    change nothing.
    """
    envelope, family = delivered.envelope, _family(type(delivered.event))
    if state.episode not in (None, envelope.episode) or envelope.seq <= state.positions.get(family, 0):
        return state
    at = envelope.sim_time
    head: dict[str, Any] = {
        "episode": envelope.episode,
        "now": max(state.now, at),
        "heard": state.heard + 1,
        "positions": {**state.positions, family: envelope.seq},
    }
    return _moved(state, family, at, delivered.event, head)


def net_reward(state: Business) -> Micros | None:
    """Change in the company's equity since the start; None while nothing tells, and when the episode is void.

    The stream's own sum if it was heard whole; else the books'.
    """
    if state.rewards.over is not None:
        return state.rewards.over.sum
    if state.rewards.whole or state.books.net is None:
        return state.rewards.total if state.rewards.count or state.rewards.whole else None
    return state.books.net


@cache
def _family(event: type[Event]) -> str:
    return event.family()


def _moved(  # noqa: PLR0911 (one a family)
    state: Business, family: str, at: SimTime, event: Event, head: Mapping[str, Any]
) -> Business:
    """One copy an event, head and part together: copying is what a viewer's time goes into."""
    match family:
        case "clock":
            return replace(state, **head, clock=clock.heard(state.clock, event))
        case "users":
            return replace(state, **head, market=market.heard(state.market, event))
        case "desk":
            return replace(state, **head, desk=desk.heard(state.desk, at, event))
        case "cloud":
            return replace(state, **head, hosting=hosting.heard(state.hosting, at, event))
        case "billing":
            return replace(state, **head, books=books.heard(state.books, event))
        case "reward":
            return replace(state, **head, rewards=rewards.heard(state.rewards, at, event))
        case "gateway":
            return replace(state, **head, operator=operator.heard(state.operator, event))
        case "attackers":
            return replace(state, **head, attacks=attacks.heard(state.attacks, at, event))
        case _:
            return state
