"""The viewer on a bus: it hears every public family from the start, however late it comes."""

import anyio
import pytest
from made_up_business import made_up
from told import EPISODE

from bus import codec
from bus.context import open_context
from bus.messages import PUBLIC_FAMILIES
from bus.subjects import event_subject
from bus.transport.memory import MemoryBroker, MemoryTransport
from bus.transport.protocol import BusError
from bus.world import World
from tui.feed import listening
from tui.state import Business, reduce
from tui.viewer import viewer

pytestmark = pytest.mark.anyio


class OnlyAnEpisode(World):
    """A world of which the viewer needs no more than the episode's id."""

    @property
    def episode(self):
        return EPISODE


def world(tmp_path):
    return OnlyAnEpisode(file=None, root=tmp_path)


async def say(transport, delivered):
    envelope, event = delivered.envelope, delivered.event
    data = codec.encode_event(envelope, event)
    await transport.publish(event_subject(EPISODE, type(event)), data, message_id=envelope.id)


def test_the_declaration_only_reads():
    assert viewer.account == "VIEW"
    assert not viewer.participant
    assert viewer.subscribes == PUBLIC_FAMILIES
    assert not viewer.publishes
    assert not viewer.asks


async def test_a_late_viewer_hears_each_family_from_its_start(tmp_path):
    broker, events = MemoryBroker(), made_up(2)
    speaker = MemoryTransport(broker, "everyone")
    early, late = events[:400], events[400:]
    for delivered in early:
        await say(speaker, delivered)
    business, heard_of = Business(), len(events) - _unheard(early, late)
    with anyio.fail_after(30):
        async with open_context(viewer, world(tmp_path), MemoryTransport(broker, "viewer")) as ctx:
            async with listening(ctx) as source:
                for delivered in late:
                    await say(speaker, delivered)
                while business.heard < heard_of:
                    business = reduce(business, await anext(source))
    assert business.over
    assert business.rewards.whole
    assert business.rewards.over.sum == business.rewards.total


def _unheard(early, late):
    """Events of families in which nothing more was said after the viewer came: nothing tells it of them."""
    alive = {delivered.event.family() for delivered in late}
    return sum(delivered.event.family() not in alive for delivered in early)


async def test_a_broken_bus_is_told_to_who_reads(tmp_path):
    class Broken(MemoryTransport):
        async def fetch(self, family, seq):
            raise BusError("the stream is gone")

    broker, events = MemoryBroker(), made_up(1)
    speaker = MemoryTransport(broker, "everyone")
    await say(speaker, events[0])
    with anyio.fail_after(30):
        async with open_context(viewer, world(tmp_path), Broken(broker, "viewer")) as ctx:
            async with listening(ctx) as source:
                for delivered in events[1:]:
                    await say(speaker, delivered)
                with pytest.raises(BusError, match="gone"):
                    async for _ in source:
                        pass
