"""What every service knows of the world it serves, and where that stands on disk."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import orjson
from pydantic import Field

from bus.chance import Chance
from bus.ids import CheckedEpisodeId, EpisodeId
from bus.messages.base import Part
from bus.messages.cloud import Isolation
from bus.scenario import Scenario


class WorldFile(Part):
    """`world.json` in the world's directory: written once, before any service starts."""

    episode: CheckedEpisodeId
    seed: int
    scenario: Scenario
    operator: str
    model: str | None = None
    """With the operator `llm`: the model's name at its endpoint."""
    isolation: Isolation
    """As measured by the containment probe."""
    planted: tuple[str, ...]
    """Defects in the product. The file is outside every sandbox."""
    shards: Annotated[int, Field(ge=1, le=64)] = 1
    """Processes among which the user agents are shared out; nothing that happens depends on it."""
    version: Literal[1] = 1


@dataclass(frozen=True)
class World:
    """One world, as handed to each service's context."""

    file: WorldFile
    root: Path
    """The world's directory, absolute. Each service writes only below `root / its name`; `workspace/` is the operator's."""

    @property
    def episode(self) -> EpisodeId:
        return self.file.episode

    @property
    def scenario(self) -> Scenario:
        return self.file.scenario

    @property
    def chance(self) -> Chance:
        return Chance(self.file.seed)

    def directory(self, name: str) -> Path:
        """A service's own directory, made if it is missing, closed to other users."""
        path = self.root / name
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path


def save_world(file: WorldFile, root: Path) -> World:
    """Write `world.json` into a new world's directory. `FileExistsError` if there is one: an episode starts once."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "world.json").open("xb") as target:
        target.write(orjson.dumps(file.model_dump(mode="json"), option=orjson.OPT_INDENT_2))
    return World(file, root.resolve())


def load_world(root: Path) -> World:
    """Read a world's directory. `FileNotFoundError` or pydantic's `ValidationError` if it is none."""
    return World(WorldFile.model_validate_json((root / "world.json").read_bytes()), root.resolve())
