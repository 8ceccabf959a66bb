"""Events as a bus would deliver them, for tests: numbered by family, in one episode."""

from dataclasses import dataclass, field

from bus.ids import EpisodeId
from bus.messages.base import Delivered, Envelope, Event
from bus.simtime import HOUR, SimTime
from tui.state import Business, reduce

EPISODE = EpisodeId("e_aaaabbbbcccc")


@dataclass
class Teller:
    """Gives events their envelopes."""

    episode: EpisodeId = EPISODE
    positions: dict[str, int] = field(default_factory=dict)

    def tell(self, event: Event, at: int = 0) -> Delivered:
        """`event`, said at `at` milliseconds."""
        family = event.family()
        seq = self.positions[family] = self.positions.get(family, 0) + 1
        envelope = Envelope(id=f"{family}-{seq}", episode=self.episode, sim_time=SimTime(at), seq=seq)
        return Delivered(envelope, event)


def after(*events: Event, hour: int = 0) -> Business:
    """An unknown business after some events, all said in the same hour."""
    teller, business = Teller(), Business()
    for event in events:
        business = reduce(business, teller.tell(event, hour * HOUR))
    return business
