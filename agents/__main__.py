"""`python -m agents NAME`: host one agent in this process."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from bus.host import WORLD_VARIABLE, main
from bus.service import Service
from bus.world import load_world
from catalog.defects import fixes_for


def _users() -> Service:
    from agents.users.service import service

    return service


def _attackers() -> Service:
    from agents.attackers.service import service

    return service


def _operator() -> Service:
    from agents.operator.service import operator_service

    world = load_world(Path(os.environ.get(WORLD_VARIABLE, ".")))
    return operator_service(world.file.operator, fixes_for(world.scenario.world.product, world.file.planted))


AGENTS: dict[str, Callable[[], Service]] = {"users": _users, "attackers": _attackers, "operator": _operator}

if __name__ == "__main__":
    sys.exit(main(AGENTS, sys.argv[1:]))
