"""What tests of the market share: scenarios with other numbers of customers, and days' random streams."""

from typing import Any

import numpy as np

from agents.users import lots
from agents.users.wants import Works
from bus.chance import Chance
from bus.scenario import Scenario

NOTHING_COMES = np.zeros(3, np.float32)
NO_WISHES = Works(())


def days(seed: int, day: int = 0) -> np.uint64:
    return lots.stream(Chance(seed), "days", day)


def of(scenario: Scenario, **users: Any) -> Scenario:
    return scenario.model_copy(update={"users": scenario.users.model_copy(update=users)})
