"""The operator's harness at the beginning of a world: a repository of its own, beside the product's."""

import shutil
from pathlib import Path

import agents.operator
from bus.world import World

SHIPPED = Path(agents.operator.__file__).parent / "harness"
"""What a model begins with."""


def place_harness(world: World) -> Path:
    """Copy the shipped harness into the operator's home and return its folder."""
    folder = world.directory("gateway") / "home" / "harness"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for description in (folder / "tools").glob("*.json"):
        description.with_suffix("").chmod(0o755)  # an installed package may have lost it
    return folder
