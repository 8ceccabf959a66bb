"""The desk's service: hears what customers write, and serves the company's inbox."""

from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskStatus
from sqlalchemy import Connection

from bus.codec import RequestHead
from bus.context import Context, Step
from bus.ids import derive_id
from bus.messages.base import Delivered, Done, Event, Refused
from bus.messages.desk import (
    Announce,
    Announced,
    Inbox,
    InboxPage,
    PostStatus,
    ReadTicket,
    Reply,
    StatusPosted,
    TicketClosed,
    TicketMessage,
    TicketOpened,
    TicketReopened,
    TicketThread,
)
from bus.messages.users import CustomerJoined, CustomersInherited, TicketAsked, TicketChecked, TicketSaid
from bus.service import Service
from bus.simtime import SimTime
from services.desk.model import Change, DuplicateTicket, Tickets, UnknownTicket
from services.desk.store import DeskStore
from services.desk.text import MAX_COMPANY_BODY, MAX_SUBJECT, one_line, plain

_WRITTEN = (CustomersInherited, CustomerJoined, TicketAsked, TicketSaid, TicketChecked)
MAX_PAGE = 100
"""Most tickets on one page of the inbox."""


@dataclass
class Desk:
    """The tickets of one world, their record, and the context to speak through."""

    ctx: Context
    store: DeskStore
    tickets: Tickets = field(default_factory=Tickets)
    posts: int = 0

    async def hear(self, step: Step) -> None:
        """Everything that customers wrote in a tick, in order, as one transaction."""
        written = [delivered for delivered in step.messages if isinstance(delivered.event, _WRITTEN)]
        if written:
            with self.store.engine.begin() as connection:
                for delivered in written:
                    if self.store.outbox.first_time(connection, delivered.envelope.id):
                        self._take(connection, delivered, step.now)
        await self.store.outbox.publish_pending(self.ctx)

    def _take(self, connection: Connection, delivered: Delivered, now: SimTime) -> None:
        event = delivered.event
        if isinstance(event, CustomersInherited):
            self.tickets.names.update(zip(event.customer, map(one_line, event.name), strict=True))
        elif isinstance(event, CustomerJoined):
            self.tickets.names[event.customer] = one_line(event.name)
        else:
            try:
                change = self._change(event, now)
            except (UnknownTicket, DuplicateTicket) as error:
                self.ctx.log.warning("a message fits no ticket", message_id=delivered.envelope.id, problem=repr(error))
                return
            if change:
                self.store.save(connection, change, delivered.envelope.id)

    def _change(self, event: Event, now: SimTime) -> Change | None:
        if isinstance(event, TicketAsked):
            return self.tickets.asked(event)
        if isinstance(event, TicketSaid):
            return self.tickets.said(event, now)
        if isinstance(event, TicketChecked):
            return self.tickets.checked(event, now)
        return None

    async def on_inbox(self, head: RequestHead, command: Inbox) -> InboxPage | Refused:
        if not 1 <= command.limit <= MAX_PAGE:
            return Refused(code="bad_limit", detail=f"limit is {command.limit}; give 1 to {MAX_PAGE}")
        return self.tickets.page(command.cursor, command.limit, command.state)

    async def on_ticket(self, head: RequestHead, command: ReadTicket) -> TicketThread | Refused:
        try:
            return self.tickets.ticket(command.ticket).whole()
        except UnknownTicket:
            return _no_ticket(command.ticket)

    async def on_reply(self, head: RequestHead, command: Reply) -> TicketThread | Refused:
        body = plain(command.body).strip()
        refusal = _fits("body", body, MAX_COMPANY_BODY)
        if refusal:
            return refusal
        try:
            change = self.tickets.replied(command.ticket, body, self.ctx.now)
        except UnknownTicket:
            return _no_ticket(command.ticket)
        with self.store.engine.begin() as connection:
            self.store.save(connection, change, command.action)
        await self.store.outbox.publish_pending(self.ctx)
        return change.ticket.whole()

    async def on_post_status(self, head: RequestHead, command: PostStatus) -> Done | Refused:
        title, body = one_line(command.title, MAX_COMPANY_BODY), plain(command.body).strip()
        refusal = _fits("title", title, MAX_SUBJECT) or _fits("body", body, MAX_COMPANY_BODY)
        if refusal:
            return refusal
        posted = StatusPosted(post=self._post_id(), state=command.state, title=title, body=body)
        return await self._post(posted, command.action)

    async def on_announce(self, head: RequestHead, command: Announce) -> Done | Refused:
        subject, body = one_line(command.subject, MAX_COMPANY_BODY), plain(command.body).strip()
        refusal = _fits("subject", subject, MAX_SUBJECT) or _fits("body", body, MAX_COMPANY_BODY)
        if refusal:
            return refusal
        return await self._post(Announced(post=self._post_id(), subject=subject, body=body), command.action)

    def _post_id(self) -> str:
        self.posts += 1
        return derive_id("p", "desk", self.posts)

    async def _post(self, post: StatusPosted | Announced, action: str | None) -> Done:
        with self.store.engine.begin() as connection:
            self.store.post(connection, post, action)
        await self.store.outbox.publish_pending(self.ctx)
        return Done()


def _no_ticket(ticket: str) -> Refused:
    return Refused(code="no_ticket", detail=f"there is no ticket {ticket[:80]!r}; the inbox lists those there are")


def _fits(name: str, text: str, length: int) -> Refused | None:
    if not text:
        return Refused(code="empty", detail=f"{name} is empty: write what the customer is to read")
    if len(text) > length:
        return Refused(code="too_long", detail=f"{name} has {len(text)} characters; at most {length} are sent")
    return None


async def run(ctx: Context, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
    """The desk's life: until the episode is over."""
    store = DeskStore(ctx.world.directory("desk") / "desk.db")
    desk = Desk(ctx, store)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(
                ctx.serve,
                {
                    Inbox: desk.on_inbox,
                    ReadTicket: desk.on_ticket,
                    Reply: desk.on_reply,
                    PostStatus: desk.on_post_status,
                    Announce: desk.on_announce,
                },
            )
            task_status.started()
            async for step in ctx.steps():
                await desk.hear(step)
            tasks.cancel_scope.cancel()
    finally:
        store.engine.dispose()


service = Service(
    name="desk",
    run=run,
    publishes=(TicketOpened, TicketMessage, TicketReopened, TicketClosed, StatusPosted, Announced),
    subscribes=("users",),
    serves=(Inbox, ReadTicket, Reply, PostStatus, Announce),
)
