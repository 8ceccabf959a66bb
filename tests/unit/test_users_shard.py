"""Which shard a process is, and what a large world's product knows of its customers."""

from pathlib import Path

import numpy as np
import pytest

from agents.users.history import MOST_PEOPLE, stored
from agents.users.population.draw import draw, part_of
from agents.users.shard import which_shard
from bus.chance import Chance
from bus.host import HostingError
from bus.ids import parse_episode_id
from bus.world import World, WorldFile
from services.world.loading import load_scenario


def world(root: Path, shards: int) -> World:
    file = WorldFile(
        episode=parse_episode_id("e_aaaaaaaaaaaa"),
        seed=1,
        scenario=load_scenario("short"),
        operator="noop",
        isolation="none",
        planted=(),
        shards=shards,
    )
    return World(file, root)


def test_replicas_claim_what_is_free_and_no_more(tmp_path: Path) -> None:
    three = world(tmp_path, 3)
    assert [which_shard(three, None) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(HostingError, match="all 3"):
        which_shard(three, None)


def test_a_named_shard_must_be_one(tmp_path: Path) -> None:
    assert which_shard(world(tmp_path, 3), "3") == 2
    for name in ("0", "4", "two"):
        with pytest.raises(HostingError, match="shards 1 to 3"):
            which_shard(world(tmp_path, 3), name)
    with pytest.raises(HostingError, match="one process"):
        which_shard(world(tmp_path, 1), None)


def test_shards_part_the_customers_with_their_people() -> None:
    population = draw(load_scenario("default"), Chance(1))
    parts = [part_of(population, 0, 3), part_of(population, 3, 8)]
    assert [one for part in parts for one in part.customers.ident] == population.customers.ident
    weights = [int(weight) for part in parts for weight in part.people.weight]
    assert weights == population.people.weight.tolist()
    for part in parts:
        owners = part.customers.agent[part.people.customer]
        assert set(owners.tolist()) <= set(part.cohorts)
        assert (np.bincount(part.people.customer, minlength=len(part.customers)) == part.customers.seats).all()


def test_a_large_worlds_product_knows_the_panel_and_some_others() -> None:
    population = draw(load_scenario("million"), Chance(1))
    assert len(population.people.weight) == pytest.approx(1_000_000, rel=0.05)
    known = stored(population)
    assert known.customers.seats.sum() <= MOST_PEOPLE + population.customers.seats.max()
    assert known.customers.panel.sum() == population.customers.panel.sum() == 120
    small = draw(load_scenario("default"), Chance(1))
    assert stored(small) is small
