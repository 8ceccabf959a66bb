"""Tools over the operator's own time and memory."""

from typing import Annotated

from pydantic import Field

from bus.messages.base import Part, Refused
from bus.simtime import HOUR, SimTime
from services.gateway.model import WakeOn
from services.gateway.registry import AnyTool, Arguments, Hand, Tool


class NotesArguments(Arguments):
    text: Annotated[str | None, Field(max_length=100_000, description="None: only read")] = None
    append: Annotated[bool, Field(description="Add to the notes instead of replacing them")] = True


class WaitArguments(Arguments):
    hours: Annotated[float | None, Field(gt=0, le=24 * 365, description="How long, in simulated hours")] = None
    until: Annotated[
        int | None, Field(ge=0, description="Until when: simulated milliseconds, as ready_at and sim_time")
    ] = None
    wake_on: Annotated[tuple[WakeOn, ...], Field(max_length=2)] = ()

    def until_moment(self, now: SimTime) -> SimTime | None:
        """When the wait ends at the latest: the earlier moment, if both are given."""
        moments = [SimTime(now + round(self.hours * HOUR))] if self.hours is not None else []
        moments += [SimTime(self.until)] if self.until is not None else []
        return min(moments, default=None)


class Waiting(Part):
    """What the operator waits for; the gateway then ends the turn."""

    until: SimTime | None
    wake_on: tuple[WakeOn, ...]


class MoreArguments(Arguments):
    answer: Annotated[str, Field(min_length=1, max_length=100, description="As named in the first page")]
    page: Annotated[int, Field(ge=1)]


async def notes(hand: Hand, given: NotesArguments) -> Part | Refused:
    if given.text is None:
        return await hand.sandbox().read_notes()
    return await hand.sandbox().write_notes(given.text, append=given.append)


async def wait(hand: Hand, given: WaitArguments) -> Part | Refused:
    return Waiting(until=given.until_moment(hand.at), wake_on=given.wake_on)


async def more(hand: Hand, given: MoreArguments) -> Part | Refused:
    return hand.pages.page(given.answer, given.page)


TOOLS: tuple[AnyTool, ...] = (
    Tool(
        "wait",
        "Let time pass: until a time, an alert or an inbox message, whichever comes first; without arguments, until the "
        "next hour. Answers with what woke you, open alerts and the news. If it says that you still wait, call it again.",
        WaitArguments,
        wait,
        free=True,
    ),
    Tool(
        "notes",
        "Read your notes, or write to them. They are in /home/operator/notes.md, outside the repository.",
        NotesArguments,
        notes,
    ),
    Tool("more", "The next page of a long answer.", MoreArguments, more),
)
