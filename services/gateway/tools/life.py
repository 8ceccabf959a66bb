"""Tools over the operator's own time and memory."""

from typing import Annotated

from pydantic import Field

from bus.messages.base import Part, Refused
from bus.simtime import HOUR, SimTime
from services.gateway.model import WakeOn
from services.gateway.registry import AnyTool, Arguments, Hand, Tool


class NotesArguments(Arguments):
    text: Annotated[str | None, Field(max_length=100_000, description="What to write; null: only read")] = None
    append: Annotated[bool, Field(description="Add to the notes instead of replacing them")] = True


class WaitArguments(Arguments):
    hours: Annotated[float | None, Field(gt=0, le=24 * 365, description="How long, in simulated hours")] = None
    until: Annotated[
        int | None, Field(ge=0, description="Until when: simulated milliseconds, as ready_at and sim_time")
    ] = None
    wake_on: Annotated[
        tuple[WakeOn, ...], Field(max_length=2, description="Return earlier for an alert, or for a customer's message")
    ] = ()

    def until_moment(self, now: SimTime) -> SimTime | None:
        """When the wait ends at the latest: the earlier moment, if both are given."""
        moments = [SimTime(now + round(self.hours * HOUR))] if self.hours is not None else []
        moments += [SimTime(self.until)] if self.until is not None else []
        return min(moments, default=None)


class Waiting(Part):
    """What the operator waits for; the gateway then ends the turn."""

    until: SimTime | None
    wake_on: tuple[WakeOn, ...]


async def notes(hand: Hand, given: NotesArguments) -> Part | Refused:
    if given.text is None:
        return await hand.sandbox().read_notes()
    return await hand.sandbox().write_notes(given.text, append=given.append)


async def wait(hand: Hand, given: WaitArguments) -> Part | Refused:
    return Waiting(until=given.until_moment(hand.at), wake_on=given.wake_on)


TOOLS: tuple[AnyTool, ...] = (
    Tool(
        "wait",
        "End your work for now and let time pass: for some hours, until a moment, or until an alert or a customer's "
        "message, whichever comes first; without arguments, until the next hour. Answers with what woke you, sim_time "
        "(milliseconds since the beginning), open alerts and the news. Every other call takes about a simulated minute; "
        'days pass only by waiting. Example: {"hours": 12, "wake_on": ["alert", "inbox"]}. If it answers waiting or '
        "not_yet, nothing has come so far: call wait again.",
        WaitArguments,
        wait,
        free=True,
    ),
    Tool(
        "notes",
        "Your own notes, for what you must not forget: read them, add to them, or replace them (append false). At most "
        '100,000 characters at once. Example: {"text": "Deployed the search fix on day 3; watch memory."}. They are the '
        "file /home/operator/notes.md, outside the repository, and nobody else reads them.",
        NotesArguments,
        notes,
    ),
)
