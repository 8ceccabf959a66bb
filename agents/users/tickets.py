"""What customers have asked support, and what they do next. Pure; the desk keeps the threads, this is their memory.

A ticket about a problem is solved when the requester's own look succeeds, a question when it was answered, a claim for
money when the money has come (or, where none was owed, when it was declined). Of the words of an answer three things count:
whether it is about the matter at all, whether it says "fixed", and until when it promises something. Facts decide the rest.
"""

from dataclasses import dataclass, field
from typing import Literal

from agents.users.voices.reading import Promise, Reading
from agents.users.voices.sight import Sight
from bus.messages.users import PainKind
from bus.money import Micros
from bus.simtime import DAY, HOUR, SimTime

Topic = Literal["problem", "billing", "question", "request", "security"]
MOST_OPEN = 2
"""Tickets about problems that one customer has open at a time."""
MOST_REMINDERS = 3
MOST_OBJECTIONS = 2
"""Answers about something else that somebody sends back; after that they take what comes."""
MOST_ANSWERS = 4
"""Questions of the company that somebody answers in one thread."""
CALMED = 0.5
"""What is left of the pain of waiting when the status page tells of the problem."""
TOLD = 0.3
"""What is left of it after an answer, while the thing is still broken."""


@dataclass
class Ticket:
    """One open ticket as the requester sees it."""

    ident: str
    row: int
    topic: Topic
    asked_at: SimTime
    journey: str = ""
    kind: PainKind = "error"
    invoice: str = ""
    amount: Micros = Micros(0)
    owed: bool = False
    """The claimed money is really owed."""
    waiting_since: SimTime | None = None
    """Since when the requester waits for an answer; None after one."""
    answered_at: SimTime | None = None
    """Last answer that the requester has not acted upon."""
    answers: int = 0
    reminders: int = 0
    reopened: int = 0
    looked_at: SimTime = SimTime(0)
    sight: Sight | None = None
    """What the requester saw; None where there was nothing to see."""
    own_words: str = ""
    heard: Reading | None = None
    """The last answer, while the requester has not said anything to it."""
    last: Reading | None = None
    """The last answer."""
    told_fixed: SimTime = SimTime(-1)
    """When the company last said in this thread that it is as it should be."""
    promise: Promise | None = None
    """What the requester waits for, until its date."""
    objections: int = 0
    told: int = 0
    """Questions of the company that were answered."""
    asked_when: bool = False
    """The requester has asked for a date."""
    written: int = 0
    """The requester's messages."""
    used: set[str] = field(default_factory=set[str])
    """Phrases that stand in the thread."""

    def broken(self, now: SimTime) -> Promise | None:
        """The promise whose date has passed."""
        return self.promise if self.promise is not None and self.promise.due <= now else None


@dataclass
class TicketBook:
    """All open tickets."""

    open: dict[str, Ticket] = field(default_factory=dict[str, Ticket])
    asked: int = 0
    """Tickets so far: numbers them."""

    def add(self, ticket: Ticket) -> None:
        """Begin to wait for an answer. Tickets from before the episode have waited, but without pain."""
        ticket.waiting_since = ticket.looked_at = SimTime(max(ticket.asked_at, 0))
        self.open[ticket.ident] = ticket
        self.asked += 1

    def drop(self, ticket: Ticket) -> None:
        """It is over."""
        self.open.pop(ticket.ident, None)

    def may_ask(self, row: int, journey: str) -> bool:
        """Whether a customer would open another ticket, about that journey."""
        own = [ticket for ticket in self.open.values() if ticket.row == row and ticket.topic in ("problem", "security")]
        return len(own) < MOST_OPEN and all(ticket.journey != journey for ticket in own)

    def answered(self, ident: str, at: SimTime, reading: Reading) -> None:
        """The company wrote. What is about something else is no answer: the requester waits on."""
        ticket = self.open.get(ident)
        if ticket is None:
            return
        ticket.heard = ticket.last = reading
        if not reading.fits and ticket.objections < MOST_OBJECTIONS:
            return
        ticket.answered_at, ticket.waiting_since = at, None
        ticket.answers += 1
        if reading.promise is not None or (ticket.promise and ticket.promise.only_word):
            ticket.promise = reading.promise
        if reading.fixed:
            ticket.told_fixed = at

    def waiting_hours(self, ticket: Ticket, now: SimTime, target_hours: float, *, status_posted: bool) -> float:
        """How much of the last hour counts as painful waiting, 0 to 1."""
        if ticket.waiting_since is None:
            return TOLD if ticket.topic in ("problem", "security", "billing") and ticket.answers else 0.0
        if now - ticket.waiting_since <= target_hours * HOUR:
            return 0.0
        return CALMED if status_posted and ticket.topic in ("problem", "security") else 1.0

    def to_look(self, now: SimTime, released_at: SimTime, recheck_days: float) -> list[Ticket]:
        """Tickets about problems that the requester tries again now.

        After an answer: when a release went live or the company said "fixed" since the last look, on the day that it
        promised, or after some time. Without one: at the pace of reminders, for things get well without a word, too.
        """
        found: list[Ticket] = []
        for ticket in self.open.values():
            if ticket.topic not in ("problem", "security"):
                continue
            rested = now - ticket.looked_at >= recheck_days * DAY
            news = max(released_at, ticket.told_fixed)
            renewed = ticket.answered_at is not None and news > ticket.looked_at
            promised = ticket.broken(now) is not None
            if renewed or rested or promised:
                found.append(ticket)
        return sorted(found, key=lambda ticket: ticket.ident)

    def to_remind(self, now: SimTime, after_days: float) -> list[Ticket]:
        """Tickets whose requester writes again because nobody has answered; each reminder takes longer to come."""
        return sorted(
            (
                ticket
                for ticket in self.open.values()
                if ticket.waiting_since is not None
                and ticket.reminders < MOST_REMINDERS
                and now - ticket.waiting_since >= after_days * DAY * (ticket.reminders + 1)
            ),
            key=lambda ticket: ticket.ident,
        )
