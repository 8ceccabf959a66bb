"""Building a world: its directory with everything that must stand before the first tick."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import orjson

from agents.users.history import probe_plan
from bus.chance import Chance
from bus.ids import EpisodeId, new_episode_id
from bus.messages.cloud import Isolation as IsolationLevel
from bus.scenario import Scenario
from bus.world import World, WorldFile, save_world
from catalog.defects import Shape, draw_defects, plant
from catalog.products import Product, load_product
from catalog.requests import drawn
from concern.catalog.trees import LEFT_OUT
from concern.handover import NAME, handover
from concern.harness import place_harness
from concern.history import cache_directory, place_history
from services.sandbox.containment import require
from services.sandbox.sandbox import Sandbox
from services.sandbox.spec import Bind, Isolation, SandboxSpec


@dataclass(frozen=True)
class Wish:
    """What somebody asks for when a world is to be built."""

    scenario: Scenario
    seed: int
    operator: str
    isolation: IsolationLevel = "full"
    shards: int = 1
    """Processes among which the user agents are shared out."""
    model: str | None = None
    """With the operator `llm`: the model's name at its endpoint."""


async def build_world(wish: Wish, root: Path, episode: EpisodeId | None = None) -> World:
    """Build a world in a new directory and return it.

    `SandboxError` if the isolation asked for is not reached, `CatalogError` if defects or wishes do not fit the product.
    """
    reached = await require(Isolation(wish.isolation))
    product = load_product(wish.scenario.world.product)
    section = wish.scenario.world
    defects = draw_defects(product.name, section.defects, Chance(wish.seed), section.only_defects)
    drawn(product.name, wish.scenario.users.wishes, Chance(wish.seed))  # asked for what is not there, it says so now
    file = WorldFile(
        episode=episode or new_episode_id(),
        seed=wish.seed,
        scenario=wish.scenario,
        operator=wish.operator,
        model=wish.model,
        isolation=reached.level.value,
        planted=tuple(shape.full_name for shape in defects),
        shards=wish.shards,
    )
    world = save_world(file, root)
    _make_workspace(world, product, defects)
    shutil.copytree(product.tree, world.directory("cloud") / "reference", ignore=LEFT_OUT)
    plan = probe_plan(wish.scenario, world.chance) | {"cache": str(cache_directory() / "demand.sqlite")}
    (world.directory("cloud") / "probe.json").write_bytes(orjson.dumps(plan))
    place_history(world, product)
    return world


def _make_workspace(world: World, product: Product, defects: Sequence[Shape]) -> None:
    """The operator's repository: the product with its hidden past, in one commit without any other history."""
    workspace = world.root / "workspace"
    shutil.copytree(product.tree, workspace, ignore=LEFT_OUT)
    plant(workspace, defects)
    (workspace / NAME).write_text(handover(world.scenario, product.tree), encoding="utf-8")
    _commit(world, workspace, "The product as it is handed over")
    folders = [workspace]
    if world.file.model is not None:
        folders.append(place_harness(world))
        _commit(world, folders[-1], "The harness as it comes")
    spec = SandboxSpec(
        state=world.directory("gateway") / "state",
        binds=(Bind(workspace, "/workspace", writable=True),),
        isolation=Isolation(world.file.isolation),
    )
    Sandbox(spec).hand_over(*folders)


def _commit(world: World, folder: Path, message: str) -> None:
    """Make a folder of ours a repository with one commit; nobody else's code is in it yet."""
    moment = (world.scenario.world.start - timedelta(days=1)).isoformat()
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CEILING_DIRECTORIES": str(world.root.resolve()),
        "GIT_AUTHOR_NAME": "The last owner",
        "GIT_AUTHOR_EMAIL": "owner@example.com",
        "GIT_COMMITTER_NAME": "The last owner",
        "GIT_COMMITTER_EMAIL": "owner@example.com",
        "GIT_AUTHOR_DATE": moment,
        "GIT_COMMITTER_DATE": moment,
    }
    for arguments in (
        ("init", "--quiet", "--initial-branch=main", "--template="),
        ("config", "user.name", "Operator"),
        ("config", "user.email", "operator@example.com"),
        ("add", "--all"),
        ("commit", "--quiet", "--message", message),
    ):
        subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True)
