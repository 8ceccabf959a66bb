"""A moment of a running business from which others can branch (docs/adr/0012)."""

import os
from pathlib import Path
from typing import Literal

from bus.ids import CheckedEpisodeId
from bus.journal import JOURNAL, comparable_digest, events_until
from bus.messages.base import Part
from bus.messages.cloud import Isolation
from bus.scenario import Scenario
from concern.client.acts import Action


class ForkDiverged(Exception):
    """A branch did not come to the state of its snapshot: what made it differ must be found, not trained on."""


class Snapshot(Part):
    """All that decides the state of a world: scenario, seed, and what its operator has done; and that state's digest."""

    version: Literal[1] = 1
    parent: CheckedEpisodeId
    scenario: Scenario
    seed: int
    isolation: Isolation
    acts: tuple[Action, ...]
    tick: int
    """The hour that was open."""
    events: int
    """Length of the journal at the beginning of that hour."""
    digest: str
    """SHA-256, hex, of the journal until then, without what may differ between equal runs (`bus.journal.UNEQUAL`)."""

    def write(self, path: Path) -> None:
        """Write it to a new file that only its owner may read: arguments of tools may be secrets."""
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            target.write(self.model_dump_json().encode())

    @classmethod
    def read(cls, path: Path) -> "Snapshot":
        """Read what `write` wrote. `OSError`, or pydantic's `ValidationError`."""
        return cls.model_validate_json(path.read_bytes())


def state_at(root: Path, tick: int) -> tuple[int, str]:
    """Length and digest of a world's journal when the operator's phase of a tick opened."""
    path = root / JOURNAL
    events = events_until(path, tick)
    return events, comparable_digest(path, events)
