"""One stage as the service that acts in it sees it."""

from dataclasses import dataclass

from bus.messages.base import Delivered
from bus.simtime import SimTime


@dataclass(frozen=True, slots=True)
class Step:
    """One stage in which this service acts; asking for the next step says that this one is done."""

    tick: int
    stage: int
    phase: str
    now: SimTime
    """First moment of the tick."""
    closing: bool
    messages: tuple[Delivered, ...]
    """Everything heard since the last step, ordered by family and position."""
