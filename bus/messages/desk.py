"""The support desk: tickets with threads, and the company's public status page. Owner: desk."""

from typing import Literal

from bus.messages.base import Command, Done, Event, Part
from bus.simtime import SimTime

TicketState = Literal["open", "answered", "solved"]
"""`open` waits for the company, `answered` for the requester, whose re-check alone makes it `solved`."""


class TicketOpened(Event):
    type: Literal["desk.ticket.opened/1"] = "desk.ticket.opened/1"
    ticket: str
    customer: str
    customer_name: str
    topic: str
    subject: str
    body: str
    at: SimTime


class TicketMessage(Event):
    """A new message in a thread."""

    type: Literal["desk.ticket.message/1"] = "desk.ticket.message/1"
    ticket: str
    customer: str
    author: Literal["customer", "company"]
    body: str


class TicketReopened(Event):
    """The requester's re-check failed after an answer."""

    type: Literal["desk.ticket.reopened/1"] = "desk.ticket.reopened/1"
    ticket: str
    customer: str
    times: int


class TicketClosed(Event):
    """The requester found it solved."""

    type: Literal["desk.ticket.closed/1"] = "desk.ticket.closed/1"
    ticket: str
    customer: str
    hours_open: float


class StatusPosted(Event):
    """A public post on the status page."""

    type: Literal["desk.status.posted/1"] = "desk.status.posted/1"
    post: str
    state: Literal["investigating", "identified", "monitoring", "resolved"]
    title: str
    body: str


class Announced(Event):
    """A mail to all customers: a release, a price change with its date, a maintenance window."""

    type: Literal["desk.status.announced/1"] = "desk.status.announced/1"
    post: str
    subject: str
    body: str


class Note(Part):
    """One message of a thread."""

    author: Literal["customer", "company"]
    at: SimTime
    body: str


class TicketSummary(Part):
    ticket: str
    customer: str
    customer_name: str
    topic: str
    subject: str
    state: TicketState
    opened_at: SimTime
    updated_at: SimTime
    messages: int
    reopened: int
    cursor: int
    """Position of its last change in the inbox; ask for what comes after it."""


class TicketThread(Part):
    summary: TicketSummary
    thread: tuple[Note, ...]


class InboxPage(Part):
    tickets: tuple[TicketSummary, ...]
    next_cursor: int
    open: int
    """Tickets that wait for the company, in all."""


class Inbox(Command[InboxPage]):
    """Tickets that changed after `cursor`, oldest change first."""

    type: Literal["desk.inbox/1"] = "desk.inbox/1"
    cursor: int = 0
    limit: int = 25
    state: TicketState | None = None


class ReadTicket(Command[TicketThread]):
    type: Literal["desk.ticket/1"] = "desk.ticket/1"
    ticket: str


class Reply(Command[TicketThread]):
    """Answer the requester. Only the requester's own look makes a ticket solved."""

    type: Literal["desk.reply/1"] = "desk.reply/1"
    ticket: str
    body: str
    action: str | None = None


class PostStatus(Command[Done]):
    type: Literal["desk.post_status/1"] = "desk.post_status/1"
    state: Literal["investigating", "identified", "monitoring", "resolved"]
    title: str
    body: str
    action: str | None = None


class Announce(Command[Done]):
    type: Literal["desk.announce/1"] = "desk.announce/1"
    subject: str
    body: str
    action: str | None = None
