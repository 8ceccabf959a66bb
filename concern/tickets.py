"""`concern tickets`: the threads of a run as a person would read them, from its journal."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bus.messages.base import Delivered
from bus.messages.desk import TicketClosed, TicketMessage, TicketOpened, TicketReopened
from bus.simtime import SimTime, calendar

WIDTH = 96
MARGIN = "    "


@dataclass(frozen=True)
class Note:
    """Something that somebody wrote, or that became of the ticket."""

    at: SimTime
    who: str
    text: str


@dataclass
class Thread:
    """One ticket."""

    ticket: str
    customer: str
    subject: str
    topic: str
    notes: list[Note] = field(default_factory=list[Note])
    closed: bool = False


def threads_of(events: Iterable[Delivered]) -> list[Thread]:
    """All threads of a journal, in the order in which they were opened."""
    found: dict[str, Thread] = {}
    for delivered in events:
        now = delivered.envelope.sim_time
        match delivered.event:
            case TicketOpened() as opened:
                thread = Thread(opened.ticket, opened.customer_name, opened.subject, opened.topic)
                thread.notes.append(Note(opened.at, opened.customer_name, opened.body))
                found[opened.ticket] = thread
            case TicketMessage() as message if message.ticket in found:
                thread = found[message.ticket]
                who = thread.customer if message.author == "customer" else "the company"
                thread.notes.append(Note(now, who, message.body))
            case TicketReopened() as again if again.ticket in found:
                found[again.ticket].notes.append(
                    Note(now, "", "open again" if again.times == 1 else f"open again, {again.times} times by now")
                )
            case TicketClosed() as closed if closed.ticket in found:
                found[closed.ticket].closed = True
                found[closed.ticket].notes.append(Note(now, "", _after(closed.hours_open)))
            case _:
                pass
    return list(found.values())


def _after(hours: float) -> str:
    count = round(hours)
    return f"solved after {count} hour{'' if count == 1 else 's'}"


def spread(threads: Sequence[Thread], most: int) -> list[Thread]:
    """At most so many of them, at equal steps from the first one on."""
    count = min(most, len(threads))
    return [threads[number * len(threads) // count] for number in range(count)]


def told(threads: Iterable[Thread], start: datetime) -> Iterator[str]:
    """Lines for people; `start` is the calendar's first moment."""
    for thread in threads:
        yield f"{thread.ticket}  {thread.topic}: {thread.subject}  ({'solved' if thread.closed else 'open'})"
        for note in thread.notes:
            when = f"{calendar(start, note.at):%a %d %b %H:%M}"
            if not note.who:
                yield f"  {when}  -- {note.text} --"
                continue
            yield f"  {when}  {note.who}:"
            for line in note.text.splitlines():
                yield from textwrap.wrap(line, WIDTH, initial_indent=MARGIN, subsequent_indent=MARGIN) or [""]
        yield ""
