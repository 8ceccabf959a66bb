"""The support desk: tickets by state, and what the company told the public."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bus.messages.base import Event
from bus.messages.desk import (
    Announced,
    StatusPosted,
    TicketClosed,
    TicketMessage,
    TicketOpened,
    TicketReopened,
    TicketState,
)
from bus.simtime import SimTime
from tui.state.bounded import newest_first, with_key, without_key

UNSOLVED_KEPT = 1_000
SOLVED_KEPT = 100
POSTS_KEPT = 50


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket. A viewer who came after it was opened knows neither its subject nor its topic."""

    ticket: str
    customer: str
    state: TicketState
    changed_at: SimTime
    opened_at: SimTime | None = None
    topic: str = ""
    subject: str = ""
    reopened: int = 0


@dataclass(frozen=True, slots=True)
class Post:
    """Something said to all customers."""

    at: SimTime
    state: str
    """`investigating` to `resolved`, or `mail`."""
    title: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Tickets in the order of their last change, oldest first."""

    unsolved: Mapping[str, Ticket] = field(default_factory=dict[str, Ticket])
    solved: tuple[Ticket, ...] = ()
    """Newest first."""
    opened_total: int = 0
    solved_total: int = 0
    forgotten: int = 0
    """Unsolved tickets that fell out of this memory; they still count as open."""
    posts: tuple[Post, ...] = ()
    """Newest first."""

    def count(self, state: TicketState) -> int:
        """How many tickets are in that state now."""
        if state == "solved":
            return self.solved_total
        known = sum(ticket.state == state for ticket in self.unsolved.values())
        return known + (self.forgotten if state == "open" else 0)


def heard(desk: Desk, at: SimTime, event: Event) -> Desk:  # noqa: PLR0911 (one a kind of event)
    """The desk after one more event, said at `at`."""
    match event:
        case TicketOpened():
            ticket = Ticket(event.ticket, event.customer_name, "open", at, event.at, event.topic, event.subject)
            return _put(replace(desk, opened_total=desk.opened_total + 1), ticket)
        case TicketMessage():
            state: TicketState = "answered" if event.author == "company" else "open"
            return _put(desk, replace(_known(desk, event, at), state=state, changed_at=at))
        case TicketReopened():
            ticket = replace(_known(desk, event, at), state="open", changed_at=at, reopened=event.times)
            return _put(desk, ticket)
        case TicketClosed():
            return _closed(desk, replace(_known(desk, event, at), state="solved", changed_at=at))
        case StatusPosted():
            return _posted(desk, Post(at, event.state, event.title))
        case Announced():
            return _posted(desk, Post(at, "mail", event.subject))
        case _:
            return desk


def _known(desk: Desk, event: TicketMessage | TicketReopened | TicketClosed, at: SimTime) -> Ticket:
    found = desk.unsolved.get(event.ticket)
    if found is None:
        found = next((ticket for ticket in desk.solved if ticket.ticket == event.ticket), None)
    return found or Ticket(event.ticket, event.customer, "open", at)


def _put(desk: Desk, ticket: Ticket) -> Desk:
    solved = tuple(other for other in desk.solved if other.ticket != ticket.ticket)
    reopened = len(desk.solved) - len(solved)
    unsolved = with_key(desk.unsolved, ticket.ticket, ticket)
    forgotten = desk.forgotten
    if len(unsolved) > UNSOLVED_KEPT:
        unsolved = without_key(unsolved, next(iter(unsolved)))
        forgotten += 1
    solved_total = desk.solved_total - reopened
    return replace(desk, unsolved=unsolved, solved=solved, solved_total=solved_total, forgotten=forgotten)


def _closed(desk: Desk, ticket: Ticket) -> Desk:
    known = ticket.ticket in desk.unsolved
    return replace(
        desk,
        unsolved=without_key(desk.unsolved, ticket.ticket),
        solved=newest_first(desk.solved, ticket, SOLVED_KEPT),
        solved_total=desk.solved_total + 1,
        forgotten=desk.forgotten if known else max(0, desk.forgotten - 1),
    )


def _posted(desk: Desk, post: Post) -> Desk:
    return replace(desk, posts=newest_first(desk.posts, post, POSTS_KEPT))
