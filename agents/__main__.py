"""`python -m agents NAME`: host one agent in this process."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from bus.host import SHARD_VARIABLE, WORLD_VARIABLE, main
from bus.service import Service
from bus.world import World, load_world
from catalog.builds import work_for
from catalog.choices import hosting_named
from catalog.products import load_product

MODEL_VARIABLE = "OPENAI_BASE_URL"
"""Environment: where a model for the customers' voices is."""


def _users() -> Service:
    from agents.users.service import users_service

    return users_service(_world().file.shards, os.environ.get(MODEL_VARIABLE))


def _shard() -> Service:
    from agents.users.shard import shard_service, which_shard

    world = _world()
    return shard_service(which_shard(world, os.environ.get(SHARD_VARIABLE)), world.file.shards)


def _attackers() -> Service:
    from agents.attackers.service import service

    return service


def _operator() -> Service:
    from agents.operator.hosting import hosted
    from agents.operator.service import operator_service

    world = _world()
    if world.file.model is not None:
        return hosted(world.file.model, world.scenario.operator, os.environ)
    section, file = world.scenario, world.file
    product, name = section.world.product, file.operator
    own = load_product(product).tree / "deploy" / "infra.toml"
    infra = hosting_named(product, name, own.read_text(encoding="utf-8")) if "/" in name else None
    known = work_for(name, product, file.planted, section.users.wishes, world.chance)
    return operator_service(name, known, infra)


def _world() -> World:
    return load_world(Path(os.environ.get(WORLD_VARIABLE, ".")))


AGENTS: dict[str, Callable[[], Service]] = {
    "users": _users,
    "shard": _shard,
    "attackers": _attackers,
    "operator": _operator,
}

if __name__ == "__main__":
    sys.exit(main(AGENTS, sys.argv[1:]))
