"""What a world's own process is told to host, and where its handles find it."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from bus.ids import CheckedEpisodeId, new_episode_id
from bus.messages.base import Part
from bus.messages.cloud import Isolation
from bus.scenario import Scenario, WorldSection
from services.world.loading import ScenarioError, load_scenario

ORDER = "order.json"
"""In the run's directory: what was ordered."""
SOCKET = "control.sock"
"""In the run's directory: where handles hold the world."""
POOL_SOCKET = "pool.sock"
"""In a pool's directory: where worlds are leased."""
ORPHAN_S = 600.0
"""Real seconds that a world lives on without any handle: long enough to attach again, too short to pile up."""


class Order(Part):
    """One world to build and host."""

    root: Path
    episode: CheckedEpisodeId
    scenario: Scenario
    seed: int
    isolation: Isolation = "full"
    orphan_s: Annotated[float, Field(gt=0)] = ORPHAN_S
    """Real seconds without a handle after which the world ends, void if it was not over."""
    leaf: str | None = None
    """Secret address of the hub that the world's broker joins."""

    def write(self) -> Path:
        """Put it into the run's new directory, closed to other users; returns the file."""
        self.root.mkdir(parents=True)
        path = self.root / ORDER
        path.touch(mode=0o600)
        path.write_text(self.model_dump_json(), encoding="utf-8")
        return path


def new_order(runs: Path, scenario: Scenario, seed: int, isolation: Isolation, *, orphan_s: float = ORPHAN_S) -> Order:
    """An order for a world with an id of its own, in a directory below `runs` that is named by it."""
    episode = new_episode_id()
    return Order(
        root=(runs / episode).resolve(), episode=episode, scenario=scenario, seed=seed, isolation=isolation,
        orphan_s=orphan_s,
    )  # fmt: skip


def scenario_of(given: str | Scenario, days: int | None = None) -> Scenario:
    """A scenario from what a trainer says. `ScenarioError` tells what is wrong with the name or the days."""
    chosen = load_scenario(given) if isinstance(given, str) else given
    if days is None:
        return chosen
    try:
        section = WorldSection.model_validate(chosen.world.model_dump() | {"days": days})
    except ValidationError as error:
        raise ScenarioError(f"days: {error.errors()[0]['msg']}, got {days!r}") from error
    return chosen.model_copy(update={"world": section})


class Started(Part):
    """A world's first line: it can be played, or why not."""

    pid: int
    error: str | None = None
