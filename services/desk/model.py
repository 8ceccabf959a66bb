"""Tickets as pure decisions: what each message makes of a ticket, and which events tell it.

    open -- reply --> answered -- requester finds it solved --> solved
      ^                  |                                         |
      +-- re-check fails, or the requester writes again -----------+

Only the requester's own look makes a ticket solved; nothing that the company says does.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bus.messages.base import Event
from bus.messages.desk import (
    InboxPage,
    Note,
    TicketClosed,
    TicketMessage,
    TicketOpened,
    TicketReopened,
    TicketState,
    TicketSummary,
    TicketThread,
)
from bus.messages.users import TicketAsked, TicketChecked, TicketSaid
from bus.simtime import HOUR, SimTime
from services.desk.text import MAX_CUSTOMER_BODY, capped, one_line


class UnknownTicket(LookupError):
    """No ticket has that id."""


class DuplicateTicket(ValueError):
    """A ticket of that id is already there."""


@dataclass(frozen=True)
class Ticket:
    """One conversation."""

    ticket: str
    customer: str
    customer_name: str
    topic: str
    subject: str
    opened_at: SimTime
    updated_at: SimTime
    thread: tuple[Note, ...]
    state: TicketState = "open"
    reopened: int = 0
    cursor: int = 0
    """Position of the last change among the changes of all tickets."""

    def summary(self) -> TicketSummary:
        """The ticket's line in the inbox."""
        return TicketSummary(
            ticket=self.ticket,
            customer=self.customer,
            customer_name=self.customer_name,
            topic=self.topic,
            subject=self.subject,
            state=self.state,
            opened_at=self.opened_at,
            updated_at=self.updated_at,
            messages=len(self.thread),
            reopened=self.reopened,
            cursor=self.cursor,
        )

    def whole(self) -> TicketThread:
        """The ticket with everything that was written."""
        return TicketThread(summary=self.summary(), thread=self.thread)

    def noted(self, note: Note, state: TicketState) -> "Ticket":
        """The ticket with one more message, in a new state."""
        return replace(self, thread=(*self.thread, note), state=state, updated_at=max(self.updated_at, note.at))


@dataclass(frozen=True)
class Change:
    """A ticket after a change, and what is to be said about it."""

    ticket: Ticket
    events: tuple[Event, ...]


@dataclass
class Tickets:
    """All tickets, and the order of their last changes."""

    by_id: dict[str, Ticket] = field(default_factory=dict[str, Ticket])
    names: dict[str, str] = field(default_factory=dict[str, str])
    """Customer's name by id, as customers gave it when they came."""
    changes: int = 0

    def ticket(self, ticket: str) -> Ticket:
        """The ticket of that id, or `UnknownTicket`."""
        try:
            return self.by_id[ticket]
        except KeyError:
            raise UnknownTicket(ticket) from None

    def asked(self, event: TicketAsked) -> Change:
        """A customer opens a ticket. `DuplicateTicket` if its id is taken."""
        if event.ticket in self.by_id:
            raise DuplicateTicket(event.ticket)
        body = capped(event.body, MAX_CUSTOMER_BODY)
        made = Ticket(
            ticket=event.ticket,
            customer=event.customer,
            customer_name=self.names.get(event.customer, event.customer),
            topic=event.topic,
            subject=one_line(event.subject),
            opened_at=event.at,
            updated_at=event.at,
            thread=(Note(author="customer", at=event.at, body=body),),
        )
        told = TicketOpened(
            ticket=made.ticket,
            customer=made.customer,
            customer_name=made.customer_name,
            topic=made.topic,
            subject=made.subject,
            body=body,
            at=made.opened_at,
        )
        return self._changed(made, (told,))

    def said(self, event: TicketSaid, at: SimTime) -> Change:
        """A customer goes on: the company is to answer again. `UnknownTicket` if it is another's or none."""
        ticket = self._of(event.ticket, event.customer)
        note = Note(author="customer", at=at, body=capped(event.body, MAX_CUSTOMER_BODY))
        return self._changed(ticket.noted(note, "open"), (_message(ticket, note),))

    def checked(self, event: TicketChecked, at: SimTime) -> Change:
        """The requester looked again. A failed look reopens what the company took for answered."""
        ticket = self._of(event.ticket, event.customer)
        note = Note(author="customer", at=at, body=capped(event.body, MAX_CUSTOMER_BODY))
        events: tuple[Event, ...] = (_message(ticket, note),) if note.body else ()
        state: TicketState = "solved" if event.solved else "open"
        after = ticket.noted(note, state) if note.body else replace(ticket, state=state, updated_at=at)
        if event.solved and ticket.state != "solved":
            hours = (at - ticket.opened_at) / HOUR
            events += (TicketClosed(ticket=ticket.ticket, customer=ticket.customer, hours_open=hours),)
        elif not event.solved and ticket.state != "open":
            after = replace(after, reopened=ticket.reopened + 1)
            events += (TicketReopened(ticket=ticket.ticket, customer=ticket.customer, times=after.reopened),)
        return self._changed(after, events)

    def replied(self, ticket: str, body: str, at: SimTime) -> Change:
        """The company answers: now the requester is to look. A solved ticket stays solved. `UnknownTicket` if none."""
        before = self.ticket(ticket)
        note = Note(author="company", at=at, body=body)
        state: TicketState = "solved" if before.state == "solved" else "answered"
        return self._changed(before.noted(note, state), (_message(before, note),))

    def page(self, cursor: int, limit: int, state: TicketState | None) -> InboxPage:
        """Tickets that changed after a cursor, oldest change first."""
        later = [one for one in self._in_order() if one.cursor > cursor and state in (None, one.state)]
        shown = later[:limit]
        return InboxPage(
            tickets=tuple(one.summary() for one in shown),
            next_cursor=shown[-1].cursor if shown else cursor,
            open=sum(one.state == "open" for one in self.by_id.values()),
        )

    def keep(self, ticket: Ticket) -> None:
        """Take a ticket as it is now."""
        self.by_id[ticket.ticket] = ticket
        self.changes = max(self.changes, ticket.cursor)

    def _in_order(self) -> Iterable[Ticket]:
        return sorted(self.by_id.values(), key=lambda one: one.cursor)

    def _of(self, ticket: str, customer: str) -> Ticket:
        found = self.ticket(ticket)
        if found.customer != customer:
            raise UnknownTicket(f"{ticket} is not a ticket of {customer}")
        return found

    def _changed(self, ticket: Ticket, events: tuple[Event, ...]) -> Change:
        self.keep(replace(ticket, cursor=self.changes + 1))
        return Change(self.by_id[ticket.ticket], events)


def _message(ticket: Ticket, note: Note) -> TicketMessage:
    return TicketMessage(ticket=ticket.ticket, customer=ticket.customer, author=note.author, body=note.body)
