"""What is known of a world before anything happens in it: the header's fixed part."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from bus.messages.cloud import Isolation
from bus.world import WorldFile


@dataclass(frozen=True, slots=True)
class Playbill:
    """Facts of one world. A viewer of a distant bus has no world file: every field may be unknown."""

    title: str = ""
    operator: str = ""
    clock_mode: str = ""
    """`lockstep`, `live`, or `replay x60`: how time passes for who watches."""
    rate: float | None = None
    """Simulated seconds for each real one as the world begins; None for as fast as everybody is done."""
    isolation: Isolation | None = None
    start: datetime | None = None
    """The calendar's first moment, aware."""

    @classmethod
    def of_world(cls, file: WorldFile, *, clock_mode: str | None = None) -> Self:
        """From `world.json`; `clock_mode` says it if time passes otherwise than in the scenario (a replay)."""
        scenario = file.scenario
        return cls(
            title=scenario.world.title or scenario.world.name,
            operator=file.operator,
            clock_mode=clock_mode or scenario.clock.mode,
            rate=scenario.clock.rate if scenario.clock.mode == "live" else None,
            isolation=file.isolation,
            start=scenario.world.start,
        )
