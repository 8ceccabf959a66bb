"""User agents: each decides for a cohort of customers, with its own mix, habits and priorities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bus.chance import Chance
from bus.ids import derive_id


@dataclass(frozen=True)
class UserAgent:
    """The parameters by which one user agent decides for its cohort."""

    ident: str
    title: str
    """What kind of people they are; for those who watch."""
    zone: int
    """Typical hours ahead of UTC."""
    weekend: float
    """Activity at the weekend against a working day."""
    api_habit: float
    segment_bias: tuple[float, float, float]
    """How much more often than elsewhere a customer here is solo, team, business."""
    impatience: float
    """Weight of pain in its decisions."""
    price_sensitivity: float
    speed_weight: float
    """Weight of slowness."""
    trust_weight: float
    """Weight of leaks, losses and broken promises."""
    wish_weight: float
    """Weight of requests that it wants and does not get."""
    tastes: dict[str, float]
    """Factors on the product's journeys by theme, such as `api` or `team`; missing ones are 1."""


_ARCHETYPES: tuple[UserAgent, ...] = (
    UserAgent("", "Studios and agencies", 1, 0.15, 0.1, (1.2, 1.1, 0.6), 1.1, 1.2, 1.0, 0.9, 1.0, {"files": 1.6, "comments": 1.4}),
    UserAgent("", "Software teams", -8, 0.3, 0.6, (0.7, 1.3, 1.2), 1.0, 0.8, 1.5, 1.0, 1.4, {"api": 2.0, "edits": 1.3}),
    UserAgent("", "Clinics and practices", 0, 0.1, 0.05, (0.8, 1.1, 1.2), 0.9, 0.8, 0.8, 1.8, 0.9, {"reminders": 1.7, "team": 0.8}),
    UserAgent("", "Shops and trades", -5, 0.6, 0.05, (1.6, 0.8, 0.3), 1.2, 1.6, 0.9, 0.8, 0.8, {"reminders": 1.3, "search": 1.2}),
    UserAgent("", "Schools and charities", 2, 0.2, 0.1, (1.0, 1.2, 0.7), 0.8, 1.4, 0.7, 1.2, 0.8, {"team": 1.5, "labels": 1.4}),
    UserAgent("", "Logistics and field work", 8, 0.5, 0.4, (0.6, 1.1, 1.6), 1.2, 1.0, 1.3, 1.0, 1.2, {"lists": 1.6, "api": 1.3}),
    UserAgent("", "Consultants", -6, 0.25, 0.1, (1.8, 0.7, 0.4), 1.0, 1.0, 1.1, 1.3, 1.1, {"search": 1.5, "edits": 1.2}),
    UserAgent("", "Finance and law", 0, 0.05, 0.2, (0.6, 1.0, 1.8), 1.0, 0.6, 1.0, 2.0, 1.3, {"files": 1.3, "lists": 1.3}),
)  # fmt: skip
"""Assumed kinds of companies (C); each world moves their numbers."""


def draw_agents(count: int, chance: Chance) -> tuple[UserAgent, ...]:
    """`count` user agents, each an archetype with numbers of its own."""
    agents: list[UserAgent] = []
    for index in range(count):
        base = _ARCHETYPES[index % len(_ARCHETYPES)]
        draw = chance.python("users", "agent", index)
        agents.append(
            UserAgent(
                ident=derive_id("ua", "user agent", index),
                title=base.title,
                zone=base.zone + draw.randint(-1, 1),
                weekend=base.weekend * draw.uniform(0.7, 1.3),
                api_habit=base.api_habit * draw.uniform(0.7, 1.3),
                segment_bias=base.segment_bias,
                impatience=base.impatience * draw.uniform(0.85, 1.15),
                price_sensitivity=base.price_sensitivity * draw.uniform(0.85, 1.15),
                speed_weight=base.speed_weight * draw.uniform(0.85, 1.15),
                trust_weight=base.trust_weight * draw.uniform(0.85, 1.15),
                wish_weight=base.wish_weight * draw.uniform(0.85, 1.15),
                tastes={theme: factor * draw.uniform(0.9, 1.1) for theme, factor in base.tastes.items()},
            )
        )
    return tuple(agents)


@dataclass(frozen=True)
class Habits:
    """The user agents' numbers as columns, one row an agent."""

    zone: NDArray[np.int32]
    weekend: NDArray[np.float32]
    api_habit: NDArray[np.float32]
    segment_bias: NDArray[np.float32]
    """Agents x segments."""
    impatience: NDArray[np.float32]
    price_sensitivity: NDArray[np.float32]
    speed_weight: NDArray[np.float32]
    trust_weight: NDArray[np.float32]
    wish_weight: NDArray[np.float32]


def habits(agents: Sequence[UserAgent]) -> Habits:
    """All agents' numbers as columns."""

    def column(name: str) -> NDArray[np.float32]:
        return np.array([getattr(agent, name) for agent in agents], np.float32)

    return Habits(
        zone=np.array([agent.zone for agent in agents], np.int32),
        weekend=column("weekend"),
        api_habit=column("api_habit"),
        segment_bias=column("segment_bias"),
        impatience=column("impatience"),
        price_sensitivity=column("price_sensitivity"),
        speed_weight=column("speed_weight"),
        trust_weight=column("trust_weight"),
        wish_weight=column("wish_weight"),
    )
